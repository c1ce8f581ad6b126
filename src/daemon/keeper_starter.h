// SPDX-License-Identifier: ISC
// Starts iked-keeper, and again whenever it ends: a small process that was iked before iked gave up
// its privileges. It holds no secret, and reads from iked nothing but "end this keeper" and "iked
// is gone". What is said to the keeper is keeper_client.h.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"
#include "model/keeper.h"
#include "sandbox/user.h"

namespace iked::daemon {

struct KeeperStart {
  std::string program;
  LoadRequest request;
  std::optional<sandbox::User> user;  // whom the keeper becomes; nothing: it stays who we are
  bool on_terminal = true;            // whether its standard error is ours
  int lock = -1;  // kept open until the last file is removed, so that no other iked begins before
  std::vector<std::string> files;  // to be removed when iked has ended, however it did
};

/// Where the keeper's program is: where it was installed to, seen from where our own program is, or
/// beside it, as in the folder of a build.
std::string keeper_program();

class KeeperStarter {
 public:
  /// Call it before any thread is started.
  static Result<KeeperStarter> fork_child(const KeeperStart& start);

  KeeperStarter(KeeperStarter&& other) noexcept;
  KeeperStarter& operator=(KeeperStarter&&) = delete;
  /// As end().
  ~KeeperStarter();

  /// Each message here is one octet and the connection to a new keeper (SCM_RIGHTS), from which the
  /// key for the ids of secrets has gone out already. An octet sent there ends the present keeper.
  /// End of file: the starter is dead. The starter object keeps owning the descriptor.
  int channel() const { return channel_.get(); }

  /// Has the keeper and the starter end, and waits for that, but not for long.
  void end();

 private:
  KeeperStarter(Descriptor channel, pid_t pid) : channel_(std::move(channel)), pid_(pid) {}
  Descriptor channel_;
  pid_t pid_ = -1;
};

}  // namespace iked::daemon
