// SPDX-License-Identifier: ISC
#pragma once

#include <initializer_list>

#include "base/secret.h"
#include "model/iana.h"

namespace iked::crypto {

/// RFC7296 2.13: prf(key, parts[0] | parts[1] | ...). `id` must be in the catalogue.
SecretBytes prf(PrfId id, ByteView key, std::initializer_list<ByteView> parts);

/// RFC7296 2.13: the first `length` octets of prf+(key, seed). `length` is at most 255 times the
/// output.
SecretBytes prf_plus(PrfId id, ByteView key, ByteView seed, size_t length);

/// SHA-1 of the parts, for NAT detection (RFC7296 2.23) only.
Bytes sha1(std::initializer_list<ByteView> parts);

/// HMAC-SHA2-256, for our own cookies (RFC7296 2.6) and table keys.
Bytes keyed_digest(ByteView key, std::initializer_list<ByteView> parts);

}  // namespace iked::crypto
