// SPDX-License-Identifier: ISC
#include "wire/notify_data.h"

#include "base/overloaded.h"
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

using Parsing = Result<NotifyData>;

// ---- One function for each kind of data: `r` has as many octets as the table below allows. ----

Parsing octets(const NotifyPayload&, Reader& r) {
  return r.rest_copy();
}
Parsing payload_type(const NotifyPayload&, Reader& r) {
  return PayloadType{r.u8()};
}
Parsing message_id(const NotifyPayload&, Reader& r) {
  return MessageId{r.u32()};
}
Parsing child_spi(const NotifyPayload&, Reader& r) {
  return ChildSpi{r.u32()};
}
Parsing group(const NotifyPayload&, Reader& r) {
  return KeId{r.u16()};
}
Parsing lifetime(const NotifyPayload&, Reader& r) {
  return std::chrono::seconds{r.u32()};
}
Parsing address(const NotifyPayload&, Reader& r) {
  return *IpAddress::from_octets(r.rest());
}

Parsing window_size(const NotifyPayload&, Reader& r) {
  const uint32_t messages = r.u32();
  if (messages == 0) return fail("SET_WINDOW_SIZE of no message at all");
  return WindowSize{messages};
}

Result<NamedChild> child_of(const NotifyPayload& n) {
  // RFC7296 3.10: "For notifications concerning Child SAs, this field MUST contain either (2) to
  // indicate AH or (3) to indicate ESP." Their SPIs have four octets.
  const bool child = n.protocol == ProtocolId::AH || n.protocol == ProtocolId::ESP;
  if (!child || n.spi.size() != 4) {
    return fail("{} for {} with a SPI of {} octets", to_string(n.notify), to_string(n.protocol),
                n.spi.size());
  }
  return NamedChild{n.protocol, ChildSpi{Reader{n.spi}.u32()}};
}
Parsing child(const NotifyPayload& n, Reader&) {
  return child_of(n);
}
Parsing wrong_packet(const NotifyPayload& n, Reader& r) {
  auto sa = child_of(n);
  if (!sa) return fail(sa);
  return WrongPacket{*sa, r.rest_copy()};
}

Parsing compression(const NotifyPayload&, Reader& r) {
  Compression c;
  c.cpi = r.u16();
  c.transform = IpcompId{r.u8()};
  c.attributes = r.rest_copy();
  return c;
}

Parsing path(const NotifyPayload&, Reader& r) {
  const size_t size = r.left() == 12 ? 4 : 16;
  if (r.left() != 2 * (size + 2)) {
    return fail("NO_NATS_ALLOWED with {} octets, where 12 or 36 are allowed", r.left());
  }
  SeenPath seen;
  seen.source.address = *IpAddress::from_octets(r.take(size));
  seen.destination.address = *IpAddress::from_octets(r.take(size));
  seen.source.port = r.u16();
  seen.destination.port = r.u16();
  return seen;
}

Result<decltype(Gateway::name)> gateway_name(GatewayType type, ByteView name) {
  switch (type) {
    case GatewayType::IPV4:
      if (name.size() == 4) return *IpAddress::from_octets(name);
      break;
    case GatewayType::IPV6:
      if (name.size() == 16) return *IpAddress::from_octets(name);
      break;
    case GatewayType::FQDN:
      if (!name.empty()) return std::string(as_text(name));
      break;
  }
  return fail("a gateway of type {} with {} octets", static_cast<unsigned>(type), name.size());
}

Parsing gateway(const NotifyPayload& n, Reader& r) {  // RFC5685 4, 7.2
  const GatewayType type{r.u8()};
  const uint8_t length = r.u8();
  const ByteView octets_of_name = r.take(length);
  if (!r.ok()) return fail("{} is cut short", to_string(n.notify));
  auto name = gateway_name(type, octets_of_name);
  if (!name) return fail(name);
  Gateway gateway{std::move(*name), r.rest_copy()};
  if (n.notify == NotifyType::REDIRECTED_FROM) {
    if (type == GatewayType::FQDN) return fail("REDIRECTED_FROM with a name");
    if (!gateway.nonce.empty()) return fail("REDIRECTED_FROM with a nonce");
  }
  // RFC7296 3.9: a nonce has between 16 and 256 octets.
  const size_t nonce = gateway.nonce.size();
  if (nonce != 0 && (nonce < 16 || nonce > 256))
    return fail("REDIRECT with a nonce of {} octets", nonce);
  return gateway;
}

Parsing hashes(const NotifyPayload&, Reader& r) {
  if (r.left() % 2 != 0) return fail("SIGNATURE_HASH_ALGORITHMS with {} octets", r.left());
  std::vector<HashId> ids;
  while (!r.at_end()) ids.push_back(HashId{r.u16()});
  return ids;
}

// ---- Which notify carries what. ----

constexpr size_t any = 0xffff;

