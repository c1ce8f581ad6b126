// SPDX-License-Identifier: ISC
// The bodies of the messages between iked and iked-keeper (frame.h). Each parser takes its octets
// for hostile: it fails on what is cut short, left over or no value of its type.
#pragma once

#include <string>

#include "base/log.h"
#include "keeper/frame.h"
#include "model/keeper.h"

namespace iked::keeper {

/// Changes whenever a body does. The two programs have to come from one build: an update while iked
/// runs shows by this number.
inline constexpr uint32_t protocol_version = 2;

struct Hello {
  uint32_t version = protocol_version;
  uint32_t pid = 0;
  uint32_t uid = 0;
};

/// A log record of the keeper: iked writes it with its own.
struct LogLine {
  log::Level level = log::Level::info;
  std::string policy;
  std::string text;
};

SecretBuffer encode(const Hello& hello);
SecretBuffer encode(const LogLine& line);
SecretBuffer encode(const LoadResult& result);
SecretBuffer encode(const PskAuthRequest& request);
SecretBuffer encode(const PskAuthValues& values);
SecretBuffer encode(const EapRequest& request);
SecretBuffer encode(const EapValues& values);
SecretBuffer encode(const SignRequest& request);
SecretBuffer encode(const TokenLogin& login);
SecretBuffer encode(const std::vector<PublicPart>& parts);
SecretBuffer encode(const Bytes& octets);      // a signature
SecretBuffer encode(const std::string& text);  // why something is refused; the URI of a token
SecretBuffer encode(SecretId id);
SecretBuffer encode(uint64_t number);

Result<Hello> parse_hello(ByteView body);
Result<LogLine> parse_log_line(ByteView body);
Result<LoadResult> parse_load_result(ByteView body);
Result<PskAuthRequest> parse_psk_auth_request(ByteView body);
Result<PskAuthValues> parse_psk_auth_values(ByteView body);
Result<EapRequest> parse_eap_request(ByteView body);
Result<EapValues> parse_eap_values(ByteView body);
Result<SignRequest> parse_sign_request(ByteView body);
Result<TokenLogin> parse_token_login(ByteView body);
Result<std::vector<PublicPart>> parse_public_parts(ByteView body);
Result<Bytes> parse_signature(ByteView body);
Result<std::string> parse_text(ByteView body);
Result<SecretId> parse_secret_id(ByteView body);
Result<uint64_t> parse_number(ByteView body);

}  // namespace iked::keeper
