// SPDX-License-Identifier: ISC
// The Keeper port itself: reads the configuration, holds its secrets and computes with them. It is
// what iked-keeper runs; `iked -n` and tests have it in their own process.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "crypto/signature.h"
#include "keeper/secret_table.h"
#include "model/keeper.h"

namespace iked::keeper {

/// As gethostname(2) has it; empty when it has none.
std::string own_host_name();

/// What crypto/ can do, as the parser wants to know it.
conf::Catalogue catalogue();

class InProcessKeeper final : public Keeper {
 public:
  /// `host_name` is who we are where a policy has no srcid. `index_key`: 32 random octets for the
  /// ids of secrets, drawn here when there are none.
  explicit InProcessKeeper(std::string host_name = own_host_name(), SecretBytes index_key = {});

  LoadResult load(const LoadRequest& request) override;
  void commit() override;
  Result<PskAuthValues> psk_auth(const PskAuthRequest& request) override;
  Result<SecretId> take_secret(SecretBytes secret) override;
  Result<uint64_t> wipe_users() override;
  Result<Bytes> sign(const SignRequest& request) override;

 private:
  /// Which policy has which pre-shared key, and the users' passwords, of one load.
  struct Owners {
    std::set<std::pair<SecretId, std::string>> policies;
    std::set<SecretId> users;
  };
  static Owners owners_in(const Config& config);
  bool owns(const std::string& policy, SecretId secret) const;

  std::string host_name_;
  SecretTable secrets_;
  Owners loaded_, in_use_, before_;
  std::set<SecretId> taken_;
  std::optional<crypto::PrivateKey> loaded_key_, key_in_use_;
};

}  // namespace iked::keeper
