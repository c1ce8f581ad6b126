// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// TS Type, IP Protocol ID and Selector Length, which the length counts in.
constexpr uint16_t selector_header = 4;

// Octets of one address, 0 for a type we do not know.
size_t address_size(TsType type) {
  switch (type) {
    case TsType::IPV4_ADDR_RANGE:
      return 4;
    case TsType::IPV6_ADDR_RANGE:
      return 16;
  }
  return 0;
}

// RFC7296 3.13.1, from the ports on.
Result<TrafficSelector> parse_selector(uint8_t protocol, size_t address, Reader r) {
  TrafficSelector ts;
  ts.protocol = protocol;
  ts.first_port = r.u16();
  ts.last_port = r.u16();
  const auto first = IpAddress::from_octets(r.take(address));
  const auto last = IpAddress::from_octets(r.take(address));
  if (!first || !last) return fail("a traffic selector is cut short");
  ts.first = *first;
  ts.last = *last;
  if (ts.first > ts.last) {
    return fail("a traffic selector from {} down to {}", ts.first, ts.last);
  }
  // RFC7296 3.13.1: ports from 65535 to 0 are OPAQUE; no other range runs backwards.
  if (ts.first_port > ts.last_port && !ts.opaque()) {
    return fail("a traffic selector from port {} down to {}", ts.first_port, ts.last_port);
  }
  return r.finish(ts, "traffic selector");
}

template <PayloadType kType>
Result<TsPayload<kType>> parse_ts(ByteView body) {  // RFC7296 3.13
  Reader r{body};
  TsPayload<kType> ts;
  const uint8_t count = r.u8();
  r.skip(3);  // RESERVED
  // RFC7296 3.13: "One or more individual Traffic Selectors."
  if (r.ok() && count == 0) return fail("a TS payload without traffic selectors");
  for (unsigned i = 0; i < count && r.ok(); ++i) {
    const TsType type{r.u8()};
    const uint8_t protocol = r.u8();
    const uint16_t length = r.u16();
    if (r.ok() && length < selector_header) {
      return fail("a traffic selector of {} octets", length);
    }
    Reader rest = r.sub(length - size_t{selector_header});
    if (!r.ok()) break;
    if (address_size(type) == 0) {
      ++ts.skipped;
      continue;
    }
    auto selector = parse_selector(protocol, address_size(type), rest);
    if (!selector) return fail(selector);
    ts.selectors.push_back(*selector);
  }
  return r.finish(std::move(ts), "TS payload");
}

void encode_selector(const TrafficSelector& ts, Bytes& out) {
  const size_t begin = out.size();
  const TsType type = ts.family() == Family::v4 ? TsType::IPV4_ADDR_RANGE : TsType::IPV6_ADDR_RANGE;
  out.push_back(static_cast<uint8_t>(type));
  out.push_back(ts.protocol);
  const LengthField length(out, begin);
  put_u16(out, ts.first_port);
  put_u16(out, ts.last_port);
  append(out, ts.first.octets());
  append(out, ts.last.octets());
  length.fill(out);
}

void encode_ts(const TrafficSelectors& selectors, Bytes& out) {
  put_u8(out, selectors.size());
  put_zeros(out, 3);
  for (const TrafficSelector& selector : selectors) encode_selector(selector, out);
}

}  // namespace

Result<TsiPayload> parse_tsi(ByteView body) {
  return parse_ts<PayloadType::TSi>(body);
}
Result<TsrPayload> parse_tsr(ByteView body) {
  return parse_ts<PayloadType::TSr>(body);
}

void encode(const TsiPayload& ts, Bytes& out) {
  encode_ts(ts.selectors, out);
}
void encode(const TsrPayload& ts, Bytes& out) {
  encode_ts(ts.selectors, out);
}

}  // namespace iked::wire
