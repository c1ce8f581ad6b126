// SPDX-License-Identifier: ISC
// What both sides of the socket between iked and iked-keeper do with what comes from the other.
#pragma once

#include "base/check.h"
#include "keeper/protocol.h"

namespace iked::keeper {

/// What was understood must come out as it went in.
template <typename T>
void check(const Result<T>& value, const Frame& frame) {
  if (value) IKED_CHECK(encode(*value) == frame.body);
}

/// Takes the octets for a stream that comes in pieces.
template <typename Parse>
void check_stream(ByteView octets, Side side, Parse&& parse) {
  FrameReader reader(side);
  size_t piece = 1;
  while (!octets.empty()) {
    const size_t size = std::min(piece, octets.size());
    reader.add(octets.first(size));
    octets = octets.subspan(size);
    piece = piece * 2 + 1;
    for (;;) {
      const Result<std::optional<Frame>> frame = reader.next();
      if (!frame) return;
      if (!*frame) break;
      IKED_CHECK((*frame)->body.size() <= *largest_body((*frame)->type));
      parse(**frame);
    }
  }
}

}  // namespace iked::keeper
