// SPDX-License-Identifier: ISC
// The expected values were computed with Python: pow() for MODP, the module "cryptography" for
// P-256.
#include "crypto/key_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "crypto/algorithms.h"
#include "crypto/keys.h"
#include "crypto/library_memory.h"
#include "crypto/test_hex.h"

namespace iked::crypto {
namespace {

using ::testing::HasSubstr;

// RFC 3526 3
constexpr const char* modp_2048_prime =
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22"
    "514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6"
    "f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3d"
    "c2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb"
    "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e8603"
    "9b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510"
    "15728e5a8aacaa68ffffffffffffffff";

/// Random octets that are the same in each run.
SecretBytes numbered_random(KeId group, uint16_t number) {
  Bytes octets(ike_ke(group)->random, 0x5a);
  octets[octets.size() - 2] = static_cast<uint8_t>(number >> 8);
  octets[octets.size() - 1] = static_cast<uint8_t>(number);
  return SecretBytes(octets);
}

/// The prime with `difference` added; |difference| < 256.
Bytes near_prime(int difference) {
  Bytes octets = unhex(modp_2048_prime);
  int carry = difference;
  for (size_t i = octets.size(); i-- > 0 && carry != 0;) {
    const int sum = octets[i] + carry;
    octets[i] = static_cast<uint8_t>(sum & 0xff);
    carry = sum < 0 ? -1 : sum >> 8;
  }
  return octets;
}

Bytes small_number(size_t length, uint8_t value) {
  Bytes octets(length);
  octets.back() = value;
  return octets;
}

TEST(KeyExchange, GivesBothSidesTheSameSecret) {
  for (const auto& row : all_ike_ke()) {
    SCOPED_TRACE(to_string(row.id));
    for (uint16_t i = 0; i < 8; ++i) {
      const SecretBytes a = numbered_random(row.id, static_cast<uint16_t>(1000 + i));
      const SecretBytes b = numbered_random(row.id, static_cast<uint16_t>(2000 + i));
      const Bytes public_a = public_value(row.id, a).value();
      const Bytes public_b = public_value(row.id, b).value();
      EXPECT_EQ(public_a.size(), row.info.public_value);
      EXPECT_NE(to_hex(public_a), to_hex(public_b));
      const Result<SecretBytes> secret_a = shared_secret(row.id, a, public_b);
      const Result<SecretBytes> secret_b = shared_secret(row.id, b, public_a);
      ASSERT_TRUE(secret_a && secret_b);
      EXPECT_EQ(secret_a->size(), row.info.shared);
      EXPECT_EQ(*secret_a, *secret_b);
    }
  }
}

TEST(KeyExchange, DependsOnNothingButTheRandomOctets) {
  for (const auto& row : all_ike_ke()) {
    const SecretBytes random = numbered_random(row.id, 7);
    EXPECT_EQ(to_hex(public_value(row.id, random).value()),
              to_hex(public_value(row.id, random.duplicate()).value()));
  }
}

TEST(KeyExchange, UsesEveryRandomOctet) {
  for (const auto& row : all_ike_ke()) {
    SCOPED_TRACE(to_string(row.id));
    const SecretBytes random = numbered_random(row.id, 7);
    const std::string value = to_hex(public_value(row.id, random).value());
    for (size_t i = 0; i < random.size(); ++i) {
      SecretBytes other = random.duplicate();
      other.reveal_writable()[i] ^= uint8_t{0x08};  // a bit that X25519 does not fix
      EXPECT_NE(to_hex(public_value(row.id, other).value()), value) << "octet " << i;
    }
  }
}

TEST(KeyExchange, TakesAnyRandomOctets) {
  for (const auto& row : all_ike_ke()) {
    SCOPED_TRACE(to_string(row.id));
    const SecretBytes good = numbered_random(row.id, 7);
    for (const uint8_t fill : {uint8_t{0x00}, uint8_t{0xff}}) {
      const SecretBytes extreme(Bytes(row.info.random, fill));
      const Result<Bytes> value = public_value(row.id, extreme);
      ASSERT_TRUE(value.has_value());
      const Result<SecretBytes> there = shared_secret(row.id, good, *value);
      ASSERT_TRUE(there.has_value()) << there.error().text;
      EXPECT_EQ(*there, shared_secret(row.id, extreme, *public_value(row.id, good)).value());
    }
  }
}

TEST(KeyExchange, RefusesPublicValuesOfAnyOtherLength) {
  for (const auto& row : all_ike_ke()) {
    SCOPED_TRACE(to_string(row.id));
    const SecretBytes random = numbered_random(row.id, 7);
    const Bytes good = public_value(row.id, random).value();
    for (size_t length = 0; length <= 2 * good.size() + 2; ++length) {
      Bytes value = good;
      value.resize(length);
      const Result<SecretBytes> secret = shared_secret(row.id, random, value);
      ASSERT_EQ(secret.has_value(), length == good.size()) << length;
      if (!secret) {
        EXPECT_THAT(secret.error().text, HasSubstr("octets instead of"));
      }
    }
    // Padded in front, the number is the same but the encoding is not allowed.
    Bytes padded{0};
    append(padded, good);
    EXPECT_FALSE(shared_secret(row.id, random, padded).has_value());
  }
}

TEST(KeyExchange, FailsForGroupsItDoesNotKnow) {
  EXPECT_FALSE(public_value(KeId::NONE, SecretBytes(32)).has_value());
  EXPECT_FALSE(public_value(KeId{999}, SecretBytes(32)).has_value());
  EXPECT_FALSE(shared_secret(KeId{9}, SecretBytes(32), Bytes(32)).has_value());
}

TEST(KeyExchangeDeathTest, TooLittleRandomnessIsOurOwnFault) {
  for (const auto& row : all_ike_ke()) {
    EXPECT_DEATH((void)public_value(row.id, SecretBytes(row.info.random - 1)), "random");
  }
}

TEST(LibraryMemory, CannotBeChangedOnceItIsInUse) {
  (void)public_value(KeId::ECP_256, numbered_random(KeId::ECP_256, 1));
  EXPECT_FALSE(zero_library_memory());
}

TEST(KeyExchange, MayRunOnManyThreadsAtOnce) {
  constexpr uint16_t rounds = 5;
  const auto work = [](KeId group, uint16_t i) {
    const SecretBytes a = numbered_random(group, i);
    const SecretBytes b = numbered_random(group, static_cast<uint16_t>(i + 100));
    return hex(shared_secret(group, a, public_value(group, b).value()).value());
  };
  std::vector<std::vector<std::string>> found(4);
  std::vector<std::thread> threads;
  threads.reserve(found.size());
  for (std::vector<std::string>& results : found) {
    threads.emplace_back([&results, &work] {
      for (const auto& row : all_ike_ke()) {
        for (uint16_t i = 0; i < rounds; ++i) results.push_back(work(row.id, i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> expected;
  for (const auto& row : all_ike_ke()) {
    for (uint16_t i = 0; i < rounds; ++i) expected.push_back(work(row.id, i));
  }
  for (const std::vector<std::string>& results : found) EXPECT_EQ(results, expected);
}

// ---- values of the peer that must be refused ----------------------------------------------------

TEST(Modp, RefusesWhatIsNotBetween1AndPLess1) {
  const SecretBytes random = numbered_random(KeId::MODP_2048, 7);
  const auto accepted = [&](const Bytes& value) {
    return shared_secret(KeId::MODP_2048, random, value).has_value();
  };
  EXPECT_FALSE(accepted(small_number(256, 0)));
  EXPECT_FALSE(accepted(small_number(256, 1)));
  EXPECT_TRUE(accepted(small_number(256, 2)));
  EXPECT_TRUE(accepted(near_prime(-2)));
  EXPECT_FALSE(accepted(near_prime(-1)));
  EXPECT_FALSE(accepted(near_prime(0)));
  EXPECT_FALSE(accepted(near_prime(1)));
  EXPECT_FALSE(accepted(near_prime(2)));
  EXPECT_FALSE(accepted(Bytes(256, 0xff)));
  EXPECT_THAT(shared_secret(KeId::MODP_2048, random, near_prime(0)).error().text,
              HasSubstr("out of range"));
}

TEST(Ecp, RefusesWhatIsNotAPointOfTheCurve) {
  const SecretBytes random = numbered_random(KeId::ECP_256, 7);
  const Bytes good = public_value(KeId::ECP_256, random).value();
  const auto accepted = [&](const Bytes& value) {
    return shared_secret(KeId::ECP_256, random, value).has_value();
  };
  ASSERT_TRUE(accepted(good));
  EXPECT_FALSE(accepted(Bytes(64))) << "x = y = 0";
  EXPECT_FALSE(accepted(Bytes(64, 0xff)));
  for (size_t i = 0; i < good.size(); ++i) {
    Bytes off = good;
    off[i] ^= 1;
    EXPECT_FALSE(accepted(off)) << "octet " << i;
  }
  Bytes swapped(good.begin() + 32, good.end());
  swapped.insert(swapped.end(), good.begin(), good.begin() + 32);
  EXPECT_FALSE(accepted(swapped));
}

TEST(Ecp, RefusesCoordinatesThatAreNotReduced) {
  // x = 5 lies on P-256 with this y; so does x = 5 + p as a number, which still fits 32 octets.
  const std::string y = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
  const std::string five = "0000000000000000000000000000000000000000000000000000000000000005";
  const std::string five_and_p = "ffffffff00000001000000000000000000000001000000000000000000000004";
  const SecretBytes random = numbered_random(KeId::ECP_256, 7);
  EXPECT_TRUE(shared_secret(KeId::ECP_256, random, unhex(five + y)).has_value());
  EXPECT_FALSE(shared_secret(KeId::ECP_256, random, unhex(five_and_p + y)).has_value());
}

// x = 0 and y the root of b: a point of order 2. An even scalar makes infinity of it, an odd one
// leaves it as it is, with a secret of zeros.
TEST(Ec2n, RefusesPointsOfLowOrder) {
  constexpr std::pair<KeId, const char*> points[] = {
      {KeId::EC2N_155, "00000000000015b000002b60000056c00000ad8000015b0353"},
      {KeId::EC2N_185, "000000000000000000000007c0000000000001f000000069"},
  };
  for (const auto& [group, root] : points) {
    Bytes value(ike_ke(group)->public_value);
    const Bytes y = unhex(root);
    const size_t octets = std::min(y.size(), value.size() / 2);
    std::ranges::copy(ByteView(y).last(octets), value.end() - static_cast<ptrdiff_t>(octets));
    for (uint16_t i = 0; i < 8; ++i) {
      const Result<SecretBytes> secret = shared_secret(group, numbered_random(group, i), value);
      ASSERT_FALSE(secret.has_value()) << to_string(group);
      EXPECT_EQ(secret.error().text, "the peer's public value is of low order");
    }
  }
}

TEST(Xdh, RefusesEveryPointOfLowOrder) {
  // RFC 7748 6.1 and its non-canonical forms; the highest bit is ignored.
  const std::string low_order[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  const SecretBytes random = numbered_random(KeId::CURVE25519, 7);
  for (const std::string& point : low_order) {
    Bytes value = unhex(point);
    const Result<SecretBytes> secret = shared_secret(KeId::CURVE25519, random, value);
    ASSERT_FALSE(secret.has_value()) << point;
    EXPECT_THAT(secret.error().text, HasSubstr("low order"));
    value.back() |= 0x80;
    EXPECT_FALSE(shared_secret(KeId::CURVE25519, random, value).has_value()) << point;
  }
  EXPECT_TRUE(
      shared_secret(KeId::CURVE25519, random, unhex("09" + std::string(62, '0'))).has_value());
}

// ---- leading zeroes stay (RFC7296 2.14) ---------------------------------------------------------

std::string sk_d(KeId group, const SecretBytes& shared) {
  const IkeSuite suite{.encr = {EncrId::AES_GCM_16, 256}, .prf = PrfId::HMAC_SHA2_256, .ke = group};
  return to_hex(derive_ike_keys(suite, shared, counting(0x10, 32), counting(0x50, 24),
                                IkeSpi{0x0102030405060708}, IkeSpi{0xa1a2a3a4a5a6a7a8})
                    .sk_d());
}

TEST(KeyExchange, PadsAModpSecretThatBeginsWithAZeroOctet) {
  const SecretBytes a = numbered_random(KeId::MODP_2048, 0);
  const SecretBytes b = numbered_random(KeId::MODP_2048, 561);
  const SecretBytes at_a =
      shared_secret(KeId::MODP_2048, a, *public_value(KeId::MODP_2048, b)).value();
  const SecretBytes at_b =
      shared_secret(KeId::MODP_2048, b, *public_value(KeId::MODP_2048, a)).value();
  EXPECT_EQ(hex(at_a),
            "00d03060f823d08b4baf94a602d423a07eeeba2f2c1eaaeab10332d8a12181b4365ad82832f14d22"
            "046c2728ced5a7203cc617dd05244ef1de1ffa28b13ece57422fcb9f06181c66aa4d19c407e97ec9"
            "6107a673aede64ff31d83e510304cf77c4dc9e82ca19eac5b7ec500193994b749411efce22762bbd"
            "0fb03a071f73bc11dba39424f32dda527b476787e01a61dcfc33cab2f7e2c343d7bb8d4aac693cbd"
            "84a32923f9ac0905e29d6be608988bb1d6b88c656b66d3c79066791fa277f307e6638fd0f0fe07a5"
            "69fda918c475e61c6c4ba94310abd3268bf8e21f353db23d236c605577265e4f7c1fb8cc6c0d81be"
            "9495f0d86ff3465050b08e4f87450c6c");
  EXPECT_EQ(at_a, at_b);
  EXPECT_EQ(sk_d(KeId::MODP_2048, at_a),
            "f3c661e1adca6485ee0743b10cc57cb1f7828a98a0c3996c773dcee91d8abd6b");
}

TEST(KeyExchange, PadsAnEcpSecretThatBeginsWithAZeroOctet) {
  const SecretBytes a = numbered_random(KeId::ECP_256, 0);
  const SecretBytes b = numbered_random(KeId::ECP_256, 361);
  const SecretBytes secret =
      shared_secret(KeId::ECP_256, a, *public_value(KeId::ECP_256, b)).value();
  EXPECT_EQ(hex(secret), "00aaa7063c59c762ebe98df8c9f7d3d1976bf54c3bc6e9d65582b847af24d8a0");
  EXPECT_EQ(sk_d(KeId::ECP_256, secret),
            "f18d36cc497ee36f9691a5b29f4387c85206cf1af27d384b8ce6ac66dbd29484");
}

TEST(KeyExchange, PadsPublicValuesThatBeginWithAZeroOctet) {
  EXPECT_EQ(to_hex(public_value(KeId::MODP_2048, numbered_random(KeId::MODP_2048, 110)).value()),
            "007a2227809c88a6431c408fcb2a069549cdb6bbf0088fffc5b21de28a96a54d95080b28d29a6575"
            "e64d683f32a15793fd213d2c8722f264f98c403a2e5fe24727e31889d42846cf166284657302b12f"
            "7f5d1fbfa7a4c039c4e19d6c3afa98aa0bd5f4c739487b669e595884a72eac9da27a1cdd1dcdb848"
            "6a03ed9c46cb1b484cce66106c0921397c43f52bb99d5189e48fcf560a5517d71a0ab3c7281e8ce4"
            "f6413a39bb309e49425fe4df3dd10f9774691c1ed0b202b5cc00ef3ef5dfb3e6db76624742513bfe"
            "cf259fc0b99fddf804cdd6d6442f4cbfeb80d36424933efabe2c2972947dca9d02f71c667fb20b18"
            "b664f67ed131dfacdd6b4958a0a95127");
  EXPECT_EQ(to_hex(public_value(KeId::ECP_256, numbered_random(KeId::ECP_256, 212)).value()),
            "58092ef051025fddc0a3f82e65d2ccd469bdc1faaf2b2bee6b046ce1839c015f000d3ef416922c9c"
            "e50f1647f1a76a4c801456f4db24943cf6f6f12e9be02ecc");
}

}  // namespace
}  // namespace iked::crypto
