// SPDX-License-Identifier: ISC
#include "pki/handles.h"

#include "pki/library.h"

namespace iked::pki {

void Release::operator()(gnutls_x509_crt_int* p) const {
  gnutls_x509_crt_deinit(p);
}
void Release::operator()(gnutls_x509_crl_int* p) const {
  gnutls_x509_crl_deinit(p);
}
void Release::operator()(gnutls_x509_dn_st* p) const {
  gnutls_x509_dn_deinit(p);
}
void Release::operator()(gnutls_pubkey_st* p) const {
  gnutls_pubkey_deinit(p);
}
void Release::operator()(gnutls_subject_alt_names_st* p) const {
  gnutls_subject_alt_names_deinit(p);
}
void Release::operator()(gnutls_x509_key_purposes_st* p) const {
  gnutls_x509_key_purpose_deinit(p);
}
void Release::operator()(gnutls_name_constraints_st* p) const {
  gnutls_x509_name_constraints_deinit(p);
}

}  // namespace iked::pki
