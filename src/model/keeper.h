// SPDX-License-Identifier: ISC
// The port to whoever keeps the long-term secrets: in the daemon a process of its own
// (iked-keeper), in `iked -n` and in tests an object. The protocol core asks for results (an AUTH
// value), never for secrets.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "model/config.h"
#include "model/iana.h"
#include "model/ids.h"

namespace iked {

/// What to load and with which macros (`-D name=value`, which win over the file).
struct LoadRequest {
  std::string path;  // "-" = standard input
  std::map<std::string, std::string> macros;
  std::string key_folder = "/etc/iked";  // what is in it: keeper/key_files.h
};

enum class Severity : uint8_t { warning, error };

/// One thing to tell about the configuration: a message, the source line, a caret, what was
/// expected. May span several lines. It does not say its severity: a log record has a level.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string text;
  std::string place = {};  // "FILE:LINE:COLUMN" or "FILE"; may be empty

  /// "FILE:LINE:COLUMN: message", for where something else says the severity.
  std::string without_severity() const { return place.empty() ? text : place + ": " + text; }
};

/// "FILE:LINE:COLUMN: message" or "FILE:LINE:COLUMN: warning: message", ready to print.
inline std::string to_string(const Diagnostic& diagnostic) {
  const std::string place = diagnostic.place.empty() ? "" : diagnostic.place + ": ";
  return place + (diagnostic.severity == Severity::warning ? "warning: " : "") + diagnostic.text;
}

/// `config` is there exactly when no diagnostic is an error.
struct LoadResult {
  std::optional<Config> config;
  std::vector<Diagnostic> diagnostics;
};

/// RFC7296 2.15: the two AUTH values of a shared key, over <SignedOctets> of each side.
struct PskAuthRequest {
  SecretId secret;
  PrfId prf = PrfId::NONE;
  Bytes own_octets;
  Bytes peer_octets;
  std::string policy;  // whose key it must be
};
struct PskAuthValues {
  SecretBytes own;
  SecretBytes peer;  // what the peer must have sent
};

/// What an EAP method (RFC3748 5) makes of a password, for either side: the response to a
/// challenge, what the other side has to answer to prove itself, the key that both have then.
/// Which of the fields count is the method's business. TLS takes several steps, each with what came
/// in `challenge` and what goes out in `response`.
struct EapRequest {
  SecretId password;
  uint8_t method = 0;      // IANA EAP method type: 4 MD5, 6 GTC, 13 TLS, 26 MSCHAPv2
  uint8_t identifier = 0;  // of the EAP packet
  std::string user;
  Bytes challenge;
  Bytes own_challenge;
};
struct EapValues {
  SecretBytes response;
  SecretBytes expected;
  SecretBytes key;
};

/// A signature with a private key, over `octets` as they are: hashing is part of it.
struct SignRequest {
  Bytes public_key;  // DER SubjectPublicKeyInfo: which key
  SignatureScheme scheme = SignatureScheme::rsa_sha256;
  Bytes octets;
};

/// A token (PKCS #11) by its URI, and its PIN as take_secret() got it.
struct TokenLogin {
  std::string uri;
  SecretId pin;
};

/// What everybody may know of what the keeper has.
struct PublicPart {
  std::string name;  // a file or a URI
  Bytes content;     // DER: a certificate or a public key
  friend bool operator==(const PublicPart&, const PublicPart&) = default;
};

class Keeper {
 public:
  virtual ~Keeper() = default;

  /// Parses a configuration. Secrets stay here; equal secrets get equal ids, also over several
  /// loads. Those of a successful load stay usable as commit() says.
  virtual LoadResult load(const LoadRequest& request) = 0;

  /// The configuration of the last successful load is in use now. Its secrets stay usable and those
  /// of the one that was in use before; others go.
  virtual void commit() = 0;

  /// Fails for a secret that is not the key of `request.policy`.
  virtual Result<PskAuthValues> psk_auth(const PskAuthRequest& request) = 0;

  /// A secret from elsewhere than a file, such as a password that a client typed. It stays until
  /// wipe_users().
  virtual Result<SecretId> take_secret(SecretBytes) { return fail("{}", not_yet); }
  /// Forgets the passwords of users and what take_secret() took. Returns how many.
  virtual Result<uint64_t> wipe_users() { return fail("{}", not_yet); }

  // So far no policy can ask for these.
  virtual Result<EapValues> eap(const EapRequest&) { return fail("{}", not_yet); }
  virtual Result<Bytes> sign(const SignRequest&) { return fail("{}", not_yet); }
  virtual Result<void> log_in(const TokenLogin&) { return fail("{}", not_yet); }
  virtual Result<void> log_out(const std::string&) { return fail("{}", not_yet); }
  virtual Result<std::vector<PublicPart>> list_public() { return std::vector<PublicPart>{}; }

 private:
  static constexpr std::string_view not_yet = "this version of iked-keeper cannot do that";
};

}  // namespace iked
