// SPDX-License-Identifier: ISC
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"
#include "crypto/evp_pointers.h"
#include "crypto/group.h"

namespace iked::crypto {

Bignum make_bignum() {
  Bignum number(BN_new());
  IKED_CHECK(number);
  return number;
}

BignumContext make_bignum_context() {
  BignumContext context(BN_CTX_new());
  IKED_CHECK(context);
  return context;
}

Bignum secret_bignum(ByteView octets) {
  Bignum number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  IKED_CHECK(number);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

Bignum private_scalar(ByteView random, const BIGNUM* order, BN_CTX* context) {
  // (random mod (order - 1)) + 1
  const Bignum order_less_1(BN_dup(order));
  IKED_CHECK(order_less_1 && BN_sub_word(order_less_1.get(), 1) == 1);
  const Bignum wide = secret_bignum(random);
  Bignum scalar = make_bignum();
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  IKED_CHECK(BN_mod(scalar.get(), wide.get(), order_less_1.get(), context) == 1);
  IKED_CHECK(BN_add_word(scalar.get(), 1) == 1);
  return scalar;
}

ModpGroup::ModpGroup(Bignum prime, Bignum generator, Bignum order)
    : prime_(std::move(prime)),
      largest_(BN_dup(prime_.get())),
      generator_(std::move(generator)),
      order_(std::move(order)),
      montgomery_(BN_MONT_CTX_new()),
      octets_(static_cast<size_t>(BN_num_bytes(prime_.get()))) {
  IKED_CHECK(largest_ && BN_sub_word(largest_.get(), 1) == 1);
  const BignumContext context = make_bignum_context();
  IKED_CHECK(BN_MONT_CTX_set(montgomery_.get(), prime_.get(), context.get()) == 1);
}

ModpGroup ModpGroup::safe(Bignum prime) {
  Bignum two = make_bignum();
  IKED_CHECK(BN_set_word(two.get(), 2) == 1);
  return {std::move(prime), std::move(two), nullptr};
}

ModpGroup ModpGroup::subgroup(const char* name) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "DHX", nullptr));
  IKED_CHECK(context && EVP_PKEY_fromdata_init(context.get()) == 1);
  OSSL_PARAM group[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(name), 0),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* made = nullptr;
  IKED_CHECK(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEY_PARAMETERS, group) == 1);
  const Key parameters(made);
  const auto number = [&](const char* parameter) {
    BIGNUM* value = nullptr;
    IKED_CHECK(EVP_PKEY_get_bn_param(parameters.get(), parameter, &value) == 1);
    return Bignum(value);
  };
  return {number(OSSL_PKEY_PARAM_FFC_P), number(OSSL_PKEY_PARAM_FFC_G),
          number(OSSL_PKEY_PARAM_FFC_Q)};
}

Bignum ModpGroup::exponent(ByteView random, BN_CTX* context) const {
  if (order_) return private_scalar(random, order_.get(), context);
  Bignum exponent = secret_bignum(random);
  // Never 0 or otherwise tiny, whatever the generator said.
  IKED_CHECK(BN_set_bit(exponent.get(), static_cast<int>(8 * random.size() - 1)) == 1);
  return exponent;
}

Bignum ModpGroup::power(const BIGNUM* base, const BIGNUM* exponent, BN_CTX* context) const {
  Bignum result = make_bignum();
  IKED_CHECK(BN_mod_exp_mont_consttime(result.get(), base, exponent, prime_.get(), context,
                                       montgomery_.get()) == 1);
  return result;
}

Bytes ModpGroup::public_value(ByteView random) const {
  const BignumContext context = make_bignum_context();
  const Bignum value =
      power(generator_.get(), exponent(random, context.get()).get(), context.get());
  Bytes out(octets_);
  IKED_CHECK(BN_bn2binpad(value.get(), out.data(), static_cast<int>(octets_)) >= 0);
  return out;
}

Result<SecretBytes> ModpGroup::shared_secret(ByteView random, ByteView peer_value) const {
  const Bignum peer(BN_bin2bn(peer_value.data(), static_cast<int>(peer_value.size()), nullptr));
  IKED_CHECK(peer);
  // RFC6989 2.1: 1 < y < p - 1. With a safe prime that leaves no small subgroup.
  if (BN_is_zero(peer.get()) || BN_is_one(peer.get()) || BN_cmp(peer.get(), largest_.get()) >= 0) {
    return fail("the peer's public value is out of range");
  }
  const BignumContext context = make_bignum_context();
  // RFC6989 2.2: with RFC 5114's primes there are small subgroups: y^q mod p must be 1.
  if (order_ && !BN_is_one(power(peer.get(), order_.get(), context.get()).get())) {
    return fail("the peer's public value is not in the subgroup");
  }
  const Bignum value = power(peer.get(), exponent(random, context.get()).get(), context.get());
  SecretBytes out(octets_);
  // RFC7296 2.14: g^ir is "represented as a string of octets in big endian order padded with zeros
  // if necessary to make it the length of the modulus."
  IKED_CHECK(BN_bn2binpad(value.get(), out.reveal_writable().data(), static_cast<int>(octets_)) >=
             0);
  return out;
}

}  // namespace iked::crypto
