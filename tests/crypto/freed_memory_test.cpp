// SPDX-License-Identifier: ISC
// No block of memory is given back while a secret still stands in it, neither by us nor by the
// libraries we call. A program of its own, because it puts its own free() before the C library's.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/algorithms.h"
#include "crypto/key_exchange.h"
#include "crypto/keys.h"
#include "crypto/library_memory.h"
#include "crypto/message_cipher.h"
#include "crypto/prf.h"
#include "crypto/test_hex.h"

namespace iked::crypto {
namespace {

constexpr size_t needle_length = 12;
using Needle = std::array<uint8_t, needle_length>;

// In static memory, which is never freed.
std::array<Needle, 64> needles;
size_t needle_count = 0;
size_t found = 0;
bool watching = false;

void scan(void* block) {
  if (!watching || block == nullptr) return;
  const size_t length = malloc_usable_size(block);
  for (size_t i = 0; i < needle_count; ++i) {
    if (memmem(block, length, needles[i].data(), needle_length) != nullptr) ++found;
  }
}

}  // namespace
}  // namespace iked::crypto

extern "C" void __libc_free(void* block);  // NOLINT: glibc's name
extern "C" void free(void* block) noexcept {
  iked::crypto::scan(block);
  __libc_free(block);
}

namespace iked::crypto {
namespace {

/// As a program of ours does it: before anything else uses libcrypto.
const bool library_memory_is_zeroed = zero_library_memory();

/// Watches all memory that is given back while it lives.
class Watch {
 public:
  Watch() {
    needle_count = 0;
    found = 0;
  }
  ~Watch() { watching = false; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// A piece of it from the middle, and the same as big numbers have it: the other way round.
  void look_for(ByteView secret) {
    IKED_CHECK(secret.size() >= needle_length && needle_count + 2 <= needles.size());
    const ByteView piece = secret.subspan((secret.size() - needle_length) / 2, needle_length);
    std::ranges::copy(piece, needles[needle_count++].begin());
    std::ranges::reverse_copy(piece, needles[needle_count++].begin());
  }
  void begin() { watching = true; }
  size_t end() {
    watching = false;
    return found;
  }
};

TEST(FreedMemory, WatchFindsASecretThatIsLeft) {
  Watch watch;
  watch.look_for(counting(1, 32));
  watch.begin();
  {
    const Bytes left = counting(1, 32);
    Bytes reversed(left.rbegin(), left.rend());
    // Keeps the compiler from leaving the vectors out.
    EXPECT_NE(left.data(), reversed.data());
  }
  EXPECT_EQ(watch.end(), 2u);
}

TEST(FreedMemory, HasNoSecretBytes) {
  Watch watch;
  watch.look_for(counting(1, 32));
  watch.begin();
  {
    SecretBytes one(counting(1, 32));
    SecretBytes two = one.duplicate();
    SecretBytes three = std::move(one);
    two = std::move(three);
    EXPECT_EQ(two.size(), 32u);
  }
  // The two arguments of counting() above are test data in plain vectors.
  EXPECT_EQ(watch.end(), 1u);
}

TEST(FreedMemory, HasNothingOfAKeyExchange) {
  ASSERT_TRUE(library_memory_is_zeroed);
  // Less than the smallest order has; with zeros in front, no reduction changes such a number.
  constexpr size_t octets = 19;
  for (const auto& row : all_ike_ke()) {
    SCOPED_TRACE(to_string(row.id));
    SecretBytes random(row.info.random);
    std::ranges::copy(counting(0x31, octets), random.reveal_writable().last(octets).begin());
    SecretBytes other(row.info.random);
    std::ranges::copy(counting(0x61, octets), other.reveal_writable().last(octets).begin());
    const Bytes peer = public_value(row.id, other).value();
    const SecretBytes shared = shared_secret(row.id, random, peer).value();

    Watch watch;
    watch.look_for(random.reveal().last(octets));
    watch.look_for(shared.reveal());
    watch.begin();
    (void)public_value(row.id, random);
    EXPECT_EQ(watch.end(), 0u) << "public_value";
    watch.begin();
    (void)shared_secret(row.id, random, peer);
    EXPECT_EQ(watch.end(), 0u) << "shared_secret";
  }
}

TEST(FreedMemory, HasNothingOfTheKeySchedule) {
  const Bytes nonce = counting(0x10, 32);
  const SecretBytes shared(counting(0xc0, 32));
  const SecretBytes psk(counting(0x91, 40));
  for (const auto& prf_row : all_ike_prf()) {
    const IkeSuite suite{.encr = {EncrId::AES_CBC, 256},
                         .prf = prf_row.id,
                         .integ = IntegId::HMAC_SHA2_256_128,
                         .ke = KeId::CURVE25519};
    SCOPED_TRACE(to_string(suite));
    const ChildSuite child{.encr = {EncrId::AES_GCM_16, 256}};
    const auto all_of_it = [&] {
      const IkeKeys keys = derive_ike_keys(suite, shared, nonce, nonce, IkeSpi{1}, IkeSpi{2});
      const IkeKeys rekeyed = derive_rekeyed_ike_keys(suite, suite.prf, keys.sk_d(), shared, nonce,
                                                      nonce, IkeSpi{3}, IkeSpi{4});
      const ChildKeys child_keys =
          derive_child_keys(suite.prf, keys.sk_d(), child, &shared, nonce, nonce);
      const SecretBytes auth = psk_auth_value(suite.prf, psk, nonce);
      EXPECT_FALSE(rekeyed.empty() || auth.empty() || child_keys.encr_r.empty());
    };
    Watch watch;
    watch.look_for(shared.reveal());
    watch.look_for(psk.reveal());
    {
      const IkeKeys keys = derive_ike_keys(suite, shared, nonce, nonce, IkeSpi{1}, IkeSpi{2});
      for (ByteView key : {keys.sk_d(), keys.sk_ai(), keys.sk_ar(), keys.sk_ei(), keys.sk_er(),
                           keys.sk_pi(), keys.sk_pr()}) {
        watch.look_for(key);
      }
      const ChildKeys child_keys =
          derive_child_keys(suite.prf, keys.sk_d(), child, &shared, nonce, nonce);
      watch.look_for(child_keys.encr_i.reveal());
      watch.look_for(child_keys.encr_r.reveal());
      Bytes nonces = nonce;
      append(nonces, nonce);
      watch.look_for(prf(suite.prf, nonces, {shared.reveal()}).reveal());
      watch.look_for(prf(suite.prf, psk.reveal(), {as_bytes("Key Pad for IKEv2")}).reveal());
    }
    watch.begin();
    all_of_it();
    EXPECT_EQ(watch.end(), 0u);
  }
}

TEST(FreedMemory, HasNothingOfAMessage) {
  for (const auto& encr : all_ike_encr()) {
    const bool aead = is_aead(encr.id.id);
    const IntegId integ = aead ? IntegId::NONE : IntegId::HMAC_SHA2_256_128;
    SCOPED_TRACE(to_string(encr.id.id, encr.id.key_bits));
    const SecretBytes encr_key(counting(0x20, encr.info.key + encr.info.salt));
    const SecretBytes integ_key(counting(0x80, aead ? 0 : 32));
    const MessageKeys keys{encr.id, integ, encr_key.reveal(), integ_key.reveal()};
    Bytes message(32 + encr.info.iv);
    const Bytes text = counting(0xb0, 64);
    append(message, text);
    message.resize(message.size() + seal_layout(encr.id, integ)->icv);

    Watch watch;
    // The first round key of AES is the key itself.
    watch.look_for(encr_key.reveal().first(16));
    if (!aead) watch.look_for(integ_key.reveal());
    watch.look_for(text);
    watch.begin();
    seal_in_place(keys, message, 32);
    EXPECT_EQ(watch.end(), 0u) << "seal_in_place";
    watch.begin();
    EXPECT_TRUE(open_in_place(keys, message, 32));
    EXPECT_EQ(watch.end(), 0u) << "open_in_place";
  }
}

}  // namespace
}  // namespace iked::crypto
