// SPDX-License-Identifier: ISC
#include "authority/handles.h"

#include "authority/library.h"

namespace iked::authority {

void Release::operator()(gnutls_x509_privkey_int* p) const {
  gnutls_x509_privkey_deinit(p);
}
void Release::operator()(gnutls_x509_crt_int* p) const {
  gnutls_x509_crt_deinit(p);
}
void Release::operator()(gnutls_x509_crl_int* p) const {
  gnutls_x509_crl_deinit(p);
}
void Release::operator()(gnutls_pkcs12_int* p) const {
  gnutls_pkcs12_deinit(p);
}
void Release::operator()(gnutls_pkcs12_bag_int* p) const {
  gnutls_pkcs12_bag_deinit(p);
}
void Release::operator()(gnutls_pubkey_st* p) const {
  gnutls_pubkey_deinit(p);
}
void Release::operator()(gnutls_privkey_st* p) const {
  gnutls_privkey_deinit(p);
}

}  // namespace iked::authority
