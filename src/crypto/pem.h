// SPDX-License-Identifier: ISC
// Files of public keys and certificates: PEM, or DER as it is. What is in the blocks, others know.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace iked::crypto {

struct PemBlock {
  std::string label;  // "CERTIFICATE"; empty for DER
  Bytes der;
};

/// All blocks of a text, or the whole of it when there is none. Text between blocks is passed over.
std::vector<PemBlock> parse_pem_blocks(ByteView content);

}  // namespace iked::crypto
