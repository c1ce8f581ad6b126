// SPDX-License-Identifier: ISC
#include "authority/pkcs12.h"

#include "authority/library.h"

namespace iked::authority {
namespace {

/// Puts it into the bag; the index of what the bag now has, or what went wrong.
void put_certificate(gnutls_pkcs12_bag_t bag, const Certificate& certificate,
                     const std::string& name, const Bytes& key_id, Steps& step) {
  const int index = gnutls_pkcs12_bag_set_crt(bag, certificate.handle());
  step(index);
  if (index < 0) return;
  const auto at = static_cast<unsigned>(index);
  step(gnutls_pkcs12_bag_set_friendly_name(bag, at, name.c_str()));
  const gnutls_datum_t id = datum(key_id);
  if (!key_id.empty()) step(gnutls_pkcs12_bag_set_key_id(bag, at, &id));
}

void put_key(gnutls_pkcs12_bag_t bag, const PrivateKey& key, const std::string& name,
             const Passphrase& passphrase, unsigned cipher, Steps& step) {
  const int index = gnutls_pkcs12_bag_set_privkey(bag, key.handle(), passphrase.c_str(), cipher);
  step(index);
  if (index < 0) return;
  const Bytes key_id = key.id();
  const gnutls_datum_t id = datum(key_id);
  step(gnutls_pkcs12_bag_set_friendly_name(bag, static_cast<unsigned>(index), name.c_str()));
  step(gnutls_pkcs12_bag_set_key_id(bag, static_cast<unsigned>(index), &id));
}

}  // namespace

Outcome<SecretBytes> to_pkcs12(const Pkcs12Content& content, const Passphrase& passphrase,
                               Pkcs12Strength strength) {
  const bool legacy = strength == Pkcs12Strength::legacy;
  const unsigned cipher = legacy ? GNUTLS_PKCS_PKCS12_3DES : GNUTLS_PKCS_PBES2_AES_256;
  const auto store = fresh<gnutls_pkcs12_int>(gnutls_pkcs12_init);
  const auto certificates = fresh<gnutls_pkcs12_bag_int>(gnutls_pkcs12_bag_init);
  Steps step;
  if (content.certificate != nullptr) {
    put_certificate(certificates.get(), *content.certificate, content.friendly_name,
                    content.certificate->key_id(), step);
  }
  put_certificate(certificates.get(), content.authority, content.authority.subject(), {}, step);
  step(gnutls_pkcs12_bag_encrypt(certificates.get(), passphrase.c_str(), cipher));
  step(gnutls_pkcs12_set_bag(store.get(), certificates.get()));
  if (content.key != nullptr) {
    const auto keys = fresh<gnutls_pkcs12_bag_int>(gnutls_pkcs12_bag_init);
    put_key(keys.get(), *content.key, content.friendly_name, passphrase, cipher, step);
    step(gnutls_pkcs12_set_bag(store.get(), keys.get()));
  }
  step(gnutls_pkcs12_generate_mac2(store.get(), legacy ? GNUTLS_MAC_SHA1 : GNUTLS_MAC_SHA256,
                                   passphrase.c_str()));
  Owned octets;
  step(gnutls_pkcs12_export2(store.get(), GNUTLS_X509_FMT_DER, octets.out()));
  if (step.failed() != 0) return library_failure("the PKCS#12 file", step.failed());
  return SecretBytes(octets.view());
}

}  // namespace iked::authority
