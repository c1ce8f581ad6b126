// SPDX-License-Identifier: ISC
// The families of Diffie-Hellman groups, behind key_exchange.h. Nothing in a Group changes after
// its constructor, so any number of workers may use one at the same time.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <memory>
#include <optional>

#include "base/result.h"
#include "base/secret.h"

namespace iked::crypto {

/// One group. The lengths of all arguments are what ike_ke() says; key_exchange.cpp sees to that.
class Group {
 public:
  virtual ~Group() = default;
  virtual Bytes public_value(ByteView random) const = 0;
  virtual Result<SecretBytes> shared_secret(ByteView random, ByteView peer_value) const = 0;
};

/// Numbers of libcrypto. All are zeroed when they go, as most of them are secret.
struct BignumDeleter {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
};
using Bignum = std::unique_ptr<BIGNUM, BignumDeleter>;

struct BignumContextDeleter {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using BignumContext = std::unique_ptr<BN_CTX, BignumContextDeleter>;

Bignum make_bignum();
BignumContext make_bignum_context();
/// From big-endian octets; operations on it take a time that does not depend on its value.
Bignum secret_bignum(ByteView octets);

/// An integer from 1 to `order` - 1 that `random` makes: as good as evenly distributed when
/// `random` has 128 bits more than `order`.
Bignum private_scalar(ByteView random, const BIGNUM* order, BN_CTX* context);

/// Integers modulo a prime p. In RFC 2409's and RFC 3526's groups p = 2q + 1 and the generator is
/// 2; RFC 5114's generators make a subgroup of a small order q.
class ModpGroup final : public Group {
 public:
  /// A safe prime with generator 2; exponents are as long as the randomness.
  static ModpGroup safe(Bignum prime);
  /// A subgroup; `name` is libcrypto's ("dh_2048_224"). Exponents are reduced modulo its order.
  static ModpGroup subgroup(const char* name);

  Bytes public_value(ByteView random) const override;
  Result<SecretBytes> shared_secret(ByteView random, ByteView peer_value) const override;

 private:
  struct MontgomeryDeleter {
    void operator()(BN_MONT_CTX* context) const { BN_MONT_CTX_free(context); }
  };
  /// `order` is null with a safe prime.
  ModpGroup(Bignum prime, Bignum generator, Bignum order);
  Bignum exponent(ByteView random, BN_CTX* context) const;
  Bignum power(const BIGNUM* base, const BIGNUM* exponent, BN_CTX* context) const;

  Bignum prime_;
  Bignum largest_;  // p - 1, the first that is too large
  Bignum generator_;
  Bignum order_;
  std::unique_ptr<BN_MONT_CTX, MontgomeryDeleter> montgomery_;
  size_t octets_;
};

/// A curve over a prime field, or over one of 2^n elements; values are x | y, the secret is x (RFC
/// 5903). Points of low order are refused; only curves over 2^n elements have any.
class EcGroup final : public Group {
 public:
  /// `nid` is libcrypto's number of the curve. Nothing if the library does not have it.
  static std::optional<EcGroup> make(int nid);
  Bytes public_value(ByteView random) const override;
  Result<SecretBytes> shared_secret(ByteView random, ByteView peer_value) const override;

 private:
  struct CurveDeleter {
    void operator()(EC_GROUP* curve) const { EC_GROUP_free(curve); }
  };
  using Curve = std::unique_ptr<EC_GROUP, CurveDeleter>;
  explicit EcGroup(Curve curve);
  bool is_of_low_order(const EC_POINT* point, BN_CTX* context) const;

  Curve curve_;
  bool has_other_points_;
  size_t octets_;  // of a coordinate
};

/// Curve25519 and its like: u-coordinates (RFC 7748, RFC 8031).
class XdhGroup final : public Group {
 public:
  /// `name` is libcrypto's ("X25519") and lives as long as the program; `base` is the u-coordinate
  /// of the base point.
  XdhGroup(const char* name, uint8_t base) : name_(name), base_(base) {}
  Bytes public_value(ByteView random) const override;
  Result<SecretBytes> shared_secret(ByteView random, ByteView peer_value) const override;

 private:
  const char* name_;
  uint8_t base_;
};

}  // namespace iked::crypto
