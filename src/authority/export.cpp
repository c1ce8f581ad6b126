// SPDX-License-Identifier: ISC
// What an authority gives away, packed for transport.
#include <algorithm>

#include "authority/archive.h"
#include "authority/authority.h"
#include "authority/place.h"

namespace iked::authority {
namespace {

constexpr unsigned for_all = 0644, for_keeper = 0640, for_owner = 0600;

/// ':' means a host, a drive or a device to the programs of other systems.
std::string file_name(const std::string& host, const char* ending) {
  std::string name = host;
  std::ranges::replace(name, ':', '_');
  return name + ending;
}

/// Whatever is in it, it is for nobody else to read.
Outcome<void> write_export(const std::string& path, SecretBytes content, const Operator& user) {
  std::vector<Placement> files;
  files.push_back({.path = path, .content = std::move(content), .mode = {.mode = for_owner}});
  if (auto placed = place(files, user); !placed) return placed;
  user.say(fmt::format("exported files in {}", path));
  return {};
}

/// None if there shall be none, or if it is empty and may be.
Outcome<std::optional<Passphrase>> export_passphrase(const Operator& user, bool optional) {
  if (!user.has_passphrase && optional) return std::nullopt;
  const char* prompt =
      optional ? "Export passphrase (empty: no PKCS#12 in the archive)" : "Export passphrase";
  auto given = user.passphrase(prompt, true);
  if (!given) return pass(given);
  if (!given->empty()) return std::optional(std::move(*given));
  if (optional) return std::nullopt;
  return fail("password not set: the PKCS#12 file needs a passphrase, for it has a private key");
}

Outcome<void> add_pkcs12(Archive& archive, const std::string& path, const Pkcs12Content& content,
                         const Passphrase& passphrase, Pkcs12Strength strength) {
  const auto store = to_pkcs12(content, passphrase, strength);
  if (!store) return std::unexpected(store.error());
  archive.add(path, store->reveal(), for_owner);
  return {};
}

void add_authority(Archive& archive, const Certificate& own, const RevocationList* list) {
  archive.add_directory("ca", 0755);
  archive.add("ca/ca.crt", own.pem(), for_all);
  archive.add_directory("crls", 0755);
  if (list != nullptr) archive.add("crls/ca.crl", list->pem(), for_all);
}

}  // namespace

Outcome<void> Authority::export_authority(const ExportTerms& terms, const Operator& user) {
  const auto own = certificate("ca.crt");
  if (!own) return std::unexpected(own.error());
  const auto current = list();
  if (!current) return std::unexpected(current.error());
  const auto passphrase = export_passphrase(user, true);
  if (!passphrase) return std::unexpected(passphrase.error());
  Archive archive(user.now);
  add_authority(archive, *own, *current ? &**current : nullptr);
  archive.add_directory("export", 0700);
  if (*passphrase) {
    auto added = add_pkcs12(archive, "export/ca.pfx", {.authority = *own, .friendly_name = name_},
                            **passphrase, terms.strength);
    if (!added) return added;
  }
  if (!terms.peer.empty()) archive.add("export/peer.txt", as_bytes(terms.peer + "\n"), for_all);
  return write_export(terms.folder + "/ca.tgz", archive.finish(), user);
}

Outcome<void> Authority::export_certificate(const Host& host, const ExportTerms& terms,
                                            const Operator& user) {
  const auto own = certificate("ca.crt");
  if (!own) return std::unexpected(own.error());
  const auto current = list();
  if (!current) return std::unexpected(current.error());
  const auto found = identity(host);
  if (!found) return std::unexpected(found.error());
  const bool only_pkcs12 = terms.format == ExportFormat::pkcs12;
  const auto passphrase = export_passphrase(user, !only_pkcs12);
  if (!passphrase) return std::unexpected(passphrase.error());
  const Pkcs12Content all{.key = &found->key,
                          .certificate = &found->certificate,
                          .authority = *own,
                          .friendly_name = host.text()};
  if (only_pkcs12) {
    auto store = to_pkcs12(all, **passphrase, terms.strength);
    if (!store) return pass(store);
    const std::string path = terms.folder + "/" + file_name(host.text(), ".p12");
    return write_export(path, std::move(*store), user);
  }
  Archive archive(user.now);
  add_authority(archive, *own, *current ? &**current : nullptr);
  archive.add_directory("certs", 0755);
  archive.add("certs/" + host.text() + ".crt", found->certificate.pem(), for_all);
  archive.add("local.pub", found->key.public_pem(), for_all);
  archive.set_group(keeper_group);
  archive.add_directory("private", 0750);
  archive.add("private/" + host.text() + ".key", found->key_pem.reveal(), for_keeper);
  archive.add("private/local.key", found->key_pem.reveal(), for_keeper);
  archive.set_group("");
  archive.add_directory("export", 0700);
  if (*passphrase) {
    const Pkcs12Content no_key{.authority = *own, .friendly_name = name_};
    const std::string path = "export/" + file_name(host.text(), ".pfx");
    auto added = add_pkcs12(archive, path, all, **passphrase, terms.strength);
    if (added) added = add_pkcs12(archive, "export/ca.pfx", no_key, **passphrase, terms.strength);
    if (!added) return added;
  } else {
    user.say("without a passphrase there is no PKCS#12 file in the archive");
  }
  if (!terms.peer.empty()) archive.add("export/peer.txt", as_bytes(terms.peer + "\n"), for_all);
  const std::string path = terms.folder + "/" + file_name(host.text(), ".tgz");
  return write_export(path, archive.finish(), user);
}

}  // namespace iked::authority
