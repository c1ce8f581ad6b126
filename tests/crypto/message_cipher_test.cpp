// SPDX-License-Identifier: ISC
#include "crypto/message_cipher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/algorithms.h"
#include "crypto/test_hex.h"

namespace iked::crypto {
namespace {

constexpr size_t iv_offset = 32;  // IKE header and generic header of the SK payload

/// A suite with keys of its own, and messages made for it.
struct Sealer {
  Encr encr;
  IntegId integ = IntegId::NONE;
  Bytes encr_key, integ_key;
  SealLayout layout;

  Sealer(Encr encr_, IntegId integ_) : encr(encr_), integ(integ_) {
    const EncrInfo* info = ike_encr(encr);
    encr_key = counting(0x20, info->key + info->salt);
    if (integ != IntegId::NONE) integ_key = counting(0x80, ike_integ(integ)->key);
    layout = seal_layout(encr, integ).value();
  }
  MessageKeys keys() const { return {encr, integ, encr_key, integ_key}; }
  std::string name() const { return to_string(encr.id, encr.key_bits) + " " + to_string(integ); }
  Bytes plain(size_t text) const { return counting(1, iv_offset + layout.iv + text + layout.icv); }
  Bytes sealed(size_t text) const {
    Bytes message = plain(text);
    seal_in_place(keys(), message, iv_offset);
    return message;
  }
  ByteView text_of(const Bytes& message) const {
    const size_t begin = iv_offset + layout.iv;
    return ByteView(message).subspan(begin, message.size() - begin - layout.icv);
  }
};

std::vector<Sealer> all_sealers() {
  std::vector<Sealer> all;
  for (const auto& encr : all_ike_encr()) {
    if (is_aead(encr.id.id)) {
      all.emplace_back(encr.id, IntegId::NONE);
      continue;
    }
    for (const auto& integ : all_ike_integ()) all.emplace_back(encr.id, integ.id);
  }
  return all;
}

TEST(SealLayout, IsThatOfTheCatalogue) {
  for (const Sealer& sealer : all_sealers()) {
    const EncrInfo* info = ike_encr(sealer.encr);
    EXPECT_EQ(sealer.layout.iv, info->iv);
    EXPECT_EQ(sealer.layout.block, info->block);
    EXPECT_EQ(sealer.layout.icv,
              is_aead(sealer.encr.id) ? info->icv : ike_integ(sealer.integ)->icv);
  }
}

TEST(SealLayout, RefusesWhatIkeCannotUse) {
  EXPECT_EQ(seal_layout({EncrId::BLOWFISH, 128}, IntegId::HMAC_SHA2_256_128).error().text,
            "IKE cannot be encrypted with blowfish");
  EXPECT_EQ(seal_layout({EncrId::AES_CBC, 128}, IntegId::NONE).error().text,
            "IKE cannot be protected with none");
  EXPECT_EQ(seal_layout({EncrId::AES_GCM_16, 256}, IntegId::HMAC_SHA2_256_128).error().text,
            "aes-256-gcm takes no integrity algorithm");
}

TEST(MessageCipher, OpensWhatItSealed) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    for (size_t blocks : {0, 1, 2, 3, 17, 100}) {
      const size_t text = blocks * (sealer.layout.block == 1 ? 13 : sealer.layout.block);
      const Bytes before = sealer.plain(text);
      Bytes message = sealer.sealed(text);
      // Header and IV stay as they are, the text does not.
      EXPECT_TRUE(std::ranges::equal(ByteView(message).first(iv_offset + sealer.layout.iv),
                                     ByteView(before).first(iv_offset + sealer.layout.iv)));
      if (text != 0) {
        EXPECT_NE(to_hex(sealer.text_of(message)), to_hex(sealer.text_of(before)));
      }
      ASSERT_TRUE(open_in_place(sealer.keys(), message, iv_offset)) << text;
      EXPECT_EQ(to_hex(sealer.text_of(message)), to_hex(sealer.text_of(before)));
    }
  }
}

TEST(MessageCipher, RefusesAMessageWithAnyBitChanged) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    const Bytes good = sealer.sealed(48);
    for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
      Bytes forged = good;
      forged[bit / 8] = static_cast<uint8_t>(forged[bit / 8] ^ (1u << (bit % 8)));
      ASSERT_FALSE(open_in_place(sealer.keys(), forged, iv_offset)) << "bit " << bit;
    }
  }
}

TEST(MessageCipher, LeavesNoPlainTextOfAForgedMessage) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    Bytes forged = sealer.sealed(48);
    forged.back() ^= 1;
    const std::string cipher_text = to_hex(sealer.text_of(forged));
    ASSERT_FALSE(open_in_place(sealer.keys(), forged, iv_offset));
    // An AEAD's text is wiped; cipher text under a wrong ICV was never decrypted.
    EXPECT_EQ(to_hex(sealer.text_of(forged)),
              is_aead(sealer.encr.id) ? std::string(96, '0') : cipher_text);
  }
}

