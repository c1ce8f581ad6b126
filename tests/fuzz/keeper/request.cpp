// SPDX-License-Identifier: ISC
#include "fuzz/keeper/stream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked::keeper;
  check_stream({data, size}, Side::keeper, [](const Frame& frame) {
    switch (frame.type) {
      case MessageType::psk_auth:
        return check(parse_psk_auth_request(frame.body), frame);
      case MessageType::eap:
        return check(parse_eap_request(frame.body), frame);
      case MessageType::sign:
        return check(parse_sign_request(frame.body), frame);
      case MessageType::log_in:
        return check(parse_token_login(frame.body), frame);
      case MessageType::log_out:
        return check(parse_text(frame.body), frame);
      default:
        return;
    }
  });
  return 0;
}
