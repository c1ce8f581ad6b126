// SPDX-License-Identifier: ISC
// Diffie-Hellman in all its forms, as two pure functions of the randomness given. Slow (tens of
// microseconds to milliseconds): called from Jobs on workers, never from the event loop.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "model/iana.h"

namespace iked::crypto {

/// Our public value for the private key that `random` makes. `random` has ike_ke(group)->random
/// octets and is the private key's only source: the same octets give the same pair.
Result<Bytes> public_value(KeId group, const SecretBytes& random);

/// g^ir, padded to the length RFC7296 2.14 wants. Refuses a peer value of the wrong length, off the
/// curve, out of range (RFC 6989 2) or of low order (RFC 8031 5: an all-zero secret).
Result<SecretBytes> shared_secret(KeId group, const SecretBytes& random, ByteView peer_value);

}  // namespace iked::crypto
