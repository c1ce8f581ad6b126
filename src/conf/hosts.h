// SPDX-License-Identifier: ISC
// Addresses, names, ports and protocols as they are written. Names are not looked up here: a host
// name stays a name in the model.
#pragma once

#include <optional>

#include "conf/environment.h"
#include "conf/tokens.h"
#include "model/policy.h"

namespace iked::conf {

/// A host specification and where it was written.
struct Host {
  HostSpec spec;
  Token token;
};

/// `any`, an address, a network or a name, for `clause` ("from").
std::optional<Host> parse_host(Tokens& tokens, std::string_view clause);

/// The part behind the word `port`. 0 = all ports.
std::optional<uint16_t> parse_port(Tokens& tokens, Environment& environment);

/// The part behind the word `proto`. Empty = any.
std::optional<std::vector<uint8_t>> parse_protocols(Tokens& tokens, Environment& environment);

/// Of numeric ones.
std::optional<Family> family_of(const HostSpec& host);

/// One address or one name, not a network and not `any`.
bool is_single(const HostSpec& host);

}  // namespace iked::conf
