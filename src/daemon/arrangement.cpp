// SPDX-License-Identifier: ISC
#include "daemon/arrangement.h"

#include <linux/capability.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/handed_descriptors.h"
#include "daemon/startup.h"
#include "sandbox/file_access.h"
#include "sandbox/process.h"
#include "sandbox/syscall_filter.h"
#include "sandbox/user.h"

namespace iked::daemon {
namespace {

constexpr const char* own_user = "_iked";
constexpr const char* keeper_user = "_iked-keeper";

/// Nothing: both processes stay who they are.
struct Users {
  sandbox::User iked;
  sandbox::User keeper;
};

std::optional<Users> choose_users() {
  if (!sandbox::may_become_others()) {
    log::info(
        "not started as root: iked-keeper runs as the same user as iked (uid {}), only the sandbox "
        "keeps them apart",
        geteuid());
    return std::nullopt;
  }
  auto iked = sandbox::find_user(own_user);
  auto keeper = sandbox::find_user(keeper_user);
  if (iked && keeper && iked->uid != 0 && keeper->uid != 0 && iked->uid != keeper->uid) {
    return Users{std::move(*iked), std::move(*keeper)};
  }
  log::warn(
      "there is no user {} with an id of its own: iked and iked-keeper stay root, and only the "
      "sandbox keeps them apart; 'systemd-sysusers' makes the users, or 'useradd -r {}'",
      iked ? keeper_user : own_user, iked ? keeper_user : own_user);
  return std::nullopt;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// What name look-up, time zones and the service manager need. Where the user may read the
/// configuration all the same, /etc as a whole is too much: there only the files by name. They are
/// lost when they are replaced, which is why it is not the rule.
sandbox::FileAccess files_of_iked(const Arrangement& made, const Options& options,
                                  bool own_user_id) {
  sandbox::FileAccess access;
  access.read = {"/usr",
                 "/lib",
                 "/lib64",
                 "/proc",
                 "/sys/devices/system/cpu",
                 "/dev/urandom",
                 "/run/systemd",
                 "/run/resolvconf",
                 "/run/NetworkManager",
                 "/run/connman"};
  if (own_user_id) {
    access.read.emplace_back("/etc");
  } else {
    for (const char* name :
         {"resolv.conf", "nsswitch.conf", "hosts", "host.conf", "gai.conf", "services", "protocols",
          "localtime", "ld.so.cache", "passwd", "group", "libnl", "iproute2"}) {
      access.read.push_back(std::string("/etc/") + name);
    }
  }
  access.write = {"/dev/null"};
  access.remove = {folder_of(made.lock->path()), folder_of(options.socket_path)};
  return access;
}

Result<void> give_up_privileges(const std::optional<Users>& users,
                                const sandbox::FileAccess& files) {
  static constexpr sandbox::Capabilities kept = {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE};
  if (!sandbox::lock_memory()) {
    log::debug(
        "session keys may be swapped out: the limit of locked memory (LimitMEMLOCK=) is finite");
  }
  const Result<void> became =
      users ? sandbox::become(users->iked, kept) : sandbox::drop_capabilities_except(kept);
  if (!became) return became;
  // Another user id makes a process dumpable again.
  if (auto hardened = sandbox::harden_process(); !hardened) return hardened;
  const Result<bool> limited = sandbox::restrict_files(files);
  if (!limited) return std::unexpected(limited.error());
  if (!*limited) log::debug("this kernel cannot limit access to files (Landlock)");
  return sandbox::filter_system_calls(sandbox::Program::iked);
}

}  // namespace

Result<Arrangement> arrange(const Options& options, bool on_terminal) {
  Arrangement made;
  Result<InstanceLock> lock = take_instance_lock(options);
  if (!lock) return fail(lock);
  made.lock.emplace(std::move(*lock));
  HandedDescriptors handed = take_handed_descriptors();
  made.udp = std::move(handed.udp);
  // Who has the ports is seen by root alone, so they are tried out now and opened later.
  if (geteuid() == 0 && made.udp.empty()) {
    const Result<net::UdpSockets> sockets = open_sockets(options, /*coupled=*/false);
    if (!sockets) return std::unexpected(sockets.error());
  }
  Result<control::Listener> listener = open_control_socket(options, std::move(handed.control));
  if (!listener) return fail(listener);
  made.listener.emplace(std::move(*listener));

  const std::optional<Users> users = choose_users();
  KeeperStart start;
  start.program = keeper_program();
  start.request = load_request(options);
  if (users) start.user = users->keeper;
  start.on_terminal = on_terminal;
  start.lock = made.lock->descriptor();
  start.files = {made.lock->path()};
  if (!made.listener->path().empty()) start.files.push_back(made.listener->path());
  Result<KeeperStarter> starter = KeeperStarter::fork_child(start);
  if (!starter) return fail(starter);
  made.starter.emplace(std::move(*starter));

  const auto files = files_of_iked(made, options, users.has_value());
  if (auto done = give_up_privileges(users, files); !done) return fail(done);
  return made;
}

}  // namespace iked::daemon
