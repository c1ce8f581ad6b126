// SPDX-License-Identifier: ISC
#include "keeper/protocol.h"

#include "keeper/archive.h"
#include "keeper/config_members.h"

namespace iked::keeper {

IKED_MEMBERS(Hello, version, pid, uid);
IKED_MEMBERS(LogLine, level, policy, text);
IKED_LAST_OF(log::Level, debug);
IKED_MEMBERS(Diagnostic, severity, text, place);
IKED_LAST_OF(Severity, error);
IKED_MEMBERS(LoadResult, config, diagnostics);
IKED_MEMBERS(PskAuthRequest, secret, prf, own_octets, peer_octets, policy);
IKED_MEMBERS(PskAuthValues, own, peer);
IKED_MEMBERS(EapRequest, password, method, identifier, user, challenge, own_challenge);
IKED_MEMBERS(EapValues, response, expected, key);
IKED_MEMBERS(SignRequest, public_key, scheme, octets);
IKED_MEMBERS(TokenLogin, uri, pin);
IKED_MEMBERS(PublicPart, name, content);

namespace {

template <typename T>
SecretBuffer encode_any(const T& value) {
  Encoder encoder;
  encoder(value);
  return encoder.take();
}

template <typename T>
Result<T> parse_any(ByteView body, const char* what) {
  Decoder decoder(body);
  T value{};
  decoder(value);
  return decoder.finish(std::move(value), what);
}

}  // namespace

SecretBuffer encode(const Hello& hello) {
  return encode_any(hello);
}
SecretBuffer encode(const LogLine& line) {
  return encode_any(line);
}
SecretBuffer encode(const LoadResult& result) {
  return encode_any(result);
}
SecretBuffer encode(const PskAuthRequest& request) {
  return encode_any(request);
}
SecretBuffer encode(const PskAuthValues& values) {
  return encode_any(values);
}
SecretBuffer encode(const EapRequest& request) {
  return encode_any(request);
}
SecretBuffer encode(const EapValues& values) {
  return encode_any(values);
}
SecretBuffer encode(const SignRequest& request) {
  return encode_any(request);
}
SecretBuffer encode(const TokenLogin& login) {
  return encode_any(login);
}
SecretBuffer encode(const std::vector<PublicPart>& parts) {
  return encode_any(parts);
}
SecretBuffer encode(const Bytes& octets) {
  return encode_any(octets);
}
SecretBuffer encode(const std::string& text) {
  return encode_any(text);
}
SecretBuffer encode(SecretId id) {
  return encode_any(id);
}
SecretBuffer encode(uint64_t number) {
  return encode_any(number);
}

Result<Hello> parse_hello(ByteView body) {
  return parse_any<Hello>(body, "hello");
}
Result<LogLine> parse_log_line(ByteView body) {
  return parse_any<LogLine>(body, "log line");
}
Result<LoadResult> parse_load_result(ByteView body) {
  Result<LoadResult> result = parse_any<LoadResult>(body, "configuration");
  if (!result || !result->config) return result;
  // What the parser of iked.conf promises and everybody relies on.
  for (const Policy& policy : result->config->policies) {
    if (policy.flows.empty() || policy.ike_proposals.empty() || policy.child_proposals.empty()) {
      return fail("configuration with a policy that has no flow or no proposal");
    }
  }
  return result;
}
Result<PskAuthRequest> parse_psk_auth_request(ByteView body) {
  return parse_any<PskAuthRequest>(body, "request for AUTH values");
}
Result<PskAuthValues> parse_psk_auth_values(ByteView body) {
  return parse_any<PskAuthValues>(body, "AUTH values");
}
Result<EapRequest> parse_eap_request(ByteView body) {
  return parse_any<EapRequest>(body, "EAP request");
}
Result<EapValues> parse_eap_values(ByteView body) {
  return parse_any<EapValues>(body, "EAP values");
}
Result<SignRequest> parse_sign_request(ByteView body) {
  return parse_any<SignRequest>(body, "request for a signature");
}
Result<TokenLogin> parse_token_login(ByteView body) {
  return parse_any<TokenLogin>(body, "token login");
}
Result<std::vector<PublicPart>> parse_public_parts(ByteView body) {
  return parse_any<std::vector<PublicPart>>(body, "list of public parts");
}
Result<Bytes> parse_signature(ByteView body) {
  return parse_any<Bytes>(body, "signature");
}
Result<std::string> parse_text(ByteView body) {
  return parse_any<std::string>(body, "text");
}
Result<SecretId> parse_secret_id(ByteView body) {
  return parse_any<SecretId>(body, "secret id");
}
Result<uint64_t> parse_number(ByteView body) {
  return parse_any<uint64_t>(body, "number");
}

}  // namespace iked::keeper
