// SPDX-License-Identifier: ISC
#include "fuzz/keeper/stream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked::keeper;
  check_stream({data, size}, Side::iked, [](const Frame& frame) {
    switch (frame.type) {
      case MessageType::loaded:
        return check(parse_load_result(frame.body), frame);
      case MessageType::psk_values:
        return check(parse_psk_auth_values(frame.body), frame);
      case MessageType::eap_values:
        return check(parse_eap_values(frame.body), frame);
      case MessageType::signature:
        return check(parse_signature(frame.body), frame);
      case MessageType::public_parts:
        return check(parse_public_parts(frame.body), frame);
      case MessageType::secret_taken:
        return check(parse_secret_id(frame.body), frame);
      case MessageType::users_wiped:
        return check(parse_number(frame.body), frame);
      case MessageType::refused:
        return check(parse_text(frame.body), frame);
      case MessageType::hello:
        return check(parse_hello(frame.body), frame);
      case MessageType::log:
        return check(parse_log_line(frame.body), frame);
      default:
        return;
    }
  });
  return 0;
}
