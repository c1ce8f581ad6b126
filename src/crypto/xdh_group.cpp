// SPDX-License-Identifier: ISC
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"
#include "crypto/group.h"

namespace iked::crypto {
namespace {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

struct ContextDeleter {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, ContextDeleter>;

OSSL_PARAM parameter(const char* name, ByteView octets) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(octets.data()),
                                           octets.size());
}

Key make_key(EVP_PKEY_CTX* maker, int selection, OSSL_PARAM* parameters) {
  EVP_PKEY* key = nullptr;
  IKED_CHECK(EVP_PKEY_fromdata_init(maker) == 1);
  IKED_CHECK(EVP_PKEY_fromdata(maker, &key, selection, parameters) == 1);
  return Key(key);
}

}  // namespace

Bytes XdhGroup::public_value(ByteView random) const {
  const Key own(
      EVP_PKEY_new_raw_private_key_ex(nullptr, name_, nullptr, random.data(), random.size()));
  IKED_CHECK(own);
  Bytes out(random.size());
  size_t length = out.size();
  IKED_CHECK(EVP_PKEY_get_raw_public_key(own.get(), out.data(), &length) == 1);
  IKED_CHECK(length == out.size());
  return out;
}

Result<SecretBytes> XdhGroup::shared_secret(ByteView random, ByteView peer_value) const {
  const Context maker(EVP_PKEY_CTX_new_from_name(nullptr, name_, nullptr));
  IKED_CHECK(maker);
  // Without a public half the library would compute it, which costs as much as the exchange itself.
  // It plays no part in the derivation, so the peer's stands in for ours.
  OSSL_PARAM own_parts[] = {parameter(OSSL_PKEY_PARAM_PUB_KEY, peer_value),
                            parameter(OSSL_PKEY_PARAM_PRIV_KEY, random),
                            OSSL_PARAM_construct_end()};
  const Key own = make_key(maker.get(), EVP_PKEY_KEYPAIR, own_parts);
  OSSL_PARAM peer_parts[] = {parameter(OSSL_PKEY_PARAM_PUB_KEY, peer_value),
                             OSSL_PARAM_construct_end()};
  const Key peer = make_key(maker.get(), EVP_PKEY_PUBLIC_KEY, peer_parts);

  const Context exchange(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  IKED_CHECK(exchange && EVP_PKEY_derive_init(exchange.get()) == 1);
  IKED_CHECK(EVP_PKEY_derive_set_peer_ex(exchange.get(), peer.get(), 0) == 1);
  SecretBytes out(random.size());
  size_t length = out.size();
  const bool derived = EVP_PKEY_derive(exchange.get(), out.reveal_writable().data(), &length) == 1;
  // RFC8031 5: an all-zero secret comes from a point of low order and is refused. The library
  // does so already; this does not depend on it.
  if (!derived || length != out.size() || out == SecretBytes(out.size())) {
    ERR_clear_error();
    return fail("the peer's public value is of low order");
  }
  return out;
}

}  // namespace iked::crypto
