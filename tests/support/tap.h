// SPDX-License-Identifier: ISC
// Reads what two hosts of a Pair say to each other, and says something else in their place. Knows
// the keys of the first IKE SA only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "crypto/algorithms.h"
#include "crypto/keys.h"
#include "crypto/prf.h"
#include "support/pair.h"
#include "wire/message.h"

namespace iked::test {

/// Sits on the wire between a and b and has the keys, so that it can read what is sealed, and
/// seal something else in its place.
class Tap {
 public:
  explicit Tap(Pair& pair) {
    pair.world.on_the_way = [this](Datagram datagram) { return pass(std::move(datagram)); };
  }

  /// Called with each sealed message; true: it was changed.
  std::function<bool(wire::Message&)> change;
  std::vector<wire::Message> seen;

 private:
  std::optional<Datagram> pass(Datagram datagram) {
    const wire::Header header = header_of(datagram);
    if (header.exchange == ExchangeType::IKE_SA_INIT) {
      auto message = wire::parse_message(header, datagram.octets);
      EXPECT_TRUE(message.has_value());
      learn(*message);
      seen.push_back(std::move(*message));
      return datagram;
    }
    Bytes copy = datagram.octets;
    const crypto::MessageKeys keys = keys_of(header.from_initiator);
    auto message = wire::open_message(header, copy, keys);
    EXPECT_TRUE(message.has_value()) << "the tap has other keys than the hosts";
    if (!message) return datagram;
    if (change && change(*message)) {
      Bytes iv;
      put_u64(iv, 0xfedc000000000000U + seen.size());
      datagram.octets = wire::seal_message(message->header, message->payloads, keys, iv);
    }
    seen.push_back(std::move(*message));
    return datagram;
  }

  /// The cheap key exchange of World: the secret is a hash of both public values.
  void learn(const wire::Message& message) {
    const bool response = message.header.response;
    (response ? public_r_ : public_i_) = message.find<wire::KePayload>()->data;
    (response ? nonce_r_ : nonce_i_) = message.find<wire::NoncePayload>()->nonce;
    if (!response) return;
    const auto& [low, high] = std::minmax(public_i_, public_r_);
    Bytes shared = crypto::keyed_digest(as_bytes("shared"), {ByteView(low), ByteView(high)});
    shared.resize(crypto::ike_ke(suite_.ke)->shared, 0xa5);
    keys_ = crypto::derive_ike_keys(suite_, SecretBytes(ByteView(shared)), nonce_i_, nonce_r_,
                                    message.header.spi_i, message.header.spi_r);
  }

  crypto::MessageKeys keys_of(bool initiator) const {
    return {suite_.encr, suite_.integ, initiator ? keys_.sk_ei() : keys_.sk_er(),
            initiator ? keys_.sk_ai() : keys_.sk_ar()};
  }

  IkeSuite suite_{{EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519};
  Bytes public_i_, public_r_, nonce_i_, nonce_r_;
  crypto::IkeKeys keys_;
};

}  // namespace iked::test
