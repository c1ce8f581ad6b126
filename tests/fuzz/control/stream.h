// SPDX-License-Identifier: ISC
// What both directions of the control socket must hold for any octets.
#pragma once

#include "base/check.h"
#include "control/protocol.h"

namespace iked::control {

/// Cuts `stream` into frames and parses each. What is accepted must encode to the same octets:
/// there is one way to say a thing.
inline void check_stream(ByteView stream, size_t max_body, auto parse) {
  FrameBuffer buffer(max_body);
  buffer.add(stream);
  while (true) {
    const auto frame = buffer.next();
    if (!frame || !*frame) return;
    IKED_CHECK((*frame)->body.size() <= max_body);
    const auto message = parse(**frame);
    if (!message) {
      IKED_CHECK(!message.error().text.empty());
      continue;
    }
    IKED_CHECK(encode(to_frame(*message)) == encode(**frame));
  }
}

}  // namespace iked::control
