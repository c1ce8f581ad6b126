// SPDX-License-Identifier: ISC
#include "crypto/message_cipher.h"

#include <gnutls/crypto.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/algorithms.h"
#include "crypto/message_cipher_provider.h"

namespace iked::crypto {
namespace {

// ---- who computes what -------------------------------------------------------------------------

struct CipherRow {
  Encr encr;
  gnutls_cipher_algorithm_t gnutls;
};

constexpr CipherRow cipher_rows[] = {
    {{EncrId::AES_CBC, 128}, GNUTLS_CIPHER_AES_128_CBC},
    {{EncrId::AES_CBC, 192}, GNUTLS_CIPHER_AES_192_CBC},
    {{EncrId::AES_CBC, 256}, GNUTLS_CIPHER_AES_256_CBC},
    {{EncrId::AES_GCM_16, 128}, GNUTLS_CIPHER_AES_128_GCM},
    {{EncrId::AES_GCM_16, 192}, GNUTLS_CIPHER_AES_192_GCM},
    {{EncrId::AES_GCM_16, 256}, GNUTLS_CIPHER_AES_256_GCM},
    {{EncrId::CHACHA20_POLY1305, 0}, GNUTLS_CIPHER_CHACHA20_POLY1305},
};

struct IntegRow {
  IntegId id;
  MacAlgorithm mac;
};

constexpr IntegRow integ_rows[] = {
    {IntegId::HMAC_SHA1_96, MacAlgorithm::HMAC_SHA1},
    {IntegId::HMAC_SHA2_256_128, MacAlgorithm::HMAC_SHA2_256},
    {IntegId::HMAC_SHA2_384_192, MacAlgorithm::HMAC_SHA2_384},
    {IntegId::HMAC_SHA2_512_256, MacAlgorithm::HMAC_SHA2_512},
};

gnutls_cipher_algorithm_t cipher_of(Encr encr) {
  const auto* row = std::ranges::find(cipher_rows, encr, &CipherRow::encr);
  return row == std::end(cipher_rows) ? GNUTLS_CIPHER_UNKNOWN : row->gnutls;
}

// ---- one message -------------------------------------------------------------------------------

/// GnuTLS takes keys and nonces as pointers to octets it does not change.
gnutls_datum_t lend(ByteView octets) {
  return {const_cast<uint8_t*>(octets.data()), static_cast<unsigned>(octets.size())};
}

giovec_t vector_of(ByteView octets) {
  return {const_cast<uint8_t*>(octets.data()), octets.size()};
}

struct AeadDeleter {
  void operator()(gnutls_aead_cipher_hd_t handle) const { gnutls_aead_cipher_deinit(handle); }
};
using AeadHandle = std::unique_ptr<std::remove_pointer_t<gnutls_aead_cipher_hd_t>, AeadDeleter>;

struct CipherDeleter {
  void operator()(gnutls_cipher_hd_t handle) const { gnutls_cipher_deinit(handle); }
};
using CipherHandle = std::unique_ptr<std::remove_pointer_t<gnutls_cipher_hd_t>, CipherDeleter>;

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

// Key material of AEADs: the key, then the salt. The nonce is salt | IV. RFC 5282 4, RFC 7634 2.
class Aead {
 public:
  Aead(const MessageKeys& keys, ByteView iv) {
    const EncrInfo* info = ike_encr(keys.encr);
    IKED_CHECK(keys.encr_key.size() == info->key + info->salt && keys.integ_key.empty());
    IKED_CHECK(info->salt + iv.size() == nonce_.size());
    const gnutls_datum_t key = lend(keys.encr_key.first(info->key));
    gnutls_aead_cipher_hd_t handle = nullptr;
    IKED_CHECK(gnutls_aead_cipher_init(&handle, cipher_of(keys.encr), &key) == 0);
    handle_.reset(handle);
    const auto rest = std::ranges::copy(keys.encr_key.last(info->salt), nonce_.begin()).out;
    std::ranges::copy(iv, rest);
  }

