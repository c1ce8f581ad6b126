// SPDX-License-Identifier: ISC
// Distinguished names of X.509: "/C=DE/O=Example/CN=gw.example.com" and its DER (X.501, RFC5280
// 4.1.2.4). No wildcards, and no comparison but that of octets.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace iked {

/// DER of a name that is written with '/' in front of each attribute. The attributes are the usual
/// ones ("C", "CN", "emailAddress"; case does not matter) or numbers such as 2.5.4.3. A backslash
/// in front of '/' or a backslash takes away its meaning. At most 32 attributes, and 4096 octets.
Result<Bytes> distinguished_name(std::string_view text);

/// The other way round. Text as the peer chose it, not safe to print as it is. Fails on what is not
/// DER of a name of strings; what distinguished_name() makes never fails.
Result<std::string> distinguished_name_text(ByteView der);

}  // namespace iked
