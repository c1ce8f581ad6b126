// SPDX-License-Identifier: ISC
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "base/check.h"
#include "crypto/evp_pointers.h"
#include "crypto/group.h"

namespace iked::crypto {
namespace {

OSSL_PARAM parameter(const char* name, ByteView octets) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(octets.data()),
                                           octets.size());
}

/// The scalar times the point with coordinate `u`, into `out`. False when the product is zero.
bool multiply(const char* name, ByteView scalar, ByteView u, std::span<uint8_t> out) {
  const KeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr));
  IKED_CHECK(maker && EVP_PKEY_fromdata_init(maker.get()) == 1);
  // One key of our private and the peer's public half, derived with itself. Two proper keys come
  // to the same, but the library would compute our public half for that, at the price of a second
  // multiplication.
  OSSL_PARAM halves[] = {parameter(OSSL_PKEY_PARAM_PUB_KEY, u),
                         parameter(OSSL_PKEY_PARAM_PRIV_KEY, scalar), OSSL_PARAM_construct_end()};
  EVP_PKEY* made = nullptr;
  IKED_CHECK(EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_KEYPAIR, halves) == 1);
  const Key both(made);
  const KeyContext exchange(EVP_PKEY_CTX_new_from_pkey(nullptr, both.get(), nullptr));
  IKED_CHECK(exchange && EVP_PKEY_derive_init(exchange.get()) == 1);
  IKED_CHECK(EVP_PKEY_derive_set_peer_ex(exchange.get(), both.get(), 0) == 1);
  size_t length = out.size();
  const bool derived = EVP_PKEY_derive(exchange.get(), out.data(), &length) == 1;
  if (!derived) ERR_clear_error();
  uint8_t any = 0;
  for (uint8_t octet : out) any = static_cast<uint8_t>(any | octet);
  return derived && length == out.size() && any != 0;
}

}  // namespace

Bytes XdhGroup::public_value(ByteView random) const {
  Bytes base(random.size());
  base.front() = base_;
  Bytes out(random.size());
  IKED_CHECK(multiply(name_, random, base, out));
  return out;
}

Result<SecretBytes> XdhGroup::shared_secret(ByteView random, ByteView peer_value) const {
  SecretBytes out(random.size());
  // RFC8031 5: an all-zero secret comes from a point of low order and is refused.
  if (!multiply(name_, random, peer_value, out.reveal_writable())) {
    return fail("the peer's public value is of low order");
  }
  return out;
}

}  // namespace iked::crypto
