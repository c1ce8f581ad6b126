// SPDX-License-Identifier: ISC
#include "authority/authority.h"

#include <algorithm>
#include <filesystem>

#include "authority/files.h"

namespace iked::authority {
namespace {

using Kind = Failure::Kind;

constexpr FileMode for_all{.mode = 0644};
constexpr FileMode for_owner{.mode = 0600};

/// The passphrase for a new key; none if the operator wants none.
Outcome<std::optional<Passphrase>> new_passphrase(const Operator& user) {
  if (!user.has_passphrase) return std::nullopt;
  auto passphrase = user.passphrase("CA passphrase", true);
  if (!passphrase) return pass(passphrase);
  if (passphrase->empty()) {
    return fail(
        "password not set: a passphrase must not be empty. To have the CA's key guarded by its "
        "file's mode alone, use ikectl -q");
  }
  return std::optional(std::move(*passphrase));
}

}  // namespace

Outcome<void> Authority::create(const std::string& base, const CaName& name,
                                const NewAuthority& wanted, const Operator& user) {
  const std::string folder = base + "/" + name.text();
  if (exists(folder)) {
    return exists(folder + "/ca.crt")
               ? fail(
                     "the CA '{0}' exists already in {1}; use it, or delete it with: ikectl ca {0} "
                     "delete",
                     name.text(), folder)
               : fail("{} exists and is not a CA's; use another name", folder);
  }
  // Made first, so that nobody types a passphrase in vain.
  auto draft = DraftDirectory::make_for(folder, 0755);
  if (!draft) return pass(draft);
  const auto passphrase = new_passphrase(user);
  if (!passphrase) return std::unexpected(passphrase.error());

  const PrivateKey key = PrivateKey::generate(wanted.key_type);
  auto certificate = issue_authority(wanted.terms, key, user.now);
  if (!certificate) return pass(certificate);
  const auto number = static_cast<uint64_t>(std::max<UnixTime>(user.now, 1));
  auto list = RevocationList::issue({}, number, *certificate, key, user.now);
  if (!list) return pass(list);
  auto key_pem = key.to_pem(*passphrase ? &**passphrase : nullptr);
  if (!key_pem) return pass(key_pem);

  const std::string at = draft->path();
  auto made = make_directory(at + "/private", {.mode = 0700});
  if (!made) return made;
  const auto write = [&](const char* file, ByteView content, FileMode mode) {
    if (made) made = write_file(at + file, content, mode, Existing::keep);
  };
  write("/private/ca.key", key_pem->reveal(), for_owner);
  write("/ca.crt", certificate->pem(), for_all);
  write("/ca.crl", list->pem(), for_all);
  write("/index.txt", {}, for_all);
  if (made) made = draft->move_into_place();
  if (!made) return made;
  user.say(fmt::format("CA '{}' created in {}: {}, valid until {}", name.text(), folder,
                       key.description(), to_text(certificate->not_after())));
  if (!*passphrase) {
    user.say(
        fmt::format("{}/private/ca.key is not encrypted: whoever can read it can make "
                    "certificates",
                    folder));
  }
  return {};
}

Outcome<Authority> Authority::open(const std::string& base, const CaName& name,
                                   const Operator& user) {
  const std::string folder = base + "/" + name.text();
  if (!exists(folder)) {
    return fail_as(Kind::not_found,
                   "CA '{0}' does not exist in {1}; create it with: ikectl ca {0} "
                   "create",
                   name.text(), base);
  }
  if (!exists(folder + "/ca.crt")) {
    return fail_as(Kind::not_found, "{} is not a CA's folder: there is no ca.crt in it", folder);
  }
  auto lock = lock_directory(folder, [&] {
    user.say(fmt::format("waiting for another ikectl that is at work in {}", folder));
  });
  if (!lock) return pass(lock);
  return Authority(folder, name.text(), std::move(*lock));
}

Outcome<void> Authority::remove(const Operator& user) {
  if (!user.agrees(Question::destroy,
                   fmt::format("delete CA '{}' with its key and all below {}", name_, folder_))) {
    return fail("nothing was deleted");
  }
  auto names = list_directory(folder_);
  if (!names) return pass(names);
  // ca.crt last, by which the rest is still found to be a CA if this is interrupted.
  std::erase(*names, "ca.crt");
  names->push_back("ca.crt");
  std::error_code error;
  for (const std::string& name : *names) {
    std::filesystem::remove_all(file(name), error);
    if (error) return system_failure(file(name), "cannot be removed", error.value());
  }
  std::filesystem::remove(folder_, error);
  if (error) return system_failure(folder_, "cannot be removed", error.value());
  user.say(fmt::format("CA '{}' deleted", name_));
  return {};
}

Outcome<Certificate> Authority::certificate(const std::string& name) const {
  const auto text = read_file(file(name));
  if (!text) return std::unexpected(text.error());
  return Certificate::from_pem(*text, file(name));
}

Outcome<PrivateKey> Authority::own_key(const Operator& user) const {
  const std::string path = file("private/ca.key");
  auto pem = read_secret_file(path);
  if (!pem) return pass(pem);
  if (!PrivateKey::is_encrypted(*pem)) return PrivateKey::from_pem(*pem, nullptr, path);
  // OpenIKED keeps the passphrase beside the key.
  if (exists(file("ikeca.passwd"))) {
    auto kept = passphrase_from_file(file("ikeca.passwd"));
    if (!kept) return pass(kept);
    return PrivateKey::from_pem(*pem, &*kept, path);
  }
  if (!user.has_passphrase) {
    return fail("{} is encrypted: name a file that has the passphrase with --password-file", path);
  }
  auto passphrase = user.passphrase("CA passphrase", false);
  if (!passphrase) return pass(passphrase);
  return PrivateKey::from_pem(*pem, &*passphrase, path);
}

Outcome<Ledger> Authority::ledger() const {
  if (!exists(file("index.txt"))) return Ledger();
  const auto text = read_file(file("index.txt"));
  if (!text) return std::unexpected(text.error());
  return Ledger::parse(as_text(*text));
}

Outcome<void> Authority::write_ledger(const Ledger& ledger) const {
  return write_file(file("index.txt"), as_bytes(ledger.text()), for_all, Existing::replace);
}

Outcome<std::optional<RevocationList>> Authority::list() const {
  if (!exists(file("ca.crl"))) return std::nullopt;
  const auto text = read_file(file("ca.crl"));
  if (!text) return std::unexpected(text.error());
  auto list = RevocationList::from_pem(*text, file("ca.crl"));
  if (!list) {
    return fail("{}; remove it, and the next one is made from {}", list.error().text,
                file("index.txt"));
  }
  return std::optional(std::move(*list));
}

Outcome<std::vector<Revoked>> Authority::all_revoked() const {
  auto previous = list();
  if (!previous) return pass(previous);
  auto issued = ledger();
  if (!issued) return pass(issued);
  std::vector<Revoked> all;
  if (*previous) all = (*previous)->revoked();
  for (const Revoked& one : issued->revoked()) {
    if (std::ranges::find(all, one.serial, &Revoked::serial) == all.end()) all.push_back(one);
  }
  return all;
}

Outcome<void> Authority::write_list(const Operator& user, const PrivateKey& key) const {
  const auto own = certificate("ca.crt");
  if (!own) return std::unexpected(own.error());
  const auto previous = list();
  if (!previous) return std::unexpected(previous.error());
  const auto revoked = all_revoked();
  if (!revoked) return std::unexpected(revoked.error());
  // Not simply one more: also where the previous one was lost, peers must see that it is newer.
  const uint64_t last = *previous ? (*previous)->number() : 0;
  const uint64_t number = std::max(last + 1, static_cast<uint64_t>(user.now));
  const auto next = RevocationList::issue(*revoked, number, *own, key, user.now);
  if (!next) return std::unexpected(next.error());
  auto written = write_file(file("ca.crl"), next->pem(), for_all, Existing::replace);
  if (!written) return written;
  user.say(
      fmt::format("CRL written to {}, {} revoked, good until {}; give it to the peers, or "
                  "install it with: ikectl ca {} install",
                  file("ca.crl"), revoked->size(), to_text(next->next_update()), name_));
  return {};
}

Outcome<void> Authority::renew_list(const Operator& user) {
  auto key = own_key(user);
  if (!key) return pass(key);
  return write_list(user, *key);
}

}  // namespace iked::authority
