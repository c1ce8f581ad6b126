// SPDX-License-Identifier: ISC
// What the SPI and the data of a notify say. parse_notify takes any octets there, because what a
// notify of an unknown type holds is nobody's business; whoever acts on a notify reads it with
// read_notify, and whoever sends one makes it with make_notify.
#pragma once

#include <chrono>
#include <variant>

#include "base/ip.h"
#include "wire/payloads.h"

namespace iked::wire {

/// A type that carries nothing, or that we do not know: what stands there is not looked at.
struct NoData {
  friend bool operator==(const NoData&, const NoData&) = default;
};

/// SET_WINDOW_SIZE: how many requests may be under way, at least 1. RFC7296 2.3
struct WindowSize {
  uint32_t messages = 1;
  friend bool operator==(const WindowSize&, const WindowSize&) = default;
};

/// REKEY_SA, CHILD_SA_NOT_FOUND: an ESP or AH SA, by the SPI in the notify's SPI field.
/// RFC7296 3.10
struct NamedChild {
  ProtocolId protocol = ProtocolId::ESP;
  ChildSpi spi;
  friend bool operator==(const NamedChild&, const NamedChild&) = default;
};

/// INVALID_SELECTORS: an SA, and the beginning of the packet that does not belong into it. RFC7296
/// 3.10.1
struct WrongPacket {
  NamedChild sa;
  Bytes packet;
  friend bool operator==(const WrongPacket&, const WrongPacket&) = default;
};

/// IPCOMP_SUPPORTED. RFC7296 2.22
struct Compression {
  uint16_t cpi = 0;
  IpcompId transform{};
  Bytes attributes;
  friend bool operator==(const Compression&, const Compression&) = default;
};

/// NO_NATS_ALLOWED: the addresses and ports that the sender sees, both of one family. RFC4555 4.2.6
struct SeenPath {
  Endpoint source;
  Endpoint destination;
  friend bool operator==(const SeenPath&, const SeenPath&) = default;
};

/// REDIRECT, REDIRECTED_FROM: a gateway by address or by name. In the answer to IKE_SA_INIT,
/// REDIRECT gives the nonce back, of 16 to 256 octets; else it is empty. RFC5685 4, 6, 7.2
struct Gateway {
  std::variant<IpAddress, std::string> name;  // never an empty string; REDIRECTED_FROM: an address
  Bytes nonce;
  friend bool operator==(const Gateway&, const Gateway&) = default;
};

/// One alternative for each kind of data. PayloadType is for UNSUPPORTED_CRITICAL_PAYLOAD,
/// MessageId for INVALID_MESSAGE_ID, ChildSpi for INVALID_SPI, KeId for INVALID_KE_PAYLOAD,
/// IpAddress for ADDITIONAL_IP4_ADDRESS and ADDITIONAL_IP6_ADDRESS, seconds for AUTH_LIFETIME,
/// HashIds for SIGNATURE_HASH_ALGORITHMS. Bytes have no structure: COOKIE, COOKIE2,
/// NAT_DETECTION_*.
using NotifyData = std::variant<NoData, Bytes, PayloadType, MessageId, ChildSpi, KeId, WindowSize,
                                NamedChild, WrongPacket, Compression, IpAddress, SeenPath,
                                std::chrono::seconds, Gateway, std::vector<HashId>>;

/// Fails when the data has another length or form than the notify's RFC says, or when a SPI is
/// missing that must be there. A SPI where none belongs is ignored (RFC7296 3.10).
Result<NotifyData> parse_notify_data(const NotifyPayload& notify);

/// The same for a caller who knows what this type of notify carries: read_notify<KeId>(*notify).
template <typename T>
Result<T> read_notify(const NotifyPayload& notify) {
  auto data = parse_notify_data(notify);
  if (!data) return fail(data);
  T* value = std::get_if<T>(&*data);
  if (!value) return fail("{} carries something else", to_string(notify.notify));
  return std::move(*value);
}

/// The notify that carries `data`. It is a broken invariant when notifies of this type do not.
NotifyPayload make_notify(NotifyType type, const NotifyData& data = NoData{});

}  // namespace iked::wire
