// SPDX-License-Identifier: ISC
// What the parser asks of the world around it: the text of files, the numbers of services and
// protocols, a place to put secrets, and which algorithms there are. keeper/ answers for the
// daemon; tests and the fuzzer answer from memory. The parser itself opens and looks up nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "model/ids.h"
#include "model/proposal.h"

namespace iked::conf {

/// A file's content. `text` stays valid as long as the Environment it came from. `identity` is
/// equal exactly for the same file, whatever path led to it.
struct FileText {
  std::string_view text;
  std::string identity;
};

class Environment {
 public:
  virtual ~Environment() = default;

  /// Reads a file that passes the checks for files with secrets. The error does not begin with the
  /// path.
  virtual Result<FileText> read(const std::string& path) = 0;
  /// The port of a service, tcp before udp.
  virtual std::optional<uint16_t> service_port(const std::string& name) = 0;
  virtual std::optional<uint8_t> protocol_number(const std::string& name) = 0;
};

/// Takes over each secret of a configuration. Equal secrets get equal ids.
class SecretStore {
 public:
  virtual ~SecretStore() = default;
  virtual SecretId put(SecretBytes secret) = 0;
};

/// Which algorithms IKE and the children can use. Every member must be set.
struct Catalogue {
  bool (*ike_encr)(Encr) = nullptr;
  bool (*ike_prf)(PrfId) = nullptr;
  bool (*ike_integ)(IntegId) = nullptr;
  bool (*group)(KeId) = nullptr;
  bool (*child_encr)(Encr) = nullptr;
  bool (*child_integ)(IntegId) = nullptr;
};

}  // namespace iked::conf
