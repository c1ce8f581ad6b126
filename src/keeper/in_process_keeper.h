// SPDX-License-Identifier: ISC
// The Keeper port answered in our own process: reads the configuration, holds its secrets and
// computes with them. Nothing above the port can tell it from a keeper in a process of its own.
#pragma once

#include <string>

#include "keeper/secret_table.h"
#include "model/keeper.h"

namespace iked::keeper {

/// As gethostname(2) has it; empty when it has none.
std::string own_host_name();

/// What crypto/ can do, as the parser wants to know it.
conf::Catalogue catalogue();

class InProcessKeeper final : public Keeper {
 public:
  /// `host_name` is who we are where a policy has no srcid.
  explicit InProcessKeeper(std::string host_name = own_host_name());

  LoadResult load(const LoadRequest& request) override;
  void commit() override { secrets_.commit(); }
  Result<PskAuthValues> psk_auth(const PskAuthRequest& request) override;

 private:
  std::string host_name_;
  SecretTable secrets_;
};

}  // namespace iked::keeper
