// SPDX-License-Identifier: ISC
#include <openssl/err.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "crypto/group.h"

namespace iked::crypto {
namespace {

struct PointDeleter {
  void operator()(EC_POINT* point) const { EC_POINT_clear_free(point); }
};
using Point = std::unique_ptr<EC_POINT, PointDeleter>;

Point make_point(const EC_GROUP* curve) {
  Point point(EC_POINT_new(curve));
  IKED_CHECK(point);
  return point;
}

}  // namespace

std::optional<EcGroup> EcGroup::make(int nid) {
  Curve curve(EC_GROUP_new_by_curve_name(nid));
  if (curve) return EcGroup(std::move(curve));
  ERR_clear_error();
  return std::nullopt;
}

EcGroup::EcGroup(Curve curve) : curve_(std::move(curve)) {
  has_other_points_ = !BN_is_one(EC_GROUP_get0_cofactor(curve_.get()));
  octets_ = (static_cast<size_t>(EC_GROUP_get_degree(curve_.get())) + 7) / 8;
}

bool EcGroup::is_of_low_order(const EC_POINT* point, BN_CTX* context) const {
  if (!has_other_points_) return false;
  // The cofactors of these curves, and what their orders have beyond a prime, are 2, 3 and 4.
  const Point multiple = make_point(curve_.get());
  const Bignum twelve = make_bignum();
  IKED_CHECK(BN_set_word(twelve.get(), 12) == 1);
  IKED_CHECK(EC_POINT_mul(curve_.get(), multiple.get(), nullptr, point, twelve.get(), context) ==
             1);
  return EC_POINT_is_at_infinity(curve_.get(), multiple.get()) == 1;
}

Bytes EcGroup::public_value(ByteView random) const {
  const BignumContext context = make_bignum_context();
  const Bignum scalar = private_scalar(random, EC_GROUP_get0_order(curve_.get()), context.get());
  const Point point = make_point(curve_.get());
  IKED_CHECK(
      EC_POINT_mul(curve_.get(), point.get(), scalar.get(), nullptr, nullptr, context.get()) == 1);
  const Bignum x = make_bignum();
  const Bignum y = make_bignum();
  IKED_CHECK(EC_POINT_get_affine_coordinates(curve_.get(), point.get(), x.get(), y.get(),
                                             context.get()) == 1);
  Bytes out(2 * octets_);
  const int length = static_cast<int>(octets_);
  IKED_CHECK(BN_bn2binpad(x.get(), out.data(), length) == length);
  IKED_CHECK(BN_bn2binpad(y.get(), out.data() + octets_, length) == length);
  return out;
}

Result<SecretBytes> EcGroup::shared_secret(ByteView random, ByteView peer_value) const {
  const BignumContext context = make_bignum_context();
  Bytes encoded(1 + peer_value.size());
  encoded[0] = POINT_CONVERSION_UNCOMPRESSED;
  std::ranges::copy(peer_value, encoded.begin() + 1);
  const Point peer = make_point(curve_.get());
  // RFC6989 2.3: both coordinates are of the field and the point is on the curve; the library
  // checks that here. Infinity has no encoding in this form.
  if (EC_POINT_oct2point(curve_.get(), peer.get(), encoded.data(), encoded.size(), context.get()) !=
          1 ||
      EC_POINT_is_at_infinity(curve_.get(), peer.get()) != 0) {
    ERR_clear_error();
    return fail("the peer's public value is not a point of the curve");
  }
  if (is_of_low_order(peer.get(), context.get())) {
    return fail("the peer's public value is of low order");
  }
  const Bignum scalar = private_scalar(random, EC_GROUP_get0_order(curve_.get()), context.get());
  const Point product = make_point(curve_.get());
  IKED_CHECK(EC_POINT_mul(curve_.get(), product.get(), nullptr, peer.get(), scalar.get(),
                          context.get()) == 1);
  // Not with a prime order, but a peer's value shall never be able to stop us.
  if (EC_POINT_is_at_infinity(curve_.get(), product.get()) == 1) {
    return fail("the peer's public value is of low order");
  }
  const Bignum x = make_bignum();
  IKED_CHECK(EC_POINT_get_affine_coordinates(curve_.get(), product.get(), x.get(), nullptr,
                                             context.get()) == 1);
  SecretBytes out(octets_);
  const int length = static_cast<int>(octets_);
  IKED_CHECK(BN_bn2binpad(x.get(), out.reveal_writable().data(), length) == length);
  return out;
}

}  // namespace iked::crypto
