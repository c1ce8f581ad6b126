// SPDX-License-Identifier: ISC
#include "model/identity.h"

#include <algorithm>

#include "model/distinguished_name.h"

namespace iked {
namespace {

// As much as a log line should hold of what a stranger says it is.
ByteView shown(const Bytes& octets) {
  return ByteView(octets).first(std::min<size_t>(octets.size(), 64));
}

}  // namespace

Result<Identity> Identity::parse(std::string_view text) {
  if (text.empty()) return fail("an ID may not be empty");
  if (auto address = IpAddress::parse(text)) return of(*address);
  if (text.front() == '/') {
    auto name = distinguished_name(text);
    if (!name) return fail(name);
    return Identity{IdType::DER_ASN1_DN, std::move(*name)};
  }
  Identity identity;
  identity.type = text.find('@') != std::string_view::npos ? IdType::RFC822_ADDR : IdType::FQDN;
  identity.octets = to_bytes(as_bytes(text));
  return identity;
}

Identity Identity::of(const IpAddress& address) {
  return {address.is_v4() ? IdType::IPV4_ADDR : IdType::IPV6_ADDR, to_bytes(address.octets())};
}

std::string value_of(const Identity& identity) {
  switch (identity.type) {
    case IdType::IPV4_ADDR:
    case IdType::IPV6_ADDR:
      if (auto address = IpAddress::from_octets(identity.octets)) return to_string(*address);
      return to_hex(shown(identity.octets));
    case IdType::FQDN:
    case IdType::RFC822_ADDR:
      return printable(identity.octets);
    case IdType::DER_ASN1_DN:
      if (const auto text = distinguished_name_text(identity.octets); text && !text->empty()) {
        return printable(as_bytes(*text), 512);
      }
      return "0x" + to_hex(shown(identity.octets));
    default:
      return "0x" + to_hex(shown(identity.octets));
  }
}

std::string to_string(const Identity& identity) {
  std::string_view kind;
  switch (identity.type) {
    case IdType::IPV4_ADDR:
      kind = "IPV4";
      break;
    case IdType::IPV6_ADDR:
      kind = "IPV6";
      break;
    case IdType::FQDN:
      kind = "FQDN";
      break;
    case IdType::RFC822_ADDR:
      kind = "UFQDN";
      break;
    case IdType::DER_ASN1_DN:
      kind = "ASN1_DN";
      break;
    case IdType::KEY_ID:
      kind = "KEY_ID";
      break;
    default:
      return fmt::format("{}/0x{}", to_string(identity.type), to_hex(shown(identity.octets)));
  }
  return fmt::format("{}/{}", kind, value_of(identity));
}

}  // namespace iked