TEST(MessageCipher, RefusesEveryOtherLength) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    const Bytes good = sealer.sealed(48);
    for (size_t length = 0; length < good.size(); ++length) {
      Bytes shorter(good.begin(), good.begin() + static_cast<ptrdiff_t>(length));
      ASSERT_FALSE(open_in_place(sealer.keys(), shorter, iv_offset)) << length;
    }
    Bytes longer = good;
    for (int more = 0; more < 33; ++more) {
      longer.push_back(0);
      Bytes copy = longer;
      ASSERT_FALSE(open_in_place(sealer.keys(), copy, iv_offset)) << more;
    }
  }
}

TEST(MessageCipher, RefusesTextThatIsNotWholeBlocksEvenWithARightIcv) {
  // The ICV of AES-CBC covers the octets as they are: sealed as one suite, cut as another.
  for (const Sealer& sealer : all_sealers()) {
    if (sealer.layout.block == 1) continue;
    SCOPED_TRACE(sealer.name());
    Bytes message = sealer.sealed(48);
    // Moving the offset by one makes the text one octet shorter; the ICV stays right.
    EXPECT_FALSE(open_in_place(sealer.keys(), message, iv_offset + 1));
    EXPECT_TRUE(open_in_place(sealer.keys(), message, iv_offset));
  }
}

TEST(MessageCipher, NeedsTheRightKeys) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    // Every octet of an AEAD's key material counts, the salt included.
    for (size_t i = 0; is_aead(sealer.encr.id) && i < sealer.encr_key.size(); ++i) {
      Sealer other = sealer;
      other.encr_key[i] ^= 1;
      Bytes message = sealer.sealed(48);
      EXPECT_FALSE(open_in_place(other.keys(), message, iv_offset)) << "octet " << i;
    }
    for (size_t i = 0; i < sealer.integ_key.size(); ++i) {
      Sealer other = sealer;
      other.integ_key[i] ^= 1;
      Bytes message = sealer.sealed(48);
      EXPECT_FALSE(open_in_place(other.keys(), message, iv_offset)) << "octet " << i;
    }
  }
}

TEST(MessageCipher, UsesTheIvOfTheMessage) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    const Bytes one = sealer.sealed(48);
    Bytes two = sealer.plain(48);
    two[iv_offset] ^= 1;
    seal_in_place(sealer.keys(), two, iv_offset);
    EXPECT_NE(to_hex(sealer.text_of(one)), to_hex(sealer.text_of(two)));
  }
}

TEST(MessageCipher, CoversTheHeaderWithAndWithoutAead) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    const Bytes one = sealer.sealed(48);
    Bytes two = sealer.plain(48);
    two[0] ^= 1;
    seal_in_place(sealer.keys(), two, iv_offset);
    EXPECT_EQ(to_hex(sealer.text_of(one)), to_hex(sealer.text_of(two)));
    EXPECT_NE(to_hex(ByteView(one).last(sealer.layout.icv)),
              to_hex(ByteView(two).last(sealer.layout.icv)));
  }
}

TEST(MessageCipher, WorksInTheMiddleOfALargerBuffer) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    const Bytes alone = sealer.sealed(48);
    Bytes plain = sealer.plain(48);
    Bytes buffer(3, 0xee);  // also: octets that are not aligned
    append(buffer, plain);
    buffer.resize(buffer.size() + 5, 0xee);
    seal_in_place(sealer.keys(), std::span(buffer).subspan(3, plain.size()), iv_offset);
    EXPECT_EQ(to_hex(ByteView(buffer).subspan(3, plain.size())), to_hex(alone));
    EXPECT_EQ(to_hex(ByteView(buffer).first(3)), "eeeeee");
    EXPECT_EQ(to_hex(ByteView(buffer).last(5)), "eeeeeeeeee");
  }
}

TEST(MessageCipherDeathTest, WrongKeyLengthsAreOurOwnFault) {
  for (const Sealer& sealer : all_sealers()) {
    SCOPED_TRACE(sealer.name());
    Sealer other = sealer;
    other.encr_key.pop_back();
    Bytes message = sealer.plain(48);
    EXPECT_DEATH(seal_in_place(other.keys(), message, iv_offset), "encr_key");
  }
  Sealer other({EncrId::AES_CBC, 256}, IntegId::HMAC_SHA2_256_128);
  other.integ_key.pop_back();
  Bytes message = other.plain(48);
  EXPECT_DEATH(seal_in_place(other.keys(), message, iv_offset), "integ_key");
  Bytes odd = other.plain(47);
  EXPECT_DEATH(seal_in_place(other.keys(), odd, iv_offset), "cut");
}

}  // namespace
}  // namespace iked::crypto
