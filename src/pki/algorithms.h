// SPDX-License-Identifier: ISC
// Which keys and which signatures on certificates and lists are still to be relied upon.
#pragma once

#include <optional>
#include <string>

struct gnutls_x509_crt_int;
struct gnutls_x509_crl_int;
struct gnutls_pubkey_st;

namespace iked::pki {

/// What is wrong with a public key, as the end of "its key ...": "is RSA with 1024 bits, ...".
std::optional<std::string> fault_of_key(gnutls_pubkey_st* key);

/// What is wrong with the algorithm of the signature, as the end of "it is signed with ...".
std::optional<std::string> fault_of_signature(gnutls_x509_crt_int* certificate);
std::optional<std::string> fault_of_signature(gnutls_x509_crl_int* list);

}  // namespace iked::pki
