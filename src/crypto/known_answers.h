// SPDX-License-Identifier: ISC
// Known answers for everything in the catalogue, for self_test.h.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "model/proposal.h"

namespace iked::crypto {

// All octets are written in hexadecimal.

struct PrfAnswer {
  PrfId id = PrfId::NONE;
  std::string_view key, data, digest;
};

struct SealAnswer {
  Encr encr;
  IntegId integ = IntegId::NONE;
  std::string_view encr_key, integ_key;
  std::string_view before;  // the message up to the IV
  std::string_view iv, text;
  std::string_view sealed;  // what replaces the text, and the ICV
};

/// The randomness of one side is the octets 1, 2, 3, ..., that of the other 0x41, 0x42, 0x43, ...
struct KeyExchangeAnswer {
  KeId id = KeId::NONE;
  std::string_view digest;  // keyed_digest() without a key of both public values and the secret
};

struct KnownAnswers {
  std::span<const PrfAnswer> prf;
  std::span<const SealAnswer> seal;
  std::span<const KeyExchangeAnswer> key_exchange;
};

const KnownAnswers& known_answers();

/// Compares the library with `answers`. Fails, too, where the catalogue has an algorithm that
/// nothing computes or that has no answer.
Result<void> check_answers(const KnownAnswers& answers);

}  // namespace iked::crypto
