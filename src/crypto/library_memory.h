// SPDX-License-Identifier: ISC
#pragma once

namespace iked::crypto {

/// Makes libcrypto zero every block of memory before it gives it back. Its multiplication on P-256
/// leaves the private scalar in a freed block otherwise (seen in 3.0). To be called at the very
/// start of a program: false when libcrypto was in use already, and nothing has changed then.
[[nodiscard]] bool zero_library_memory();

}  // namespace iked::crypto