struct Row {
  NotifyType type;
  size_t least, most;  // octets of data
  Parsing (*parse)(const NotifyPayload&, Reader&);
};
constexpr Row rows[] = {
    {NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, 1, 1, payload_type},  // RFC7296 2.5
    {NotifyType::INVALID_MESSAGE_ID, 4, 4, message_id},              // RFC7296 2.3
    {NotifyType::INVALID_SPI, 4, 4, child_spi},                      // RFC7296 1.5
    {NotifyType::INVALID_KE_PAYLOAD, 2, 2, group},                   // RFC7296 1.2
    {NotifyType::INVALID_SELECTORS, 0, any, wrong_packet},           // RFC7296 3.10.1
    {NotifyType::CHILD_SA_NOT_FOUND, 0, 0, child},                   // RFC7296 3.10
    {NotifyType::SET_WINDOW_SIZE, 4, 4, window_size},                // RFC7296 2.3
    {NotifyType::IPCOMP_SUPPORTED, 3, any, compression},             // RFC7296 2.22
    {NotifyType::NAT_DETECTION_SOURCE_IP, 20, 20, octets},           // RFC7296 2.23
    {NotifyType::NAT_DETECTION_DESTINATION_IP, 20, 20, octets},      // RFC7296 2.23
    {NotifyType::COOKIE, 1, 64, octets},                             // RFC7296 2.6
    {NotifyType::REKEY_SA, 0, 0, child},                             // RFC7296 1.3.3
    {NotifyType::ADDITIONAL_IP4_ADDRESS, 4, 4, address},             // RFC4555 4.2.2
    {NotifyType::ADDITIONAL_IP6_ADDRESS, 16, 16, address},           // RFC4555 4.2.2
    {NotifyType::COOKIE2, 8, 64, octets},                            // RFC4555 4.2.5
    {NotifyType::NO_NATS_ALLOWED, 12, 36, path},                     // RFC4555 4.2.6
    {NotifyType::AUTH_LIFETIME, 4, 4, lifetime},                     // RFC4478 3
    {NotifyType::REDIRECT, 2, any, gateway},                         // RFC5685 7.2
    {NotifyType::REDIRECTED_FROM, 2, any, gateway},                  // RFC5685 7.3
    {NotifyType::SIGNATURE_HASH_ALGORITHMS, 0, any, hashes},         // RFC7427 4
};

// ---- The reverse. ----

void put(NotifyPayload& n, const NamedChild& sa) {
  n.protocol = sa.protocol;
  put_u32(n.spi, sa.spi.value);
}
void put(NotifyPayload& n, const Gateway& gateway) {
  const auto* address = std::get_if<IpAddress>(&gateway.name);
  const auto type = !address           ? GatewayType::FQDN
                    : address->is_v4() ? GatewayType::IPV4
                                       : GatewayType::IPV6;
  const ByteView name = address ? address->octets() : as_bytes(std::get<std::string>(gateway.name));
  n.data.push_back(static_cast<uint8_t>(type));
  put_u8(n.data, name.size());
  append(n.data, name);
  append(n.data, gateway.nonce);
}

void put_data(NotifyPayload& n, const NotifyData& data) {
  std::visit(
      overloaded{
          [](const NoData&) {},
          [&n](const Bytes& octets) { n.data = octets; },
          [&n](PayloadType type) { n.data.push_back(static_cast<uint8_t>(type)); },
          [&n](MessageId id) { put_u32(n.data, id.value); },
          [&n](ChildSpi spi) { put_u32(n.data, spi.value); },
          [&n](KeId group) { put_u16(n.data, static_cast<uint16_t>(group)); },
          [&n](WindowSize window) { put_u32(n.data, window.messages); },
          [&n](const NamedChild& sa) { put(n, sa); },
          [&n](const WrongPacket& wrong) {
            put(n, wrong.sa);
            n.data = wrong.packet;
          },
          [&n](const Compression& c) {
            put_u16(n.data, c.cpi);
            n.data.push_back(static_cast<uint8_t>(c.transform));
            append(n.data, c.attributes);
          },
          [&n](const IpAddress& address) { append(n.data, address.octets()); },
          [&n](const SeenPath& path) {
            append(n.data, path.source.address.octets());
            append(n.data, path.destination.address.octets());
            put_u16(n.data, path.source.port);
            put_u16(n.data, path.destination.port);
          },
          [&n](std::chrono::seconds time) { put_u32(n.data, static_cast<uint32_t>(time.count())); },
          [&n](const Gateway& gateway) { put(n, gateway); },
          [&n](const std::vector<HashId>& ids) {
            for (HashId id : ids) put_u16(n.data, static_cast<uint16_t>(id));
          },
      },
      data);
}

}  // namespace

Result<NotifyData> parse_notify_data(const NotifyPayload& notify) {
  for (const Row& row : rows) {
    if (row.type != notify.notify) continue;
    const size_t size = notify.data.size();
    if (row.least == row.most && size != row.least) {
      return fail("{} with {} octets of data instead of {}", to_string(row.type), size, row.least);
    }
    if (size < row.least || size > row.most) {
      return fail("{} with {} octets of data, where {} to {} are allowed", to_string(row.type),
                  size, row.least, row.most);
    }
    Reader r{notify.data};
    return row.parse(notify, r);
  }
  return NoData{};
}

NotifyPayload make_notify(NotifyType type, const NotifyData& data) {
  NotifyPayload notify;
  notify.notify = type;
  put_data(notify, data);
  const auto again = parse_notify_data(notify);
  IKED_CHECK(again && *again == data);
  return notify;
}

}  // namespace iked::wire
