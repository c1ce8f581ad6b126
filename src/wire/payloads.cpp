// SPDX-License-Identifier: ISC
#include "wire/payloads.h"

#include "wire/encode.h"

namespace iked::wire {

PayloadType type_of(const Payload& payload) {
  return std::visit([](const auto& p) { return p.type; }, payload);
}

void encode_body(const Payload& payload, Bytes& out) {
  std::visit([&out](const auto& p) { encode(p, out); }, payload);
}

}  // namespace iked::wire
