// SPDX-License-Identifier: ISC
// Who a peer says it is (RFC7296 3.5). Equal means same type and same octets; there are no
// wildcards.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ip.h"
#include "model/iana.h"

namespace iked {

/// An ID payload's content without its header. Octets as on the wire: 4 or 16 for addresses,
/// characters without terminator for names, DER for a distinguished name.
struct Identity {
  IdType type = IdType::FQDN;
  Bytes octets;

  /// Typed from its looks as iked.conf(5) does for srcid and dstid: an IP address, with '/' in
  /// front a distinguished name, with '@' an RFC822 name, else an FQDN. Fails on an empty text and
  /// on a distinguished name that is none.
  static Result<Identity> parse(std::string_view text);
  static Identity of(const IpAddress& address);

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// The value alone, safe to print: "a.example.com", "192.0.2.1", "/C=DE/CN=gw".
std::string value_of(const Identity& identity);
/// Type and value as ikectl shows them: "FQDN/a.example.com", "IPV4/192.0.2.1",
/// "UFQDN/u@example.com".
std::string to_string(const Identity& identity);

}  // namespace iked
