// SPDX-License-Identifier: ISC
// Values without another source were computed with Python's hmac and hashlib.
#include "crypto/prf.h"

#include <gtest/gtest.h>

#include "crypto/algorithms.h"
#include "crypto/test_hex.h"

namespace iked::crypto {
namespace {

struct LongRun {
  PrfId id;
  const char* begin;  // two outputs and three octets
  const char* last;   // the 255th output
  const char* sha1;   // of all 255
};

// prf+("key", "seed")
constexpr LongRun long_runs[] = {
    {PrfId::HMAC_SHA1,
     "0a4dd4d286ae93c5e1d24f24f3756216b533dd67ad15d19cef25f483bcc5300fd5487404a2c5000664d807",
     "8be5db1fdf357f2fa9db8feee51e3826efb7b38c", "0f9a75110445b8adde955ae1e4f1a6ca09494842"},
    {PrfId::HMAC_SHA2_256,
     "a2392e429a99b173341b368bb5ce320bfd483d89567c14ec187c2d77e3c0a208ba45d21d42611712996c0cd4b329"
     "ac8681e093a8a5bbbbf0fb8c9d1cf674f7423fe3d2",
     "f6817f6748a4af2f03f27540915e7785c01a9a705ca2d9409f29f603fb4e7385",
     "075b4a24d0d1f28f8911c315151076d1c639ca77"},
    {PrfId::HMAC_SHA2_384,
     "245b57f46db11477bf9cd2e6adbc6244448af40400d70a9203399a48756b7dbf53087f405e438cf9bbb7d38b3491"
     "5f6b7dab328fb2580112db91d3da5c383d3c2a4de7974aa900251aced8106d3c00211e0cfff95994a7bb4bd1649b"
     "19443e957964c1",
     "204ae78b636039e1e646e1447e31c38113432fcfd2fc2d8d0ce2d0c42e63ee87c4bb339344788a75173ede90cfcb"
     "6d39",
     "53a87d040c4bb51963dba07f92b78a1bd7a0dd30"},
    {PrfId::HMAC_SHA2_512,
     "173a6224816997fa5b2129f1c4d26d629028846663e6e27dd28d35d0de3757056e7da6c4214436a07fa827ba4329"
     "baf9097b2eddf4c1ea2b89caf65189987801bbb7a7125bce5d65d77bfd4a0705ef9bcb45f76a33f0ed70f5f7ff0f"
     "53eaa8c0089d68f852c6a4ef3ab3684a7ee7ec7b3ec15d8f335ce4360f9a3e8bc95a1112ed5c34",
     "70fe9613118b50bda65f3241c8469b1ceffcb83c2507bfb789d16dc089d168eda33ff4f701f5e3732e15111a3b97"
     "77d03669e03df07da9760c127c786f6858b8",
     "12cf39b01e5b076be3b83c73ed0f093a2503963d"},
};

ByteView key() {
  return as_bytes("key");
}
ByteView seed() {
  return as_bytes("seed");
}

TEST(Prf, JoinsItsParts) {
  for (const auto& row : all_ike_prf()) {
    const SecretBytes whole = prf(row.id, key(), {as_bytes("one two three")});
    EXPECT_EQ(whole,
              prf(row.id, key(), {as_bytes("one"), as_bytes(" two"), {}, as_bytes(" three")}))
        << to_string(row.id);
    EXPECT_EQ(whole.size(), row.info.output);
  }
}

TEST(Prf, TakesKeysOfAnyLength) {
  // RFC 4231 case 6: a key longer than the block. RFC7296 2.13: PRFs accept keys of any length.
  const Bytes long_key(131, 0xaa);
  const ByteView text = as_bytes("Test Using Larger Than Block-Size Key - Hash Key First");
  EXPECT_EQ(hex(prf(PrfId::HMAC_SHA2_256, long_key, {text})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  // HMAC with an empty key and an empty message.
  EXPECT_EQ(hex(prf(PrfId::HMAC_SHA2_256, {}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(PrfPlus, RunsToItsLimitOf255Outputs) {
  for (const LongRun& run : long_runs) {
    SCOPED_TRACE(to_string(run.id));
    const size_t output = ike_prf(run.id)->output;
    const SecretBytes all = prf_plus(run.id, key(), seed(), 255 * output);
    EXPECT_EQ(to_hex(all.reveal().first(2 * output + 3)), run.begin);
    EXPECT_EQ(to_hex(all.reveal().last(output)), run.last);
    EXPECT_EQ(to_hex(sha1({all.reveal()})), run.sha1);
  }
}

TEST(PrfPlus, IsCutWithoutRegardToBoundaries) {
  for (const LongRun& run : long_runs) {
    SCOPED_TRACE(to_string(run.id));
    const std::string begin = run.begin;
    for (size_t length = 0; length <= begin.size() / 2; ++length) {
      EXPECT_EQ(hex(prf_plus(run.id, key(), seed(), length)), begin.substr(0, 2 * length));
    }
  }
}

TEST(PrfPlusDeathTest, IsNotDefinedBeyond255Outputs) {
  for (const LongRun& run : long_runs) {
    EXPECT_DEATH(prf_plus(run.id, key(), seed(), 255 * ike_prf(run.id)->output + 1), "255");
  }
}

TEST(PrfDeathTest, UnknownAlgorithmIsOurOwnFault) {
  EXPECT_DEATH(prf(PrfId{4711}, key(), {seed()}), "algorithm");
}

TEST(Sha1, MatchesFips180) {
  EXPECT_EQ(to_hex(sha1({as_bytes("a"), as_bytes("bc")})),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha1({})), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST(KeyedDigest, IsHmacSha256) {
  EXPECT_EQ(to_hex(keyed_digest(as_bytes("abc"), {as_bytes("one"), as_bytes("two")})),
            "5082a6715b2bf19070352ab5535edc56f5278df0d6f311d607b257846dff0c93");
}

}  // namespace
}  // namespace iked::crypto
