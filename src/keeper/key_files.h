// SPDX-License-Identifier: ISC
// The files of keys and certificates below /etc/iked, as OpenBSD's iked has them:
//
//   private/local.key                  our private key, PEM
//   pubkeys/{ipv4,ipv6,fqdn,ufqdn}/ID  the public key of the peer with that ID, PEM
//   ca/  crls/  certs/                 authorities we trust, what they revoked, our certificates
//
// It says what is wrong with a file and goes on without it: the tunnels of other keys are not to
// suffer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/signature.h"
#include "model/credentials.h"
#include "model/keeper.h"

namespace iked::keeper {

struct KeyFiles {
  static constexpr size_t most_files = 16384;              // of one folder
  static constexpr size_t largest_file = size_t{4} << 20;  // octets

  Credentials credentials;
  std::optional<crypto::PrivateKey> own;
  std::vector<Diagnostic> diagnostics;  // warnings
};

/// A folder that is not there is empty.
KeyFiles read_key_files(const std::string& folder, bool partial_chain);

}  // namespace iked::keeper
