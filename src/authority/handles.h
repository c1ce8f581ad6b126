// SPDX-License-Identifier: ISC
// GnuTLS objects that free themselves. The library's headers are included by the .cpp files of this
// folder only, so that those who use the folder do not depend on them.
#pragma once

#include <memory>

struct gnutls_x509_privkey_int;
struct gnutls_x509_crt_int;
struct gnutls_x509_crl_int;
struct gnutls_pkcs12_int;
struct gnutls_pkcs12_bag_int;
struct gnutls_pubkey_st;
struct gnutls_privkey_st;

namespace iked::authority {

struct Release {
  void operator()(gnutls_x509_privkey_int* p) const;
  void operator()(gnutls_x509_crt_int* p) const;
  void operator()(gnutls_x509_crl_int* p) const;
  void operator()(gnutls_pkcs12_int* p) const;
  void operator()(gnutls_pkcs12_bag_int* p) const;
  void operator()(gnutls_pubkey_st* p) const;
  void operator()(gnutls_privkey_st* p) const;
};

template <typename T>
using Handle = std::unique_ptr<T, Release>;

}  // namespace iked::authority
