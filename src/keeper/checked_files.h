// SPDX-License-Identifier: ISC
// Reads the files of a configuration, and only those that nobody else can read or change: they hold
// secrets. Also looks up services and protocols in the system's databases.
#pragma once

#include <list>
#include <string>

#include "base/secret.h"
#include "conf/environment.h"

namespace iked::keeper {

/// Whether a file with this owner and mode may hold secrets: it belongs to root or to us, its group
/// may at most read it, others may nothing. The error names the command that mends it.
Result<void> check_ownership(const std::string& path, unsigned owner, unsigned mode,
                             unsigned own_uid);

class CheckedFiles final : public conf::Environment {
 public:
  static constexpr size_t largest_file = size_t{64} << 20;

  /// "-" is standard input, which is not checked. Whatever is not a regular file is refused.
  Result<conf::FileText> read(const std::string& path) override;
  std::optional<uint16_t> service_port(const std::string& name) override;
  std::optional<uint8_t> protocol_number(const std::string& name) override;

 private:
  std::list<SecretBytes> contents_;
};

}  // namespace iked::keeper
