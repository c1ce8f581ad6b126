// SPDX-License-Identifier: ISC
// Network namespaces that a test makes for itself, as root. Nothing outside of them is touched.
#pragma once

#include <memory>
#include <string>

#include "daemon/process.h"

namespace iked::test {

/// True for root with the right to make namespaces; tests skip themselves otherwise.
bool can_make_networks();

/// A network namespace with its loopback interface up. A sleeping process keeps it alive.
class Network {
 public:
  Network();

  /// For SpawnOptions::network_of.
  pid_t holder() const { return holder_.pid(); }
  /// Runs a command inside and expects it to succeed; words are separated by single spaces.
  void run(const std::string& command) const;

 private:
  Process holder_;
};

/// Two networks joined by a cable: `west` has 192.0.2.1, `east` 192.0.2.2.
struct Cable {
  Cable();
  Network west;
  Network east;
};

}  // namespace iked::test
