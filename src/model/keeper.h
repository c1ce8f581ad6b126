// SPDX-License-Identifier: ISC
// The port to whoever keeps the long-term secrets. The protocol core asks for results (an AUTH
// value), never for secrets. Today the keeper lives in the same process; nothing above this port
// can tell.
#pragma once

#include <map>
#include <optional>
#include <string>
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
};
struct PskAuthValues {
  SecretBytes own;
  SecretBytes peer;  // what the peer must have sent
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

  virtual Result<PskAuthValues> psk_auth(const PskAuthRequest& request) = 0;
};

}  // namespace iked
