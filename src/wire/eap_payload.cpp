// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// Code, Identifier and Length.
constexpr size_t eap_header = 4;

bool has_type(EapCode code) {
  return code == EapCode::REQUEST || code == EapCode::RESPONSE;
}
bool is_known(EapCode code) {
  return code >= EapCode::REQUEST && code <= EapCode::FAILURE;
}

}  // namespace

Result<EapPayload> parse_eap(ByteView body) {  // RFC7296 3.16
  Reader r{body};
  EapPayload eap;
  eap.code = EapCode{r.u8()};
  eap.identifier = r.u8();
  const uint16_t length = r.u16();
  if (!r.ok()) return fail("EAP payload is cut short");
  if (!is_known(eap.code)) {
    return fail("an EAP message of code {}", static_cast<unsigned>(eap.code));
  }
  // RFC7296 3.16: the length "MUST be four less than the Payload Length of the encapsulating
  // payload".
  if (length != body.size()) {
    return fail("an EAP message that announces {} octets and has {}", length, body.size());
  }
  if (!has_type(eap.code)) {
    // RFC7296 3.16: "For other codes, the EAP message length MUST be four octets".
    if (length != eap_header) return fail("the end of EAP with {} octets", length);
    return eap;
  }
  eap.method = EapType{r.u8()};
  eap.data = r.rest_copy();
  return r.finish(std::move(eap), "EAP payload");
}

void encode(const EapPayload& eap, Bytes& out) {
  IKED_CHECK(is_known(eap.code) && (has_type(eap.code) || eap.data.empty()));
  const size_t begin = out.size();
  out.push_back(static_cast<uint8_t>(eap.code));
  out.push_back(eap.identifier);
  const LengthField length(out, begin);
  if (has_type(eap.code)) {
    out.push_back(static_cast<uint8_t>(eap.method));
    append(out, eap.data);
  }
  length.fill(out);
}

}  // namespace iked::wire
