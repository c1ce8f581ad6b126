// SPDX-License-Identifier: ISC
// A peer that `a` calls and that answers as a test tells it to: for the habits of other
// implementations. It authenticates honestly, like `b`; what comes after that is the test's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "crypto/keys.h"
#include "support/pair.h"
#include "wire/message.h"

namespace iked::test {

class ScriptedResponder {
 public:
  /// Takes b's address of `pair`, which has been started and nothing more.
  explicit ScriptedResponder(Pair& pair);

  /// Makes the answer to an opened request; that to IKE_AUTH without IDr and AUTH. Nothing: no
  /// answer, now or ever.
  std::function<std::optional<wire::Payloads>(const wire::Message&)> answer;

  /// A child as it is asked for, with these of the selectors.
  wire::Payloads child(const wire::Message& request, TrafficSelectors tsi, TrafficSelectors tsr);
  wire::Payloads child(const wire::Message& request);
  static wire::Payloads refusal(NotifyType type);

  /// Sends a request of its own; what a answers.
  std::optional<wire::Message> request(ExchangeType exchange, const wire::Payloads& payloads);

  /// What came, opened, in order; repetitions left out.
  std::vector<wire::Message> requests;
  size_t count(ExchangeType exchange) const;

  IkeSpi spi_i;  // of the youngest IKE SA
  IkeSpi spi_r{0xbbbbbbbbbbbbbb00};

 private:
  struct Session {
    crypto::IkeKeys keys;
    Bytes init_response, nonce_i;
    uint32_t expected = 1;
    uint32_t next_own = 0;
  };

  void on_datagram(Datagram datagram);
  void on_init(const wire::Header& header, const Datagram& datagram);
  void on_request(const wire::Header& header, Datagram datagram);
  wire::Payloads proof(const Session& session) const;
  void send(wire::Header header, const wire::Payloads& payloads);
  crypto::MessageKeys keys_of(const Session& session, bool initiator) const;

  Pair& pair_;
  Endpoint own_, caller_;
  bool natt_ = false;
  IkeSuite suite_{{EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519};
  std::map<IkeSpi, Session> sessions_;  // by our SPI
  Bytes nonce_r_ = Bytes(32, 0x22);
  uint64_t iv_ = 0;
  uint32_t next_child_ = 0xcb000001;
  std::optional<wire::Message> response_;
};

}  // namespace iked::test