  void seal(const Pieces& pieces) {
    const giovec_t associated = vector_of(pieces.before_iv);
    const giovec_t text = vector_of(pieces.text);
    size_t tag = pieces.icv.size();
    IKED_CHECK(gnutls_aead_cipher_encryptv2(handle_.get(), nonce_.data(), nonce_.size(),
                                            &associated, 1, &text, 1, pieces.icv.data(),
                                            &tag) == 0);
    IKED_CHECK(tag == pieces.icv.size());
  }

  bool open(const Pieces& pieces) {
    const giovec_t associated = vector_of(pieces.before_iv);
    const giovec_t text = vector_of(pieces.text);
    if (gnutls_aead_cipher_decryptv2(handle_.get(), nonce_.data(), nonce_.size(), &associated, 1,
                                     &text, 1, pieces.icv.data(), pieces.icv.size()) == 0) {
      return true;
    }
    // The library decrypts before it compares: what a forger chose must not lie around as text.
    explicit_bzero(pieces.text.data(), pieces.text.size());
    return false;
  }

 private:
  AeadHandle handle_;
  std::array<uint8_t, 12> nonce_{};
};

enum class Direction { ENCRYPT, DECRYPT };

void cbc(const MessageKeys& keys, Direction direction, const Pieces& pieces) {
  IKED_CHECK(keys.encr_key.size() == ike_encr(keys.encr)->key);
  const gnutls_datum_t key = lend(keys.encr_key);
  const gnutls_datum_t iv = lend(pieces.iv);
  gnutls_cipher_hd_t opened = nullptr;
  IKED_CHECK(gnutls_cipher_init(&opened, cipher_of(keys.encr), &key, &iv) == 0);
  const CipherHandle handle(opened);
  const std::span<uint8_t> text = pieces.text;
  if (direction == Direction::ENCRYPT) {
    IKED_CHECK(gnutls_cipher_encrypt(handle.get(), text.data(), text.size()) == 0);
  } else {
    IKED_CHECK(gnutls_cipher_decrypt(handle.get(), text.data(), text.size()) == 0);
  }
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

bool cipher_available(Encr encr) {
  const gnutls_cipher_algorithm_t cipher = cipher_of(encr);
  if (cipher == GNUTLS_CIPHER_UNKNOWN) return false;
  const std::array<uint8_t, 64> zeroes{};
  const gnutls_datum_t key = lend(ByteView(zeroes).first(gnutls_cipher_get_key_size(cipher)));
  if (is_aead(encr.id)) {
    gnutls_aead_cipher_hd_t handle = nullptr;
    if (gnutls_aead_cipher_init(&handle, cipher, &key) != 0) return false;
    gnutls_aead_cipher_deinit(handle);
    return true;
  }
  const gnutls_datum_t iv = lend(ByteView(zeroes).first(gnutls_cipher_get_iv_size(cipher)));
  gnutls_cipher_hd_t handle = nullptr;
  if (gnutls_cipher_init(&handle, cipher, &key, &iv) != 0) return false;
  gnutls_cipher_deinit(handle);
  return true;
}

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
    Aead(keys, pieces.iv).seal(pieces);
    return;
  }
  cbc(keys, Direction::ENCRYPT, pieces);
  const SecretArray<max_mac_output> icv = whole_icv(keys, pieces.before_icv);
  std::ranges::copy(icv.reveal().first(pieces.icv.size()), pieces.icv.begin());
}

bool open_in_place(const MessageKeys& keys, std::span<uint8_t> message, size_t iv_offset) {
  const Result<SealLayout> layout = seal_layout(keys.encr, keys.integ);
  IKED_CHECK(layout);
  Pieces pieces;
  if (!cut(*layout, message, iv_offset, pieces)) return false;
  if (is_aead(keys.encr.id)) return Aead(keys, pieces.iv).open(pieces);

  // RFC7296 3.14: the checksum is of the encrypted message, so it is checked before anything is
  // decrypted.
  const SecretArray<max_mac_output> icv = whole_icv(keys, pieces.before_icv);
  if (!equal_constant_time(icv.reveal().first(pieces.icv.size()), pieces.icv)) return false;
  cbc(keys, Direction::DECRYPT, pieces);
  return true;
}

}  // namespace iked::crypto
