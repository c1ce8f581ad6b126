// SPDX-License-Identifier: ISC
#include "xfrm/records.h"

#include <arpa/inet.h>

#include <algorithm>

#include "model/reqid_range.h"
#include "xfrm/selectors.h"

namespace iked::xfrm {
namespace {

std::optional<ProtocolId> protocol_from(uint8_t number) {
  if (number == kProtocolEsp) return ProtocolId::ESP;
  if (number == kProtocolAh) return ProtocolId::AH;
  return std::nullopt;
}

template <typename T>
std::optional<T> attribute_as(ByteView attributes, uint16_t type) {
  const auto value = find_attribute(attributes, type);
  return value ? read_struct<T>(*value) : std::nullopt;
}

std::optional<Mark> mark_in(ByteView attributes) {
  const auto mark = attribute_as<xfrm_mark>(attributes, XFRMA_MARK);
  if (!mark || (mark->v == 0 && mark->m == 0)) return std::nullopt;
  return Mark{mark->v, mark->m};
}

std::optional<SaKey> key_of(const xfrm_usersa_info& info) {
  const auto source = address_from(info.saddr, info.family);
  const auto destination = address_from(info.id.daddr, info.family);
  const auto protocol = protocol_from(info.id.proto);
  if (!source || !destination || !protocol) return std::nullopt;
  return SaKey{*source, *destination, *protocol, ChildSpi{ntohl(info.id.spi)}};
}

// Real SAs have a family in their selector or say that they have none; the kernel sees to that.
bool is_larval(const xfrm_usersa_info& info) {
  return info.sel.family == AF_UNSPEC && (info.flags & XFRM_STATE_AF_UNSPEC) == 0;
}

// One side of the packet that made the kernel ask, as a traffic selector.
std::optional<TrafficSelector> side_of(const xfrm_selector& selector, bool source) {
  const auto address = address_from(source ? selector.saddr : selector.daddr, selector.family);
  if (!address) return std::nullopt;
  const auto prefix =
      IpPrefix::make(*address, source ? selector.prefixlen_s : selector.prefixlen_d);
  if (!prefix) return std::nullopt;
  const uint16_t source_port = ntohs(selector.sport & selector.sport_mask);
  const uint16_t destination_port = ntohs(selector.dport & selector.dport_mask);
  PortBlock port;
  switch (selector.proto) {
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      // RFC 4301 4.4.1.3: type and code belong to the side that sends them.
      if (source && selector.sport_mask != 0) {
        port = {static_cast<uint16_t>(source_port << 8 | (destination_port & 0xff)), 0xffff};
      }
      break;
    case IPPROTO_MH:
      if (source && selector.sport_mask != 0) {
        port = {static_cast<uint16_t>(source_port << 8), 0xffff};
      }
      break;
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case IPPROTO_SCTP:
    case IPPROTO_DCCP:
      // The kernel reports port 0 where it could not see one, as in fragments.
      port.value = source ? source_port : destination_port;
      if (port.value != 0) port.mask = ntohs(source ? selector.sport_mask : selector.dport_mask);
      break;
    default:
      break;
  }
  return selector_of(*prefix, selector.proto, port);
}

std::optional<KernelEvent> parse_acquire(ByteView payload) {
  const auto acquire = read_struct<xfrm_user_acquire>(payload);
  if (!acquire) return std::nullopt;
  const auto tmpl =
      attribute_as<xfrm_user_tmpl>(after_struct<xfrm_user_acquire>(payload), XFRMA_TMPL);
  if (!tmpl || !is_own(Reqid{tmpl->reqid})) return std::nullopt;
  const auto source = side_of(acquire->sel, true);
  const auto destination = side_of(acquire->sel, false);
  if (!source || !destination) return std::nullopt;
  return AcquireEvent{Reqid{tmpl->reqid}, *source, *destination};
}

std::optional<KernelEvent> parse_expire(ByteView payload) {
  const auto expire = read_struct<xfrm_user_expire>(payload);
  if (!expire || !is_own(Reqid{expire->state.reqid}) || is_larval(expire->state)) {
    return std::nullopt;
  }
  const auto key = key_of(expire->state);
  if (!key) return std::nullopt;
  return ExpireEvent{*key, expire->hard != 0};
}

std::optional<KernelEvent> parse_mapping(ByteView payload) {
  const auto mapping = read_struct<xfrm_user_mapping>(payload);
  if (!mapping || !is_own(Reqid{mapping->reqid})) return std::nullopt;
  const auto family = mapping->id.family;
  const auto destination = address_from(mapping->id.daddr, family);
  const auto before = address_from(mapping->old_saddr, family);
  const auto now = address_from(mapping->new_saddr, family);
  const auto protocol = protocol_from(mapping->id.proto);
  if (!destination || !before || !now || !protocol) return std::nullopt;
  MappingEvent event;
  event.sa = SaKey{*before, *destination, *protocol, ChildSpi{ntohl(mapping->id.spi)}};
  event.new_source.address = *now;
  event.new_source.port = ntohs(mapping->new_sport);
  return event;
}

}  // namespace

std::optional<IpAddress> address_from(const xfrm_address_t& address, unsigned family) {
  const auto* octets = reinterpret_cast<const uint8_t*>(&address);
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  return IpAddress::from_octets({octets, family == AF_INET ? size_t{4} : size_t{16}}).value();
}

std::optional<PolicyDirection> direction_from(uint8_t number) {
  switch (number) {
    case XFRM_POLICY_IN:
      return PolicyDirection::in;
    case XFRM_POLICY_OUT:
      return PolicyDirection::out;
    case XFRM_POLICY_FWD:
      return PolicyDirection::fwd;
    default:
      return std::nullopt;
  }
}

std::optional<KernelSelector> selector_from(const xfrm_selector& selector) {
  const auto source = address_from(selector.saddr, selector.family);
  const auto destination = address_from(selector.daddr, selector.family);
  if (!source || !destination) return std::nullopt;
  const auto sources = IpPrefix::make(*source, selector.prefixlen_s);
  const auto destinations = IpPrefix::make(*destination, selector.prefixlen_d);
  if (!sources || !destinations) return std::nullopt;
  return KernelSelector{*sources, *destinations, selector.proto,
                        PortBlock{ntohs(selector.sport), ntohs(selector.sport_mask)},
                        PortBlock{ntohs(selector.dport), ntohs(selector.dport_mask)}};
}

Result<SaRecord> parse_sa(const Message& message) {
  const auto info = read_struct<xfrm_usersa_info>(message.payload);
  if (message.type != XFRM_MSG_NEWSA || !info) return fail("not an SA in the kernel's answer");
  const auto key = key_of(*info);
  if (!key) return fail("an SA of an unknown kind in the kernel's answer");
  SaRecord record;
  record.key = *key;
  record.reqid = Reqid{info->reqid};
  record.larval = is_larval(*info);
  record.bytes = info->curlft.bytes;
  record.packets = info->curlft.packets;
  record.info = *info;
  record.attributes = after_struct<xfrm_usersa_info>(message.payload);
  record.last_used = attribute_as<uint64_t>(record.attributes, XFRMA_LASTUSED).value_or(0);
  record.mark = mark_in(record.attributes);
  record.if_id = attribute_as<uint32_t>(record.attributes, XFRMA_IF_ID).value_or(0);
  const auto direction = attribute_as<uint8_t>(record.attributes, kAttrSaDir).value_or(0);
  if (direction == 1 || direction == 2) record.direction = SaDirection{direction};
  if (const auto encap = attribute_as<xfrm_encap_tmpl>(record.attributes, XFRMA_ENCAP)) {
    record.encap = UdpEncap{ntohs(encap->encap_sport), ntohs(encap->encap_dport)};
    const auto original = address_from(encap->encap_oa, info->family);
    if (original && !original->is_any()) record.original_address = original;
  }
  return record;
}

SaUsage usage_of(const SaRecord& sa, std::chrono::seconds now) {
  SaUsage usage;
  usage.bytes = sa.bytes;
  usage.packets = sa.packets;
  if (sa.last_used != 0 && sa.packets != 0) {
    const auto last = std::chrono::seconds(std::min<uint64_t>(sa.last_used, INT64_MAX));
    usage.idle = std::max(std::chrono::seconds(0), now - last);
  }
  return usage;
}

std::chrono::seconds made_at(const SaRecord& sa) {
  return std::chrono::seconds(std::min<uint64_t>(sa.info.curlft.add_time, INT64_MAX));
}

Result<PolicyRecord> parse_policy(const Message& message) {
  const auto info = read_struct<xfrm_userpolicy_info>(message.payload);
  if (message.type != XFRM_MSG_NEWPOLICY || !info) {
    return fail("not a policy in the kernel's answer");
  }
  const ByteView attributes = after_struct<xfrm_userpolicy_info>(message.payload);
  PolicyRecord record;
  record.selector = info->sel;
  record.index = info->index;
  record.priority = info->priority;
  record.direction = info->dir;
  if (const auto type = attribute_as<xfrm_userpolicy_type>(attributes, XFRMA_POLICY_TYPE)) {
    record.type = type->type;
  }
  if (const auto tmpl = attribute_as<xfrm_user_tmpl>(attributes, XFRMA_TMPL)) {
    record.reqid = Reqid{tmpl->reqid};
    record.protocol = protocol_from(tmpl->id.proto);
    if (tmpl->mode == XFRM_MODE_TUNNEL) {
      record.tunnel_source = address_from(tmpl->saddr, tmpl->family);
      record.tunnel_destination = address_from(tmpl->id.daddr, tmpl->family);
    }
  }
  record.mark = mark_in(attributes);
  record.if_id = attribute_as<uint32_t>(attributes, XFRMA_IF_ID).value_or(0);
  return record;
}

void parse_events(ByteView datagram, std::vector<KernelEvent>& out) {
  MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    std::optional<KernelEvent> event;
    if (message->type == XFRM_MSG_ACQUIRE) event = parse_acquire(message->payload);
    if (message->type == XFRM_MSG_EXPIRE) event = parse_expire(message->payload);
    if (message->type == XFRM_MSG_MAPPING) event = parse_mapping(message->payload);
    if (event) out.push_back(std::move(*event));
  }
}

}  // namespace iked::xfrm
