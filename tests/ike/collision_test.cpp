// SPDX-License-Identifier: ISC
#include "ike/collision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace iked::ike {
namespace {

using Reply = Verdict::Reply;

constexpr std::array asks = {Ask::create_child, Ask::rekey_child, Ask::delete_child, Ask::rekey_ike,
                             Ask::delete_ike};
constexpr std::array doings = {Doing::nothing,      Doing::create_child, Doing::rekey_child,
                               Doing::delete_child, Doing::rekey_ike,    Doing::delete_ike};

// RFC7296 2.25.1, 2.25.2, 2.8.2 sentence by sentence, in another order than the code.
Verdict expected(Ask ask, Doing doing, const Standing& at) {
  const bool closing_ike = doing == Doing::delete_ike || at.ike_replaced;
  const bool closing_child = at.child_retired || (doing == Doing::delete_child && at.same_child);
  const bool child_work =
      doing == Doing::create_child || doing == Doing::rekey_child || doing == Doing::delete_child;
  switch (ask) {
    case Ask::delete_ike:
      return {Reply::serve, false, doing != Doing::nothing};
    case Ask::delete_child:
      if (!at.child_known) return {Reply::serve_silently};
      if (doing == Doing::delete_child && at.same_child) return {Reply::serve_silently};
      return {Reply::serve};
    case Ask::create_child:
      if (closing_ike || doing == Doing::rekey_ike) return {Reply::temporary_failure};
      return {Reply::serve};
    case Ask::rekey_child:
      if (closing_ike || doing == Doing::rekey_ike) return {Reply::temporary_failure};
      // While we make one the peer may have it and we not yet.
      if (!at.child_known && (doing == Doing::create_child || doing == Doing::rekey_child)) {
        return {Reply::temporary_failure};
      }
      if (!at.child_known) return {Reply::child_not_found};
      if (closing_child) return {Reply::temporary_failure};
      return {Reply::serve, doing == Doing::rekey_child && at.same_child};
    case Ask::rekey_ike:
      if (closing_ike || child_work) return {Reply::temporary_failure};
      return {Reply::serve, doing == Doing::rekey_ike};
  }
  return {};
}

// R157, R158, R159: 5 requests, 6 things to be at, 16 ways in which the SAs can stand.
TEST(Collision, EveryOneIsDecidedAsTheRfcSays) {
  size_t cases = 0;
  for (Ask ask : asks) {
    for (Doing doing : doings) {
      for (unsigned bits = 0; bits < 16; ++bits) {
        const Standing at{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
        EXPECT_EQ(decide(ask, doing, at), expected(ask, doing, at))
            << "ask " << static_cast<int>(ask) << " doing " << static_cast<int>(doing) << " bits "
            << bits;
        ++cases;
      }
    }
  }
  EXPECT_EQ(cases, 480U);
}

// Nothing but a request for new SAs is ever put off, and a Delete of the IKE SA is always served.
TEST(Collision, DeletesAreNeverPutOff) {
  for (Doing doing : doings) {
    for (unsigned bits = 0; bits < 16; ++bits) {
      const Standing at{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
      EXPECT_NE(decide(Ask::delete_child, doing, at).reply, Reply::temporary_failure);
      EXPECT_EQ(decide(Ask::delete_ike, doing, at).reply, Reply::serve);
    }
  }
}

TEST(Nonces, AreComparedOctetByOctet) {
  const Bytes low = {0x00, 0xff, 0xff};
  const Bytes high = {0x01, 0x00};
  EXPECT_EQ(to_bytes(lower_nonce(low, high)), low);
  EXPECT_EQ(to_bytes(lower_nonce(high, low)), low);
  // "If you reach the end of one nonce, that nonce is the lower one."
  const Bytes longer = {0x01, 0x00, 0x00};
  EXPECT_EQ(to_bytes(lower_nonce(longer, high)), high);
  EXPECT_EQ(to_bytes(lower_nonce(high, longer)), high);
  // Octets have no sign.
  EXPECT_EQ(to_bytes(lower_nonce(Bytes{0x80}, Bytes{0x7f})), (Bytes{0x7f}));
}

// Wherever the lowest of the four nonces is, both sides name the same loser.
TEST(Nonces, BothSidesAgreeWhoLoses) {
  std::array<uint8_t, 4> order = {1, 2, 3, 4};
  do {
    const Bytes a_i(16, order[0]);
    const Bytes a_r(16, order[1]);
    const Bytes b_i(16, order[2]);
    const Bytes b_r(16, order[3]);
    const ByteView of_a = lower_nonce(a_i, a_r);
    const ByteView of_b = lower_nonce(b_i, b_r);
    const bool a_loses = own_rekey_loses(of_a, of_b);
    EXPECT_NE(a_loses, own_rekey_loses(of_b, of_a));
    EXPECT_EQ(a_loses, order[0] == 1 || order[1] == 1);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace iked::ike
