// SPDX-License-Identifier: ISC
#include "crypto/self_test.h"

#include <algorithm>

#include "base/secret.h"
#include "crypto/algorithms.h"
#include "crypto/ciphers.h"
#include "crypto/key_exchange.h"
#include "crypto/known_answers.h"
#include "crypto/message_cipher.h"
#include "crypto/message_cipher_provider.h"
#include "crypto/prf.h"
#include "crypto/prf_provider.h"

namespace iked::crypto {
namespace {

std::unexpected<Error> broken(const std::string& algorithm, std::string_view what) {
  return fail("self test: {}: {}; the cryptographic libraries cannot be trusted", algorithm, what);
}

/// The known answers are well-formed; one that is not comes out empty and matches nothing.
Bytes octets(std::string_view hex) {
  return from_hex(hex).value_or(Bytes{});
}

Result<void> check(const PrfAnswer& answer) {
  const std::string name = to_string(answer.id);
  const std::optional<MacAlgorithm> provider = prf_provider(answer.id);
  if (!provider || !Mac::available(*provider)) return broken(name, "missing from the library");
  const SecretBytes digest = prf(answer.id, octets(answer.key), {octets(answer.data)});
  if (!(digest == SecretBytes(octets(answer.digest)))) return broken(name, "wrong digest");
  return {};
}

Result<void> check(const SealAnswer& answer) {
  std::string name = to_string(answer.encr.id, answer.encr.key_bits);
  if (!cipher_available(answer.encr)) return broken(name, "missing from the library");
  if (answer.integ != IntegId::NONE) {
    name += " with " + to_string(answer.integ);
    const std::optional<MacAlgorithm> provider = integ_provider(answer.integ);
    if (!provider || !Mac::available(*provider)) return broken(name, "missing from the library");
  }
  const Bytes encr_key = octets(answer.encr_key);
  const Bytes integ_key = octets(answer.integ_key);
  const MessageKeys keys{answer.encr, answer.integ, encr_key, integ_key};

  Bytes head = octets(answer.before);
  const size_t iv_offset = head.size();
  append(head, octets(answer.iv));
  Bytes plain = head;
  append(plain, octets(answer.text));
  Bytes sealed = head;
  append(sealed, octets(answer.sealed));

  Bytes message = plain;
  message.resize(sealed.size());
  seal_in_place(keys, message, iv_offset);
  if (message != sealed) return broken(name, "wrong cipher text or ICV");

  Bytes forged = sealed;
  forged.back() ^= 1;
  if (open_in_place(keys, forged, iv_offset)) return broken(name, "a forged message passes");
  if (!open_in_place(keys, message, iv_offset)) return broken(name, "a true message is refused");
  message.resize(plain.size());
  if (message != plain) return broken(name, "wrong plain text");
  return {};
}

/// The octets `first`, `first` + 1, ...
SecretBytes counting(uint8_t first, size_t size) {
  SecretBytes octets(size);
  for (uint8_t& octet : octets.reveal_writable()) octet = first++;
  return octets;
}

Result<void> check(const KeyExchangeAnswer& answer) {
  const std::string name = to_string(answer.id);
  const KeInfo* info = ike_ke(answer.id);
  if (info == nullptr) return broken(name, "missing from the library");
  const SecretBytes random_i = counting(0x01, info->random);
  const SecretBytes random_r = counting(0x41, info->random);
  const Result<Bytes> value_i = public_value(answer.id, random_i);
  const Result<Bytes> value_r = public_value(answer.id, random_r);
  if (!value_i || !value_r) return broken(name, "missing from the library");
  const Result<SecretBytes> shared = shared_secret(answer.id, random_i, *value_r);
  if (!shared ||
      keyed_digest({}, {*value_i, *value_r, shared->reveal()}) != octets(answer.digest)) {
    return broken(name, "wrong key exchange");
  }
  return {};
}

template <typename Answer>
Result<void> check_all(std::span<const Answer> answers) {
  for (const Answer& answer : answers) {
    if (Result<void> result = check(answer); !result) return result;
  }
  return {};
}

/// Nothing of the catalogue may go without an answer.
Result<void> check_complete(const KnownAnswers& answers) {
  const auto missing = [](const std::string& name) { return broken(name, "no known answer"); };
  for (const auto& row : all_ike_prf()) {
    if (!std::ranges::count(answers.prf, row.id, &PrfAnswer::id)) return missing(to_string(row.id));
  }
  for (const auto& row : all_ike_encr()) {
    if (!std::ranges::count(answers.seal, row.id, &SealAnswer::encr)) {
      return missing(to_string(row.id.id, row.id.key_bits));
    }
  }
  for (const auto& row : all_ike_integ()) {
    if (!std::ranges::count(answers.seal, row.id, &SealAnswer::integ)) {
      return missing(to_string(row.id));
    }
  }
  for (const auto& row : all_ike_ke()) {
    if (!std::ranges::count(answers.key_exchange, row.id, &KeyExchangeAnswer::id)) {
      return missing(to_string(row.id));
    }
  }
  return {};
}

}  // namespace

Result<void> check_answers(const KnownAnswers& answers) {
  if (Result<void> result = check_complete(answers); !result) return result;
  if (Result<void> result = check_all(answers.prf); !result) return result;
  if (Result<void> result = check_all(answers.seal); !result) return result;
  return check_all(answers.key_exchange);
}

Result<void> self_test() {
  return check_answers(known_answers());
}

}  // namespace iked::crypto
