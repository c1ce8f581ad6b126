// SPDX-License-Identifier: ISC
// The table between IANA's algorithms and the kernel's names for them, with key sizes and
// truncation. It says how an SA is written down, not whether this kernel has the algorithm: that is
// XfrmKernel::supports().
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "model/proposal.h"

namespace iked::xfrm {

/// An encryption algorithm as the kernel wants it.
struct KernelCipher {
  std::string_view name;
  size_t key_octets = 0;    // including the salt at its end, if any
  unsigned icv_bits = 0;    // of an AEAD; 0 otherwise
  std::string_view module;  // what Debian's kernels load for it
  bool aead() const { return icv_bits != 0; }
};

/// Fails on an algorithm that the kernel's ESP has no name for, and on a key length that the
/// algorithm does not have.
Result<KernelCipher> kernel_cipher(const Encr& encr);

/// An integrity algorithm as the kernel wants it.
struct KernelMac {
  std::string_view name;
  size_t key_octets = 0;
  unsigned truncated_bits = 0;
  std::string_view module;
};

Result<KernelMac> kernel_mac(IntegId integ);

}  // namespace iked::xfrm
