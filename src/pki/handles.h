// SPDX-License-Identifier: ISC
// GnuTLS objects that free themselves. The library's headers are included by the .cpp files of this
// folder only, so that those who use the folder do not depend on them.
#pragma once

#include <memory>

struct gnutls_x509_crt_int;
struct gnutls_x509_crl_int;
struct gnutls_x509_dn_st;
struct gnutls_pubkey_st;
struct gnutls_subject_alt_names_st;
struct gnutls_x509_key_purposes_st;
struct gnutls_name_constraints_st;

namespace iked::pki {

struct Release {
  void operator()(gnutls_x509_crt_int* p) const;
  void operator()(gnutls_x509_crl_int* p) const;
  void operator()(gnutls_x509_dn_st* p) const;
  void operator()(gnutls_pubkey_st* p) const;
  void operator()(gnutls_subject_alt_names_st* p) const;
  void operator()(gnutls_x509_key_purposes_st* p) const;
  void operator()(gnutls_name_constraints_st* p) const;
};

template <typename T>
using Handle = std::unique_ptr<T, Release>;

}  // namespace iked::pki
