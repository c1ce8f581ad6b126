// SPDX-License-Identifier: ISC
// From the authority's folder into the daemon's.
#include <array>

#include "authority/authority.h"
#include "authority/place.h"

namespace iked::authority {
namespace {

constexpr FileMode for_all{.mode = 0644};

FileMode for_keeper(const ActiveFolder& into) {
  if (into.key_group) return {.mode = 0640, .group = into.key_group};
  return {.mode = 0600};
}

Outcome<void> make_folders(const ActiveFolder& into, const Operator& user) {
  constexpr std::array open_to_all{"ca",           "certs",         "crls",
                                   "pubkeys",      "pubkeys/ipv4",  "pubkeys/ipv6",
                                   "pubkeys/fqdn", "pubkeys/ufqdn", "pubkeys/asn1_dn"};
  for (const char* name : open_to_all) {
    auto made = make_directory(into.path + "/" + name, {.mode = 0755});
    if (!made) return made;
  }
  const std::string keys = into.path + "/private";
  const bool is_new = !exists(keys);
  if (auto made = make_directory(keys, {.mode = 0700}); !made || !into.key_group) return made;
  // What OpenIKED leaves is closed to our keeper.
  const auto opened = open_directory_to(keys, *into.key_group);
  if (!opened) return std::unexpected(opened.error());
  if (*opened && !is_new) {
    user.say(fmt::format("{} is now open to the group {}", keys, keeper_group));
  }
  return {};
}

void say_what_next(const Operator& user) {
  user.say("iked uses it after: ikectl reload");
}

SecretBytes copy(const Bytes& octets) {
  return SecretBytes(octets);
}

/// Whether the list that is there may give way without a question: it is ours, and no newer.
bool gives_way(const std::string& path, const Certificate& own, const RevocationList& next) {
  const auto content = read_file(path);
  if (!content) return false;
  const auto present = RevocationList::from_pem(*content, path);
  return present && present->is_issued_by(own) && present->number() <= next.number();
}

Placement local_key(SecretBytes pem, const ActiveFolder& into) {
  return {.path = into.path + "/private/local.key",
          .content = std::move(pem),
          .mode = for_keeper(into)};
}

/// Goes with the private key: where that may be replaced, or is the same, its public half may be
/// too.
Placement local_pub(const PrivateKey& key, const ActiveFolder& into) {
  return {.path = into.path + "/local.pub",
          .content = copy(key.public_pem()),
          .mode = for_all,
          .may_replace = exists(into.path + "/private/local.key")};
}

}  // namespace

Outcome<void> Authority::install(const ActiveFolder& into, const Operator& user) {
  const auto own = certificate("ca.crt");
  if (!own) return std::unexpected(own.error());
  const auto current = list();
  if (!current) return std::unexpected(current.error());
  if (auto made = make_folders(into, user); !made) return made;
  std::vector<Placement> files;
  const std::string certificate_path = into.path + "/ca/ca.crt";
  const std::string list_path = into.path + "/crls/ca.crl";
  files.push_back({.path = certificate_path, .content = copy(own->pem()), .mode = for_all});
  if (*current) {
    files.push_back({.path = list_path,
                     .content = copy((*current)->pem()),
                     .mode = for_all,
                     .may_replace = gives_way(list_path, *own, **current)});
  }
  if (auto placed = place(files, user); !placed) return placed;
  user.say(fmt::format("certificate for CA '{}' installed into {}", name_, certificate_path));
  if (*current) user.say(fmt::format("CRL for CA '{}' installed to {}", name_, list_path));
  say_what_next(user);
  return {};
}

Outcome<void> Authority::install_key(const Host& host, const ActiveFolder& into,
                                     const Operator& user) {
  auto pem = host_key_pem(host);
  if (!pem) return pass(pem);
  const auto key = PrivateKey::from_pem(*pem, nullptr, key_file(host));
  if (!key) return std::unexpected(key.error());
  if (auto made = make_folders(into, user); !made) return made;
  std::vector<Placement> files;
  files.push_back(local_key(pem->duplicate(), into));
  files.push_back(local_pub(*key, into));
  if (auto placed = place(files, user); !placed) return placed;
  user.say(fmt::format("key for '{}' installed into {}", host.text(), files.front().path));
  user.say(fmt::format("public key for '{}' installed into {}", host.text(), files.back().path));
  say_what_next(user);
  return {};
}

Outcome<void> Authority::install_certificate(const Host& host, const ActiveFolder& into,
                                             const Operator& user) {
  auto found = identity(host);
  if (!found) return pass(found);
  if (auto made = make_folders(into, user); !made) return made;
  const std::string path = into.path + "/certs/" + host.text() + ".crt";
  std::vector<Placement> files;
  files.push_back(local_key(found->key_pem.duplicate(), into));
  files.push_back(local_pub(found->key, into));
  files.push_back({.path = path, .content = copy(found->certificate.pem()), .mode = for_all});
  if (auto placed = place(files, user); !placed) return placed;
  user.say(fmt::format("key for '{}' installed into {}", host.text(), files.front().path));
  user.say(fmt::format("certificate for '{}' installed into {}", host.text(), path));
  say_what_next(user);
  return {};
}

}  // namespace iked::authority
