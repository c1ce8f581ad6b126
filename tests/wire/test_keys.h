// SPDX-License-Identifier: ISC
// Keys for tests of sealed messages: fixed octets of the right lengths, one set for each kind of
// suite.
#pragma once

#include <array>
#include <string_view>

#include "crypto/message_cipher.h"

namespace iked::wire {

struct TestSuite {
  std::string_view name;
  Encr encr;
  IntegId integ = IntegId::NONE;
};
inline constexpr std::array<TestSuite, 4> test_suites = {{
    {"AES-256-GCM-16", {EncrId::AES_GCM_16, 256}, IntegId::NONE},
    {"ChaCha20-Poly1305", {EncrId::CHACHA20_POLY1305, 0}, IntegId::NONE},
    {"AES-128-CBC with SHA2-256", {EncrId::AES_CBC, 128}, IntegId::HMAC_SHA2_256_128},
    {"AES-256-CBC with SHA2-512", {EncrId::AES_CBC, 256}, IntegId::HMAC_SHA2_512_256},
}};

/// The keys live as long as the program. `which` gives different ones for the other direction.
crypto::MessageKeys test_keys(const TestSuite& suite, int which = 0);
crypto::SealLayout test_layout(const TestSuite& suite);
/// As long as the suite wants it.
Bytes test_iv(const TestSuite& suite);

}  // namespace iked::wire
