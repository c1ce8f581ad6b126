// SPDX-License-Identifier: ISC
// The single steps of the start that can fail for reasons an administrator can cure. Each error is
// one line with cause and cure. Their order is Daemon::start()'s.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/listener.h"
#include "daemon/instance_lock.h"
#include "daemon/keeper_client.h"
#include "daemon/options.h"
#include "ike/engine.h"
#include "net/udp_sockets.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::daemon {

/// Reads the configuration, logs what there is to say about it, and lets the command line win.
Result<Config> load_config(const Options& options, KeeperClient& keeper);

Result<InstanceLock> take_instance_lock(const Options& options);

/// The kernel's IPsec, found to work.
Result<std::unique_ptr<xfrm::XfrmKernel>> open_kernel();

/// What `config`, which must live as long, says about a policy that an earlier iked left: gone when
/// no flow could be it, closed when one could, but with other gateways.
xfrm::Judge judge_by(const Config& config);
/// After a death without clean-up: what an earlier iked left in the kernel goes on carrying traffic
/// where a tunnel of `config` may come back, and holds it back where the tunnel was with another
/// gateway; the rest is deleted. Failure is logged; it is no reason not to serve.
void take_stock(const Config& config, xfrm::XfrmKernel& kernel);
/// After a reload: the same with what is still left.
void judge_leftovers(const Config& config, xfrm::XfrmKernel& kernel);
/// At the end: deletes what carries a reqid of ours. Failure is logged.
void remove_leftovers(xfrm::XfrmKernel& kernel);

/// Leaves out of `config` the algorithms for traffic that this kernel does not have, with a warning
/// for each: otherwise a peer would choose them, and the tunnel would fail late. A policy that is
/// left with none goes as well; returned is why, for each. `supports` is XfrmKernel's.
using Supports = std::function<Result<void>(const ChildSuite&, Family)>;
[[nodiscard]] std::vector<std::string> fit_to_kernel(Config& config, const Supports& supports);

/// `kept`: what an earlier iked had open.
Result<net::UdpSockets> open_sockets(const Options& options, bool coupled,
                                     std::vector<Descriptor> kept = {});

/// The control socket: systemd's if it gave us one, else our own.
Result<control::Listener> open_control_socket(const Options& options,
                                              std::optional<Descriptor> handed);

ike::EngineOptions engine_options(const Options& options);

}  // namespace iked::daemon
