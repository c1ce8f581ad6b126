// SPDX-License-Identifier: ISC
// Passphrases, and where they come from: a terminal that does not show them, or a file.
#pragma once

#include <string>
#include <string_view>

#include "authority/failure.h"
#include "base/secret.h"

namespace iked::authority {

class Passphrase {
 public:
  static constexpr size_t longest = 1024;

  /// Fails when it is too long or has a NUL in it, behind which the library would not look.
  static Outcome<Passphrase> make(ByteView octets);

  bool empty() const { return with_nul_.size() <= 1; }
  const char* c_str() const;
  friend bool operator==(const Passphrase&, const Passphrase&) = default;

 private:
  SecretBytes with_nul_;
};

/// The first line of the file, or of standard input for "-". An empty line is a failure.
Outcome<Passphrase> passphrase_from_file(const std::string& path);

/// Asks on the terminal of the process, without showing what is typed, and for a new one a second
/// time. Fails without a terminal, and when the user gives up with Control-C or Control-D.
/// `terminal` is for tests.
Outcome<Passphrase> passphrase_from_terminal(const std::string& prompt, bool is_new,
                                             const char* terminal = "/dev/tty");

}  // namespace iked::authority
