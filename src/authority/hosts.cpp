// SPDX-License-Identifier: ISC
// What an authority does for hosts: keys, certificates, revocation.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "authority/authority.h"
#include "authority/files.h"

namespace iked::authority {
namespace {

using Kind = Failure::Kind;

constexpr FileMode for_all{.mode = 0644};
constexpr FileMode for_owner{.mode = 0600};

/// OpenIKED: the host "local" is this one, and its certificate says how it is called.
Outcome<Host> real_name(const Host& host) {
  if (host.text() != "local") return host;
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  auto real = Host::parse(name.data());
  if (!real) return fail("the host name of this machine cannot be used: {}", real.error().text);
  return real;
}

Outcome<void> write_new_key(const std::string& path, const PrivateKey& key, Existing existing) {
  const auto pem = key.to_pem();
  if (!pem) return std::unexpected(pem.error());
  return write_file(path, pem->reveal(), for_owner, existing);
}

}  // namespace

Outcome<SecretBytes> Authority::host_key_pem(const Host& host) const {
  if (!exists(key_file(host))) {
    return fail_as(Kind::not_found,
                   "key for '{0}' does not exist in {1}; create it with: ikectl ca {2} key {0} "
                   "create",
                   host.text(), file("private"), name_);
  }
  return read_secret_file(key_file(host));
}

Outcome<Authority::Identity> Authority::identity(const Host& host) const {
  if (!exists(certificate_file(host))) {
    return fail_as(Kind::not_found,
                   "certificate for '{0}' does not exist in {1}; create it with: ikectl ca {2} "
                   "certificate {0} create",
                   host.text(), folder_, name_);
  }
  auto found = certificate(host.text() + ".crt");
  if (!found) return pass(found);
  auto pem = host_key_pem(host);
  if (!pem) return pass(pem);
  auto key = PrivateKey::from_pem(*pem, nullptr, key_file(host));
  if (!key) return pass(key);
  if (key->id() != found->key_id()) {
    return fail("{} is not the key of {}; create the certificate again", key_file(host),
                certificate_file(host));
  }
  return Identity{std::move(*key), std::move(*found), std::move(*pem)};
}

Outcome<void> Authority::create_key(const Host& host, KeyType type, const Operator& user) {
  if (exists(key_file(host))) {
    user.say(fmt::format("{} exists and is kept", key_file(host)));
    return {};
  }
  const PrivateKey key = PrivateKey::generate(type);
  auto written = write_new_key(key_file(host), key, Existing::keep);
  if (written) user.say(fmt::format("{} written: {}", key_file(host), key.description()));
  return written;
}

Outcome<void> Authority::import_key(const Host& host, const std::string& source,
                                    const Operator& user) {
  const auto pem = read_secret_file(source);
  if (!pem) return std::unexpected(pem.error());
  std::optional<Passphrase> passphrase;
  if (PrivateKey::is_encrypted(*pem)) {
    if (!user.has_passphrase) {
      return fail("{} is encrypted: name a file that has its passphrase with --password-file",
                  source);
    }
    auto given = user.passphrase("Passphrase of " + source, false);
    if (!given) return pass(given);
    passphrase = std::move(*given);
  }
  const auto key = PrivateKey::from_pem(*pem, passphrase ? &*passphrase : nullptr, source);
  if (!key) return std::unexpected(key.error());
  const std::string path = key_file(host);
  if (exists(path) && !user.agrees(Question::replace, "replace " + path)) {
    return fail("{} exists; nothing was changed. To replace it, add --force", path);
  }
  auto written = write_new_key(path, *key, Existing::replace);
  if (written) user.say(fmt::format("{} written: {}", path, key->description()));
  return written;
}

Outcome<void> Authority::remove_key(const Host& host, const Operator& user) {
  const auto removed = remove_file(key_file(host));
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) {
    return fail_as(Kind::not_found, "key for '{}' does not exist in {}", host.text(),
                   file("private"));
  }
  user.say(fmt::format("{} deleted", key_file(host)));
  return {};
}

