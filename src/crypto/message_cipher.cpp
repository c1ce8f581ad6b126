// SPDX-License-Identifier: ISC
#include "crypto/message_cipher.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/algorithms.h"
#include "crypto/ciphers.h"
#include "crypto/message_cipher_provider.h"

namespace iked::crypto {
namespace {

// ---- who computes what -------------------------------------------------------------------------

struct IntegRow {
  IntegId id;
  MacAlgorithm mac;
};

constexpr IntegRow integ_rows[] = {
    {IntegId::HMAC_MD5_96, MacAlgorithm::HMAC_MD5},
    {IntegId::HMAC_SHA1_96, MacAlgorithm::HMAC_SHA1},
    {IntegId::HMAC_SHA1_160, MacAlgorithm::HMAC_SHA1},
    {IntegId::AES_XCBC_96, MacAlgorithm::AES128_XCBC},
    {IntegId::AES_CMAC_96, MacAlgorithm::AES128_CMAC},
    {IntegId::HMAC_SHA2_256_128, MacAlgorithm::HMAC_SHA2_256},
    {IntegId::HMAC_SHA2_384_192, MacAlgorithm::HMAC_SHA2_384},
    {IntegId::HMAC_SHA2_512_256, MacAlgorithm::HMAC_SHA2_512},
};

// ---- one message -------------------------------------------------------------------------------

/// A message cut where the algorithms want it.
struct Pieces {
  std::span<uint8_t> before_iv, iv, text, icv;
  std::span<uint8_t> before_icv;  // all but the ICV
};

/// False when there is no room for IV and ICV, or the text is not whole blocks.
bool cut(const SealLayout& layout, std::span<uint8_t> message, size_t iv_offset, Pieces& out) {
  if (message.size() < iv_offset || message.size() - iv_offset < layout.iv + layout.icv) {
    return false;
  }
  const size_t text = message.size() - iv_offset - layout.iv - layout.icv;
  if (text % layout.block != 0) return false;
  out.before_iv = message.first(iv_offset);
  out.iv = message.subspan(iv_offset, layout.iv);
  out.text = message.subspan(iv_offset + layout.iv, text);
  out.icv = message.last(layout.icv);
  out.before_icv = message.first(message.size() - layout.icv);
  return true;
}

/// The longest nonce or IV: a block of AES.
class Nonce {
 public:
  explicit Nonce(std::initializer_list<ByteView> parts) {
    for (ByteView part : parts) {
      IKED_CHECK(size_ + part.size() <= octets_.size());
      std::ranges::copy(part, octets_.begin() + static_cast<ptrdiff_t>(size_));
      size_ += part.size();
    }
  }
  ByteView view() const { return ByteView(octets_).first(size_); }

 private:
  std::array<uint8_t, 16> octets_{};
  size_t size_ = 0;
};

/// Cipher key and what comes after it in the key material: RFC 5282 7.1, RFC 5930 2.
struct KeyParts {
  ByteView key, salt;
};
KeyParts split(const MessageKeys& keys) {
  const EncrInfo* info = ike_encr(keys.encr);
  IKED_CHECK(info != nullptr && keys.encr_key.size() == info->key + info->salt);
  return {keys.encr_key.first(info->key), keys.encr_key.last(info->salt)};
}

void crypt(const MessageKeys& keys, Direction direction, const Pieces& pieces) {
  const KeyParts parts = split(keys);
  // RFC5930 2: the counter behind nonce and IV begins with one.
  constexpr uint8_t one[] = {0, 0, 0, 1};
  const bool counter = keys.encr.id == EncrId::AES_CTR;
  const Nonce iv{parts.salt, pieces.iv, counter ? ByteView(one) : ByteView()};
  crypt(keys.encr, direction, parts.key, iv.view(), pieces.text);
}

// RFC5282 4: the nonce is salt | IV; the associated data are all octets before the IV.
void seal_aead(const MessageKeys& keys, const Pieces& pieces) {
  const KeyParts parts = split(keys);
  const Nonce nonce{parts.salt, pieces.iv};
  aead_seal(keys.encr, {parts.key, nonce.view(), pieces.before_iv, pieces.text, pieces.icv});
}

bool open_aead(const MessageKeys& keys, const Pieces& pieces) {
  const KeyParts parts = split(keys);
  const Nonce nonce{parts.salt, pieces.iv};
  if (aead_open(keys.encr, {parts.key, nonce.view(), pieces.before_iv, pieces.text, pieces.icv})) {
    return true;
  }
  // The library decrypts before it compares: what a forger chose must not lie around as text.
  explicit_bzero(pieces.text.data(), pieces.text.size());
  return false;
}

SecretArray<max_mac_output> whole_icv(const MessageKeys& keys, ByteView octets) {
  const std::optional<MacAlgorithm> algorithm = integ_provider(keys.integ);
  IKED_CHECK(algorithm && keys.integ_key.size() == ike_integ(keys.integ)->key);
  Mac mac(*algorithm, keys.integ_key);
  mac.add(octets);
  SecretArray<max_mac_output> out;
  mac.finish(out.reveal_writable());
  return out;
}

}  // namespace

std::optional<MacAlgorithm> integ_provider(IntegId id) {
  const auto* row = std::ranges::find(integ_rows, id, &IntegRow::id);
  if (row == std::end(integ_rows)) return std::nullopt;
  return row->mac;
}

Result<SealLayout> seal_layout(Encr encr, IntegId integ) {
  const EncrInfo* cipher = ike_encr(encr);
  if (cipher == nullptr) {
    return fail("IKE cannot be encrypted with {}", to_string(encr.id, encr.key_bits));
  }
  SealLayout layout{.iv = cipher->iv, .icv = cipher->icv, .block = cipher->block};
  if (is_aead(encr.id)) {
    // RFC5282 8: an AEAD is not combined with an integrity algorithm.
    if (integ != IntegId::NONE) {
      return fail("{} takes no integrity algorithm", to_string(encr.id, encr.key_bits));
    }
    return layout;
  }
  const IntegInfo* mac = ike_integ(integ);
  if (mac == nullptr) return fail("IKE cannot be protected with {}", to_string(integ));
  layout.icv = mac->icv;
  return layout;
}

void seal_in_place(const MessageKeys& keys, std::span<uint8_t> message, size_t iv_offset) {
  const Result<SealLayout> layout = seal_layout(keys.encr, keys.integ);
  Pieces pieces;
  IKED_CHECK(layout && cut(*layout, message, iv_offset, pieces));
  if (is_aead(keys.encr.id)) {
    seal_aead(keys, pieces);
    return;
  }
  crypt(keys, Direction::ENCRYPT, pieces);
  const SecretArray<max_mac_output> icv = whole_icv(keys, pieces.before_icv);
  std::ranges::copy(icv.reveal().first(pieces.icv.size()), pieces.icv.begin());
}

bool open_in_place(const MessageKeys& keys, std::span<uint8_t> message, size_t iv_offset) {
  const Result<SealLayout> layout = seal_layout(keys.encr, keys.integ);
  IKED_CHECK(layout);
  Pieces pieces;
  if (!cut(*layout, message, iv_offset, pieces)) return false;
  if (is_aead(keys.encr.id)) return open_aead(keys, pieces);

  // RFC7296 3.14: the checksum is of the encrypted message, so it is checked before anything is
  // decrypted.
  const SecretArray<max_mac_output> icv = whole_icv(keys, pieces.before_icv);
  if (!equal_constant_time(icv.reveal().first(pieces.icv.size()), pieces.icv)) return false;
  crypt(keys, Direction::DECRYPT, pieces);
  return true;
}

}  // namespace iked::crypto
