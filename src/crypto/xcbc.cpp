// SPDX-License-Identifier: ISC
#include "crypto/xcbc.h"

#include <nettle/aes.h>
#include <nettle/cmac.h>
#include <string.h>

#include <algorithm>

#include "base/check.h"

namespace iked::crypto {

struct Xcbc::State {
  aes128_ctx cipher{};
  cmac128_key last_block{};  // what is added to a last block that is whole, and to one that is not
  cmac128_ctx chain{};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { explicit_bzero(this, sizeof *this); }
};

namespace {

void encrypt(const void* cipher, size_t length, uint8_t* out, const uint8_t* in) {
  aes128_encrypt(static_cast<const aes128_ctx*>(cipher), length, out, in);
}

}  // namespace

Xcbc::Xcbc(ByteView key) : state_(std::make_unique<State>()) {
  IKED_CHECK(key.size() == kKey);
  aes128_set_encrypt_key(&state_->cipher, key.data());
  // RFC 3566 4: K1, K2 and K3 are 0x01.., 0x02.. and 0x03.. encrypted under the key.
  uint8_t derived[3][kKey];
  for (uint8_t i = 0; i < 3; ++i) {
    std::fill(std::begin(derived[i]), std::end(derived[i]), static_cast<uint8_t>(i + 1));
    encrypt(&state_->cipher, kKey, derived[i], derived[i]);
  }
  aes128_set_encrypt_key(&state_->cipher, derived[0]);
  std::copy(std::begin(derived[1]), std::end(derived[1]), state_->last_block.K1.b);
  std::copy(std::begin(derived[2]), std::end(derived[2]), state_->last_block.K2.b);
  explicit_bzero(derived, sizeof derived);
  cmac128_init(&state_->chain);
}

Xcbc::Xcbc(Xcbc&&) noexcept = default;
Xcbc& Xcbc::operator=(Xcbc&&) noexcept = default;
Xcbc::~Xcbc() = default;

void Xcbc::add(ByteView octets) {
  cmac128_update(&state_->chain, &state_->cipher, encrypt, octets.size(), octets.data());
}

void Xcbc::finish(std::span<uint8_t> out) {
  IKED_CHECK(out.size() >= kOutput);
  // Begins a new message, too.
  cmac128_digest(&state_->chain, &state_->last_block, &state_->cipher, encrypt,
                 static_cast<unsigned>(kOutput), out.data());
}

}  // namespace iked::crypto