Outcome<void> Authority::create_certificate(const CertificateTerms& terms, KeyType type,
                                            const Operator& user) {
  const std::string path = certificate_file(terms.host), key_path = key_file(terms.host);
  if (exists(path) && !user.agrees(Question::replace, "replace " + path)) {
    return fail(
        "there is already a certificate for '{}': {}; nothing was changed. To renew it, add "
        "--force",
        terms.host.text(), path);
  }
  CertificateTerms named = terms;
  auto real = real_name(terms.host);
  if (!real) return pass(real);
  named.host = *real;

  const bool has_key = exists(key_path);
  auto pem = has_key ? host_key_pem(terms.host) : SecretBytes();
  if (!pem) return pass(pem);
  auto key = has_key ? PrivateKey::from_pem(*pem, nullptr, key_path) : PrivateKey::generate(type);
  if (!key) return pass(key);
  const auto own = certificate("ca.crt");
  if (!own) return std::unexpected(own.error());
  const auto signer = own_key(user);
  if (!signer) return std::unexpected(signer.error());
  const auto issued = issue_certificate(named, *key, *own, *signer, user.now);
  if (!issued) return std::unexpected(issued.error());
  auto index = ledger();
  if (!index) return pass(index);
  index->add(*issued, terms.host.text() + ".crt");

  // In this order: a certificate that is out must be in the index, or it could not be revoked.
  if (!has_key) {
    if (auto put = write_new_key(key_path, *key, Existing::keep); !put) return put;
    user.say(fmt::format("{} written: {}", key_path, key->description()));
  }
  if (auto put = write_ledger(*index); !put) return put;
  auto put = write_file(path, issued->pem(), for_all, Existing::replace);
  if (!put) return put;
  user.say(fmt::format("{} written: {} {}, valid until {}", path, to_string(named.host.kind()),
                       named.host.text(), to_text(issued->not_after())));
  return {};
}

Outcome<void> Authority::remove_certificate(const Host& host, const Operator& user) {
  const auto gone = remove_file(certificate_file(host));
  if (!gone) return std::unexpected(gone.error());
  const auto key_gone = remove_file(key_file(host));
  if (!key_gone) return std::unexpected(key_gone.error());
  for (const char* of_openiked : {".csr", ".pfx"}) {
    const auto removed = remove_file(file("private/" + host.text() + of_openiked));
    if (!removed) return std::unexpected(removed.error());
  }
  if (!*gone && !*key_gone) {
    return fail_as(Kind::not_found, "there is neither a certificate nor a key for '{}' in {}",
                   host.text(), folder_);
  }
  user.say(fmt::format("certificate and key for '{}' deleted from {}", host.text(), folder_));
  const auto index = ledger();
  if (index && !index->live(host.text() + ".crt", host.text()).empty()) {
    user.say(
        fmt::format("peers still accept the copies that are out; to end that: ikectl ca {} "
                    "certificate {} revoke",
                    name_, host.text()));
  }
  return {};
}

Outcome<void> Authority::revoke(const Host& host, const Operator& user) {
  auto index = ledger();
  if (!index) return pass(index);
  std::vector<Bytes> serials = index->live(host.text() + ".crt", host.text());
  const auto revoked = all_revoked();
  if (!revoked) return std::unexpected(revoked.error());
  const bool has_file = exists(certificate_file(host));
  if (has_file) {
    const auto current = certificate(host.text() + ".crt");
    if (!current) return std::unexpected(current.error());
    serials.push_back(current->serial());
  }
  if (serials.empty()) {
    return fail_as(Kind::not_found, "there is no certificate for '{}' to revoke in {}", host.text(),
                   folder_);
  }
  const auto key = own_key(user);  // asks, if it must, before anything changes
  if (!key) return std::unexpected(key.error());
  std::ranges::sort(serials);
  serials.erase(std::ranges::unique(serials).begin(), serials.end());
  std::erase_if(serials, [&](const Bytes& serial) {
    return std::ranges::find(*revoked, serial, &Revoked::serial) != revoked->end();
  });
  for (const Bytes& serial : serials) index->revoke(serial, user.now);
  // The index first: the list is made from it, also by a second try.
  if (auto put = write_ledger(*index); !put) return put;
  for (const Bytes& serial : serials) {
    user.say(fmt::format("certificate for '{}' revoked, serial {}", host.text(), to_hex(serial)));
  }
  if (serials.empty()) user.say(fmt::format("'{}' was revoked before", host.text()));
  return write_list(user, *key);
}

}  // namespace iked::authority
