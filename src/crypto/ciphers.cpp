// SPDX-License-Identifier: ISC
#include "crypto/ciphers.h"

#include <gnutls/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <memory>
#include <variant>

#include "base/check.h"
#include "crypto/evp_pointers.h"

namespace iked::crypto {
namespace {

// ---- who computes what -------------------------------------------------------------------------

using GnutlsCipher = gnutls_cipher_algorithm_t;
using EvpCipher = const EVP_CIPHER* (*)();  // of libcrypto, for what GnuTLS lacks

struct CipherRow {
  Encr encr;
  std::variant<GnutlsCipher, EvpCipher> provider;
};

// Those with a tag of 8 or 12 octets are the same computation with a shorter tag; in CCM the tag's
// length goes into it.
const CipherRow cipher_rows[] = {
    {{EncrId::AES_CBC, 128}, GNUTLS_CIPHER_AES_128_CBC},
    {{EncrId::AES_CBC, 192}, GNUTLS_CIPHER_AES_192_CBC},
    {{EncrId::AES_CBC, 256}, GNUTLS_CIPHER_AES_256_CBC},
    {{EncrId::CAMELLIA_CBC, 128}, GNUTLS_CIPHER_CAMELLIA_128_CBC},
    {{EncrId::CAMELLIA_CBC, 192}, GNUTLS_CIPHER_CAMELLIA_192_CBC},
    {{EncrId::CAMELLIA_CBC, 256}, GNUTLS_CIPHER_CAMELLIA_256_CBC},
    {{EncrId::TDES, 0}, GNUTLS_CIPHER_3DES_CBC},
    {{EncrId::AES_CTR, 128}, EVP_aes_128_ctr},
    {{EncrId::AES_CTR, 192}, EVP_aes_192_ctr},
    {{EncrId::AES_CTR, 256}, EVP_aes_256_ctr},
    {{EncrId::AES_GCM_8, 128}, GNUTLS_CIPHER_AES_128_GCM},
    {{EncrId::AES_GCM_8, 192}, GNUTLS_CIPHER_AES_192_GCM},
    {{EncrId::AES_GCM_8, 256}, GNUTLS_CIPHER_AES_256_GCM},
    {{EncrId::AES_GCM_12, 128}, GNUTLS_CIPHER_AES_128_GCM},
    {{EncrId::AES_GCM_12, 192}, GNUTLS_CIPHER_AES_192_GCM},
    {{EncrId::AES_GCM_12, 256}, GNUTLS_CIPHER_AES_256_GCM},
    {{EncrId::AES_GCM_16, 128}, GNUTLS_CIPHER_AES_128_GCM},
    {{EncrId::AES_GCM_16, 192}, GNUTLS_CIPHER_AES_192_GCM},
    {{EncrId::AES_GCM_16, 256}, GNUTLS_CIPHER_AES_256_GCM},
    {{EncrId::AES_CCM_8, 128}, EVP_aes_128_ccm},
    {{EncrId::AES_CCM_8, 192}, EVP_aes_192_ccm},
    {{EncrId::AES_CCM_8, 256}, EVP_aes_256_ccm},
    {{EncrId::AES_CCM_12, 128}, EVP_aes_128_ccm},
    {{EncrId::AES_CCM_12, 192}, EVP_aes_192_ccm},
    {{EncrId::AES_CCM_12, 256}, EVP_aes_256_ccm},
    {{EncrId::AES_CCM_16, 128}, EVP_aes_128_ccm},
    {{EncrId::AES_CCM_16, 192}, EVP_aes_192_ccm},
    {{EncrId::AES_CCM_16, 256}, EVP_aes_256_ccm},
    {{EncrId::CHACHA20_POLY1305, 0}, GNUTLS_CIPHER_CHACHA20_POLY1305},
};

const CipherRow* row_of(Encr encr) {
  const auto* row = std::ranges::find(cipher_rows, encr, &CipherRow::encr);
  return row == std::end(cipher_rows) ? nullptr : row;
}

/// GnuTLS takes keys and nonces as pointers to octets it does not change.
gnutls_datum_t lend(ByteView octets) {
  return {const_cast<uint8_t*>(octets.data()), static_cast<unsigned>(octets.size())};
}

giovec_t vector_of(ByteView octets) {
  return {const_cast<uint8_t*>(octets.data()), octets.size()};
}

// ---- GnuTLS ------------------------------------------------------------------------------------

struct AeadDeleter {
  void operator()(gnutls_aead_cipher_hd_t handle) const { gnutls_aead_cipher_deinit(handle); }
};
using AeadHandle = std::unique_ptr<std::remove_pointer_t<gnutls_aead_cipher_hd_t>, AeadDeleter>;

struct CipherDeleter {
  void operator()(gnutls_cipher_hd_t handle) const { gnutls_cipher_deinit(handle); }
};
using CipherHandle = std::unique_ptr<std::remove_pointer_t<gnutls_cipher_hd_t>, CipherDeleter>;

/// Null when the library does not have it.
AeadHandle aead_handle(GnutlsCipher cipher, ByteView key) {
  const gnutls_datum_t lent = lend(key);
  gnutls_aead_cipher_hd_t handle = nullptr;
  if (gnutls_aead_cipher_init(&handle, cipher, &lent) != 0) return nullptr;
  return AeadHandle(handle);
}

CipherHandle cipher_handle(GnutlsCipher cipher, ByteView key, ByteView iv) {
  const gnutls_datum_t lent_key = lend(key);
  const gnutls_datum_t lent_iv = lend(iv);
  gnutls_cipher_hd_t handle = nullptr;
  if (gnutls_cipher_init(&handle, cipher, &lent_key, &lent_iv) != 0) return nullptr;
  return CipherHandle(handle);
}

void crypt(GnutlsCipher cipher, Direction direction, ByteView key, ByteView iv,
           std::span<uint8_t> text) {
  const CipherHandle handle = cipher_handle(cipher, key, iv);
  IKED_CHECK(handle);
  const int status = direction == Direction::ENCRYPT
                         ? gnutls_cipher_encrypt(handle.get(), text.data(), text.size())
                         : gnutls_cipher_decrypt(handle.get(), text.data(), text.size());
  IKED_CHECK(status == 0);
}

bool aead(GnutlsCipher cipher, Direction direction, const AeadPieces& pieces) {
  const AeadHandle handle = aead_handle(cipher, pieces.key);
  IKED_CHECK(handle);
  const giovec_t associated = vector_of(pieces.associated);
  const giovec_t text = vector_of(pieces.text);
  if (direction == Direction::DECRYPT) {
    return gnutls_aead_cipher_decryptv2(handle.get(), pieces.nonce.data(), pieces.nonce.size(),
                                        &associated, 1, &text, 1, pieces.tag.data(),
                                        pieces.tag.size()) == 0;
  }
  size_t tag = pieces.tag.size();
  IKED_CHECK(gnutls_aead_cipher_encryptv2(handle.get(), pieces.nonce.data(), pieces.nonce.size(),
                                          &associated, 1, &text, 1, pieces.tag.data(), &tag) == 0);
  IKED_CHECK(tag == pieces.tag.size());
  return true;
}

// ---- libcrypto ---------------------------------------------------------------------------------

int as_int(size_t size) {
  return static_cast<int>(size);
}

CipherContext make_context() {
  CipherContext context(EVP_CIPHER_CTX_new());
  IKED_CHECK(context);
  return context;
}

void crypt(EvpCipher cipher, ByteView key, ByteView iv, std::span<uint8_t> text) {
  // In counter mode decryption is encryption.
  const CipherContext context = make_context();
  int length = 0;
  IKED_CHECK(EVP_EncryptInit_ex(context.get(), cipher(), nullptr, key.data(), iv.data()) == 1);
  IKED_CHECK(EVP_EncryptUpdate(context.get(), text.data(), &length, text.data(),
                               as_int(text.size())) == 1);
  IKED_CHECK(length == as_int(text.size()));
}

/// CCM in the order in which EVP_EncryptInit(3) wants it: lengths before key and nonce, the length
/// of the whole text before the associated data.
bool aead(EvpCipher cipher, Direction direction, const AeadPieces& pieces) {
  const bool seal = direction == Direction::ENCRYPT;
  const CipherContext context = make_context();
  EVP_CIPHER_CTX* const c = context.get();
  IKED_CHECK(EVP_CipherInit_ex(c, cipher(), nullptr, nullptr, nullptr, seal ? 1 : 0) == 1);
  IKED_CHECK(
      EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, as_int(pieces.nonce.size()), nullptr) == 1);
  IKED_CHECK(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, as_int(pieces.tag.size()),
                                 seal ? nullptr : pieces.tag.data()) == 1);
  IKED_CHECK(EVP_CipherInit_ex(c, nullptr, nullptr, pieces.key.data(), pieces.nonce.data(), -1) ==
             1);
  int length = 0;
  IKED_CHECK(EVP_CipherUpdate(c, nullptr, &length, nullptr, as_int(pieces.text.size())) == 1);
  if (!pieces.associated.empty()) {
    IKED_CHECK(EVP_CipherUpdate(c, nullptr, &length, pieces.associated.data(),
                                as_int(pieces.associated.size())) == 1);
  }
  // A null text would be taken for more associated data.
  uint8_t nothing = 0;
  uint8_t* const text = pieces.text.empty() ? &nothing : pieces.text.data();
  const bool done = EVP_CipherUpdate(c, text, &length, text, as_int(pieces.text.size())) == 1;
  if (!done) ERR_clear_error();
  if (!seal) return done;
  IKED_CHECK(done && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, as_int(pieces.tag.size()),
                                         pieces.tag.data()) == 1);
  return true;
}

