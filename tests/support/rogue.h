// SPDX-License-Identifier: ISC
// A peer under the test's control, message by message: it knows the protocol and the secret, and
// keeps to neither unless told so. Initiator only.
#pragma once

#include <optional>

#include "crypto/keys.h"
#include "support/pair.h"
#include "wire/message.h"

namespace iked::test {

class Rogue {
 public:
  /// Lives at a's address of `pair`, whose host b must have been started. `a` must not run.
  explicit Rogue(Pair& pair) : pair_(pair), rng_(99) {}

  /// IKE_SA_INIT with the suite of default_ike(); keys are there afterwards. False when b refused.
  bool init();
  /// The payloads of an honest IKE_AUTH request.
  wire::Payloads auth_payloads(std::string_view psk = "a very common secret");
  /// init() and an honest IKE_AUTH; true when b has the IKE SA and the child.
  bool connect();

  /// Sends a sealed request and returns b's opened answer, if there was one.
  std::optional<wire::Message> request(ExchangeType exchange, uint32_t id,
                                       const wire::Payloads& payloads);
  /// A sealed message, not sent.
  Bytes seal(wire::Header header, const wire::Payloads& payloads);
  /// The same around any octets as inner payloads, the first of type `first`.
  Bytes seal_octets(wire::Header header, PayloadType first, ByteView inner);
  wire::Header header(ExchangeType exchange, uint32_t id) const;

  /// Delivers octets to b and runs the world; what b sent to us because of it.
  std::vector<Bytes> send(Bytes octets, uint16_t port = 500);
  std::optional<wire::Message> open(Bytes octets) const;
  Bytes first_message();

  IkeSpi spi_i{0x1122334455667788};
  IkeSpi spi_r;
  IkeSuite suite{{EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519};
  crypto::IkeKeys keys;
  Identity id = *Identity::parse("a.example.com");
  Bytes nonce_i = Bytes(32, 0x11);
  Bytes nonce_r;
  ChildSpi child_spi{0xc1000001};
  ChildSpi peer_child_spi;  // b's, after connect()

 private:
  crypto::MessageKeys keys_of(bool initiator) const;

  Pair& pair_;
  SeededRng rng_;
  SecretBytes private_;
  Bytes init_request_;
  Bytes init_response_;
  uint64_t iv_ = 0;
};

}  // namespace iked::test
