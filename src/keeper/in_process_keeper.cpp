// SPDX-License-Identifier: ISC
#include "keeper/in_process_keeper.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "conf/parse.h"
#include "crypto/algorithms.h"
#include "crypto/keys.h"
#include "crypto/system_rng.h"
#include "keeper/checked_files.h"
#include "keeper/key_files.h"

namespace iked::keeper {
namespace {

bool child_encr(Encr encr) {
  ChildSuite suite;
  suite.encr = encr;
  suite.integ = is_aead(encr.id) ? IntegId::NONE : IntegId::HMAC_SHA2_256_128;
  return crypto::child_key_lengths(suite).has_value();
}

bool child_integ(IntegId integ) {
  ChildSuite suite;
  suite.encr = {EncrId::AES_CBC, 128};
  suite.integ = integ;
  return integ != IntegId::NONE && crypto::child_key_lengths(suite).has_value();
}

Diagnostic no_own_key(const std::string& folder) {
  return {Severity::warning,
          "no policy without psk can come up: there is no private key of ours; 'openssl ecparam "
          "-genkey "
          "-name prime256v1 -noout -out " +
              folder +
              "/private/local.key' makes one (mode 0640, group "
              "_iked-keeper)",
          folder + "/private/local.key"};
}

SecretBytes random_key() {
  SecretBytes key(32);
  crypto::SystemRng().fill(key.reveal_writable());
  return key;
}

}  // namespace

std::string own_host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

conf::Catalogue catalogue() {
  return {
      .ike_encr = [](Encr encr) { return crypto::ike_encr(encr) != nullptr; },
      .ike_prf = [](PrfId prf) { return crypto::ike_prf(prf) != nullptr; },
      .ike_integ = [](IntegId integ) { return crypto::ike_integ(integ) != nullptr; },
      .group = [](KeId group) { return crypto::ike_ke(group) != nullptr; },
      .child_encr = child_encr,
      .child_integ = child_integ,
  };
}

InProcessKeeper::InProcessKeeper(std::string host_name, SecretBytes index_key)
    : host_name_(std::move(host_name)),
      secrets_(index_key.empty() ? random_key() : std::move(index_key)) {}

LoadResult InProcessKeeper::load(const LoadRequest& request) {
  CheckedFiles files;
  SecretTable::Load secrets(secrets_);
  LoadResult result =
      conf::parse({request.path, request.macros, host_name_}, files, secrets, catalogue());
  if (result.config) {
    secrets.keep();
    loaded_ = owners_in(*result.config);
    KeyFiles keys = read_key_files(request.key_folder, result.config->settings.cert_partial_chain);
    const bool wanted = std::ranges::any_of(result.config->policies, [](const Policy& policy) {
      return std::holds_alternative<SignatureAuth>(policy.auth);
    });
    // Nobody is bothered with files that no policy needs.
    if (wanted) {
      std::ranges::move(keys.diagnostics, std::back_inserter(result.diagnostics));
      if (!keys.own) result.diagnostics.push_back(no_own_key(request.key_folder));
    }
    result.config->credentials = std::move(keys.credentials);
    loaded_key_ = std::move(keys.own);
  }
  return result;
}

void InProcessKeeper::commit() {
  secrets_.commit();
  before_ = std::exchange(in_use_, loaded_);
  if (loaded_key_) key_in_use_ = std::exchange(loaded_key_, std::nullopt);
}

InProcessKeeper::Owners InProcessKeeper::owners_in(const Config& config) {
  Owners owners;
  for (const Policy& policy : config.policies) {
    if (const auto* const psk = std::get_if<PskAuth>(&policy.auth)) {
      owners.policies.emplace(psk->secret, policy.name);
    }
  }
  for (const EapUser& user : config.users) owners.users.insert(user.password);
  return owners;
}

bool InProcessKeeper::owns(const std::string& policy, SecretId secret) const {
  const std::pair key(secret, policy);
  for (const Owners* owners : {&in_use_, &before_, &loaded_}) {
    if (owners->policies.contains(key)) return true;
  }
  return false;
}

Result<SecretId> InProcessKeeper::take_secret(SecretBytes secret) {
  constexpr size_t most = 1024;
  if (taken_.size() >= most) return fail("{} secrets from clients are enough", most);
  return *taken_.insert(secrets_.take(std::move(secret))).first;
}

Result<uint64_t> InProcessKeeper::wipe_users() {
  uint64_t wiped = 0;
  const auto wipe = [&](std::set<SecretId>& ids) {
    for (const SecretId id : std::exchange(ids, {})) wiped += secrets_.forget(id) ? 1 : 0;
  };
  wipe(taken_);
  for (Owners* owners : {&in_use_, &before_, &loaded_}) {
    // A password that is a policy's key as well has to stay.
    for (const auto& [id, policy] : owners->policies) {
      for (Owners* any : {&in_use_, &before_, &loaded_}) any->users.erase(id);
    }
  }
  for (Owners* owners : {&in_use_, &before_, &loaded_}) wipe(owners->users);
  return wiped;
}

Result<Bytes> InProcessKeeper::sign(const SignRequest& request) {
  for (const auto* key : {&loaded_key_, &key_in_use_}) {
    if (*key && (*key)->public_key().spki() == request.public_key) {
      return (*key)->sign(request.scheme, request.octets);
    }
  }
  return fail("the private key is gone: it is from a configuration no longer in use");
}

Result<PskAuthValues> InProcessKeeper::psk_auth(const PskAuthRequest& request) {
  const SecretBytes* secret = secrets_.find(request.secret);
  if (secret == nullptr) {
    return fail("the pre-shared key is gone: the policy is from a configuration no longer in use");
  }
  // So that a mix-up in iked, or somebody who took it over, does not get one for another.
  // What came through a pipe of iked's is for policies that iked made.
  if (!owns(request.policy, request.secret) && !taken_.contains(request.secret)) {
    return fail("this is not the pre-shared key of policy \"{}\"",
                printable(as_bytes(request.policy)));
  }
  if (crypto::ike_prf(request.prf) == nullptr)
    return fail("{} is not a PRF of IKE", to_string(request.prf));
  return PskAuthValues{
      crypto::psk_auth_value(request.prf, *secret, request.own_octets),
      crypto::psk_auth_value(request.prf, *secret, request.peer_octets),
  };
}

}  // namespace iked::keeper