bool aead(Encr encr, Direction direction, const AeadPieces& pieces) {
  const CipherRow* row = row_of(encr);
  IKED_CHECK(row);
  return std::visit([&](auto provider) { return aead(provider, direction, pieces); },
                    row->provider);
}

}  // namespace

bool cipher_available(Encr encr) {
  const CipherRow* row = row_of(encr);
  if (row == nullptr) return false;
  const auto* gnutls = std::get_if<GnutlsCipher>(&row->provider);
  if (gnutls == nullptr) return std::get<EvpCipher>(row->provider)() != nullptr;
  const std::array<uint8_t, 64> zeroes{};
  const ByteView key = ByteView(zeroes).first(gnutls_cipher_get_key_size(*gnutls));
  if (is_aead(encr.id)) return aead_handle(*gnutls, key) != nullptr;
  const ByteView iv = ByteView(zeroes).first(gnutls_cipher_get_iv_size(*gnutls));
  return cipher_handle(*gnutls, key, iv) != nullptr;
}

void crypt(Encr encr, Direction direction, ByteView key, ByteView iv, std::span<uint8_t> text) {
  const CipherRow* row = row_of(encr);
  IKED_CHECK(row);
  if (const auto* gnutls = std::get_if<GnutlsCipher>(&row->provider)) {
    return crypt(*gnutls, direction, key, iv, text);
  }
  crypt(std::get<EvpCipher>(row->provider), key, iv, text);
}

void aead_seal(Encr encr, const AeadPieces& pieces) {
  IKED_CHECK(aead(encr, Direction::ENCRYPT, pieces));
}

bool aead_open(Encr encr, const AeadPieces& pieces) {
  return aead(encr, Direction::DECRYPT, pieces);
}

}  // namespace iked::crypto
