// SPDX-License-Identifier: ISC
#include "keeper/key_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/descriptor.h"
#include "crypto/pem.h"
#include "keeper/checked_files.h"
#include "pki/own_certificates.h"

namespace iked::keeper {
namespace {

struct DirectoryClose {
  void operator()(DIR* directory) const { closedir(directory); }
};

class Reader {
 public:
  explicit Reader(const std::string& folder) { files_.credentials.folder = folder; }

  KeyFiles read(bool partial_chain) {
    read_own_key();
    read_pinned("ipv4", IdType::IPV4_ADDR);
    read_pinned("ipv6", IdType::IPV6_ADDR);
    read_pinned("fqdn", IdType::FQDN);
    read_pinned("ufqdn", IdType::RFC822_ADDR);
    Credentials& found = files_.credentials;
    read_certificates("ca", "CERTIFICATE", found.authorities);
    read_certificates("crls", "X509 CRL", found.crls);
    std::vector<NamedDer> certificates;
    read_certificates("certs", "CERTIFICATE", certificates);
    for (pki::Fault& fault : pki::describe_certificates(found, certificates, partial_chain)) {
      warn(fault.file, "is not used: " + fault.text);
    }
    return std::move(files_);
  }

 private:
  std::string path(const std::string& name) const { return files_.credentials.folder + "/" + name; }

  void warn(const std::string& file, std::string text) {
    files_.diagnostics.push_back({Severity::warning, std::move(text), file});
  }

  void read_own_key() {
    const std::string file = path("private/local.key");
    if (access(file.c_str(), F_OK) != 0 && errno == ENOENT) return;
    CheckedFiles checked;
    const Result<conf::FileText> text = checked.read(file);
    if (!text) return warn(file, "the private key is not used: " + text.error().text);
    Result<crypto::PrivateKey> key =
        crypto::PrivateKey::parse_pem(SecretBytes(as_bytes(text->text)));
    if (!key) return warn(file, "the private key is not used: " + key.error().text);
    files_.credentials.own_kind = key->public_key().kind();
    files_.credentials.own_key = key->public_key().spki();
    files_.own = std::move(*key);
  }

  /// The regular files of a folder, by name. Those with a dot in front are others' business.
  std::vector<std::string> list(const std::string& folder) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, DirectoryClose> directory(opendir(folder.c_str()));
    if (directory == nullptr) {
      if (errno != ENOENT) warn(folder, fmt::format("cannot be read: {}", strerror(errno)));
      return names;
    }
    while (const dirent* entry = readdir(directory.get())) {
      if (entry->d_name[0] == '.') continue;
      if (names.size() == KeyFiles::most_files) {
        warn(folder, fmt::format("has more than {} files: the others are not used", names.size()));
        break;
      }
      names.emplace_back(entry->d_name);
    }
    std::ranges::sort(names);
    return names;
  }

  /// Public, so anybody may read it, but not write.
  Result<Bytes> read_public(const std::string& file) {
    const Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat status {};
    if (!opened || fstat(opened.get(), &status) != 0) {
      return fail("cannot be opened: {}", strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) return fail("is not a regular file");
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
      return fail("others may write to it; 'chmod go-w {}' mends it", file);
    }
    if (static_cast<size_t>(status.st_size) > KeyFiles::largest_file) return fail("is too large");
    Bytes content(static_cast<size_t>(status.st_size));
    size_t have = 0;
    while (have < content.size()) {
      const ssize_t got = ::read(opened.get(), content.data() + have, content.size() - have);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    content.resize(have);
    return content;
  }

  void read_pinned(const std::string& kind, IdType type) {
    const std::string folder = path("pubkeys/" + kind);
    for (const std::string& name : list(folder)) {
      const std::string file = folder + "/" + name;
      const Result<Identity> identity = Identity::parse(name);
      if (!identity || identity->type != type) {
        warn(file, fmt::format("is not used: the name is no ID of this kind ({})", kind));
        continue;
      }
      const Result<Bytes> content = read_public(file);
      if (!content) {
        warn(file, "is not used: " + content.error().text);
        continue;
      }
      const Result<crypto::PublicKey> key = crypto::PublicKey::parse_pem(as_text(*content));
      if (!key) {
        warn(file, "is not used: " + key.error().text);
        continue;
      }
      files_.credentials.pinned.push_back({file, *identity, key->spki()});
    }
  }

  void read_certificates(const std::string& kind, std::string_view label,
                         std::vector<NamedDer>& into) {
    const std::string folder = path(kind);
    for (const std::string& name : list(folder)) {
      const std::string file = folder + "/" + name;
      const Result<Bytes> content = read_public(file);
      if (!content) {
        warn(file, "is not used: " + content.error().text);
        continue;
      }
      bool any = false;
      for (crypto::PemBlock& block : crypto::parse_pem_blocks(*content)) {
        if (!block.label.empty() && block.label != label) continue;
        into.push_back({file, std::move(block.der)});
        any = true;
      }
      if (!any) warn(file, fmt::format("is not used: there is no '{}' in it", label));
    }
  }

  KeyFiles files_;
};

}  // namespace

KeyFiles read_key_files(const std::string& folder, bool partial_chain) {
  return Reader(folder).read(partial_chain);
}

}  // namespace iked::keeper
