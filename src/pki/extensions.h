// SPDX-License-Identifier: ISC
// The extensions of a certificate (RFC5280 4.2) that decide what it is good for, as plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/identity.h"

struct gnutls_x509_crt_int;

namespace iked::pki {

struct Extensions {
  static constexpr size_t most = 64;
  static constexpr size_t most_names = 256;

  struct AltName {
    unsigned type = 0;  // as the library counts them
    Bytes octets;
  };
  // subjectAltName: all of them, and those that IKE can use.
  std::vector<AltName> alt_names;
  std::vector<Identity> names;

  // basicConstraints. Without a path_length there is no limit.
  bool is_ca = false;
  std::optional<unsigned> path_length;

  // keyUsage: what the key may sign. Everything when the extension is not there.
  bool may_sign_data = true;
  bool may_sign_certificates = true;
  bool may_sign_lists = true;

  // extKeyUsage, as dotted numbers; nothing when the extension is not there.
  std::optional<std::vector<std::string>> purposes;

  bool has_name_constraints = false;
  // The first critical extension that is not acted upon.
  std::optional<std::string> unknown_critical;
};

Result<Extensions> read_extensions(gnutls_x509_crt_int* certificate);

}  // namespace iked::pki
