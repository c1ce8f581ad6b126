// SPDX-License-Identifier: ISC
#include "base/overloaded.h"
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// The first bit of an attribute's type is reserved: zero when sent, ignored when received.
constexpr uint16_t type_bits = 0x7fff;

// RFC7296 3.15.1: values are as long as the table there says, each of them or nothing at all.
enum class Shape : uint8_t { opaque, address4, address6, subnet4, prefix6, types };

Shape shape_of(CfgAttributeType type) {
  switch (type) {
    case CfgAttributeType::INTERNAL_IP4_ADDRESS:
    case CfgAttributeType::INTERNAL_IP4_NETMASK:
    case CfgAttributeType::INTERNAL_IP4_DNS:
    case CfgAttributeType::INTERNAL_IP4_NBNS:
    case CfgAttributeType::INTERNAL_IP4_DHCP:
      return Shape::address4;
    case CfgAttributeType::INTERNAL_IP6_DNS:
    case CfgAttributeType::INTERNAL_IP6_DHCP:
      return Shape::address6;
    case CfgAttributeType::INTERNAL_IP4_SUBNET:
      return Shape::subnet4;
    case CfgAttributeType::INTERNAL_IP6_ADDRESS:
    case CfgAttributeType::INTERNAL_IP6_SUBNET:
      return Shape::prefix6;
    case CfgAttributeType::SUPPORTED_ATTRIBUTES:
      return Shape::types;
    case CfgAttributeType::APPLICATION_VERSION:
    case CfgAttributeType::INTERNAL_DNS_DOMAIN:
    case CfgAttributeType::INTERNAL_DNSSEC_TA:
      break;
  }
  return Shape::opaque;
}

// RFC7296 3.15.1: the table has no empty INTERNAL_IP6_SUBNET; but a CFG_ACK contains what was
// accepted "with zero-length data", whatever it is, and a request names what it does not know yet.
bool may_be_empty(CfgType cfg, CfgAttributeType type) {
  return type != CfgAttributeType::INTERNAL_IP6_SUBNET || cfg == CfgType::CFG_REQUEST ||
         cfg == CfgType::CFG_ACK;
}

bool length_fits(Shape shape, size_t length) {
  switch (shape) {
    case Shape::address4:
      return length == 4;
    case Shape::address6:
      return length == 16;
    case Shape::subnet4:
      return length == 8;
    case Shape::prefix6:
      return length == 17;
    case Shape::types:
      return length % 2 == 0;
    case Shape::opaque:
      break;
  }
  return true;
}

// `value` is not empty, and as long as its shape wants it.
CfgValue parse_value(Shape shape, ByteView value) {
  Reader r{value};
  const auto address = [&r](size_t octets) { return *IpAddress::from_octets(r.take(octets)); };
  switch (shape) {
    case Shape::address4:
      return address(4);
    case Shape::address6:
      return address(16);
    case Shape::subnet4: {
      const IpAddress network = address(4);
      return CfgSubnet4{network, address(4)};
    }
    case Shape::prefix6: {
      const IpAddress prefix = address(16);
      return CfgPrefix6{prefix, r.u8()};
    }
    case Shape::types: {
      std::vector<CfgAttributeType> types;
      while (!r.at_end()) {
        types.push_back(CfgAttributeType{static_cast<uint16_t>(r.u16() & type_bits)});
      }
      return types;
    }
    case Shape::opaque:
      break;
  }
  return r.rest_copy();
}

Result<CfgAttribute> parse_attribute(CfgType cfg, Reader& r) {  // RFC7296 3.15.1
  CfgAttribute attribute;
  attribute.type = CfgAttributeType{static_cast<uint16_t>(r.u16() & type_bits)};
  const uint16_t length = r.u16();
  const ByteView value = r.take(length);
  if (!r.ok()) return fail("a configuration attribute is cut short");
  const Shape shape = shape_of(attribute.type);
  if (length == 0 ? !may_be_empty(cfg, attribute.type) : !length_fits(shape, length)) {
    return fail("{} of {} octets in a {}", to_string(attribute.type), length, to_string(cfg));
  }
  if (length == 0) return attribute;
  attribute.value = parse_value(shape, value);
  const auto* prefix = std::get_if<CfgPrefix6>(&attribute.value);
  if (prefix && prefix->length > 128) {
    return fail("{} of an IPv6 prefix of {} bits", to_string(attribute.type), prefix->length);
  }
  return attribute;
}

void encode_value(const CfgValue& value, Bytes& out) {
  std::visit(overloaded{
                 [](const std::monostate&) {},
                 [&out](const IpAddress& address) { append(out, address.octets()); },
                 [&out](const CfgSubnet4& subnet) {
                   append(out, subnet.address.octets());
                   append(out, subnet.netmask.octets());
                 },
                 [&out](const CfgPrefix6& prefix) {
                   append(out, prefix.address.octets());
                   out.push_back(prefix.length);
                 },
                 [&out](const std::vector<CfgAttributeType>& types) {
                   for (CfgAttributeType type : types) put_u16(out, static_cast<uint16_t>(type));
                 },
                 [&out](const Bytes& octets) { append(out, octets); },
             },
             value);
}

void encode_attribute(CfgType cfg, const CfgAttribute& attribute, Bytes& out) {
  put_u16(out, static_cast<uint16_t>(attribute.type));
  const size_t length_field = out.size();
  const LengthField length(out, length_field + 2);
  encode_value(attribute.value, out);
  const size_t octets = out.size() - length_field - 2;
  IKED_CHECK(octets == 0 ? may_be_empty(cfg, attribute.type)
                         : length_fits(shape_of(attribute.type), octets));
  length.fill(out);
}

}  // namespace

Result<CpPayload> parse_cp(ByteView body) {  // RFC7296 3.15
  Reader r{body};
  CpPayload cp;
  cp.cfg = CfgType{r.u8()};
  r.skip(3);  // RESERVED
  while (r.ok() && !r.at_end()) {
    if (cp.attributes.size() == max_cfg_attributes) {
      return fail("over {} configuration attributes", max_cfg_attributes);
    }
    auto attribute = parse_attribute(cp.cfg, r);
    if (!attribute) return fail(attribute);
    cp.attributes.push_back(std::move(*attribute));
  }
  return r.finish(std::move(cp), "CP payload");
}

void encode(const CpPayload& cp, Bytes& out) {
  out.push_back(static_cast<uint8_t>(cp.cfg));
  put_zeros(out, 3);
  for (const CfgAttribute& attribute : cp.attributes) encode_attribute(cp.cfg, attribute, out);
}

}  // namespace iked::wire
