// SPDX-License-Identifier: ISC
#include <openssl/err.h>

#include "base/check.h"
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

ModpGroup::ModpGroup(Bignum prime)
    : prime_(std::move(prime)),
      largest_(BN_dup(prime_.get())),
      generator_(make_bignum()),
      montgomery_(BN_MONT_CTX_new()),
      octets_(static_cast<size_t>(BN_num_bytes(prime_.get()))) {
  IKED_CHECK(largest_ && BN_sub_word(largest_.get(), 1) == 1);
  IKED_CHECK(BN_set_word(generator_.get(), 2) == 1);
  const BignumContext context = make_bignum_context();
  IKED_CHECK(BN_MONT_CTX_set(montgomery_.get(), prime_.get(), context.get()) == 1);
}

Bignum ModpGroup::power(const BIGNUM* base, ByteView random) const {
  const Bignum exponent = secret_bignum(random);
  // Never 0 or otherwise tiny, whatever the generator said.
  IKED_CHECK(BN_set_bit(exponent.get(), static_cast<int>(8 * random.size() - 1)) == 1);
  const BignumContext context = make_bignum_context();
  Bignum result = make_bignum();
  IKED_CHECK(BN_mod_exp_mont_consttime(result.get(), base, exponent.get(), prime_.get(),
                                       context.get(), montgomery_.get()) == 1);
  return result;
}

Bytes ModpGroup::public_value(ByteView random) const {
  const Bignum value = power(generator_.get(), random);
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
  const Bignum value = power(peer.get(), random);
  SecretBytes out(octets_);
  // RFC7296 2.14: g^ir is "represented as a string of octets in big endian order padded with zeros
  // if necessary to make it the length of the modulus."
  IKED_CHECK(BN_bn2binpad(value.get(), out.reveal_writable().data(), static_cast<int>(octets_)) >=
             0);
  return out;
}

}  // namespace iked::crypto
