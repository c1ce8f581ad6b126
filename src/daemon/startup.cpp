// SPDX-License-Identifier: ISC
#include "daemon/startup.h"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/log.h"
#include "daemon/control.h"
#include "daemon/harden.h"
#include "model/reqid_range.h"

namespace iked::daemon {
namespace {

std::string_view environment(const char* name) {
  const char* const value = secure_getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// systemd separates several directories by colons.
std::string_view first_of(std::string_view list) {
  return list.substr(0, list.find(':'));
}

/// Whether `host` may turn out to have addresses of `prefix`.
bool may_have(const HostSpec& host, const IpPrefix& prefix) {
  const auto* const numbers = std::get_if<IpPrefix>(&host);
  if (numbers == nullptr) return true;  // `any`, or a name that is looked up later
  return numbers->length <= prefix.length && numbers->contains(prefix.address);
}

/// Which traffic tunnels of `config` may come to carry. Refers to `config`.
xfrm::MayCarry may_carry(const Config& config) {
  // Most leftovers are a flow exactly as it is written.
  std::set<std::pair<IpPrefix, IpPrefix>> exactly;
  std::vector<const Flow*> flows;
  for (const Policy& policy : config.policies) {
    if (policy.precedence == Precedence::skip) continue;
    for (const Flow& flow : policy.flows) {
      flows.push_back(&flow);
      const auto* const local = std::get_if<IpPrefix>(&flow.local.host);
      const auto* const remote = std::get_if<IpPrefix>(&flow.remote.host);
      if (local != nullptr && remote != nullptr) exactly.emplace(*local, *remote);
    }
  }
  return [exactly = std::move(exactly), flows = std::move(flows)](const IpPrefix& local,
                                                                  const IpPrefix& remote) {
    return exactly.contains({local, remote}) || std::ranges::any_of(flows, [&](const Flow* flow) {
             return may_have(flow->local.host, local) && may_have(flow->remote.host, remote);
           });
  };
}

/// What a kernel needs to know of each combination that `proposals` allow.
std::vector<ChildSuite> suites_of(const std::vector<Proposal>& proposals) {
  std::vector<ChildSuite> suites;
  for (const Proposal& proposal : proposals) {
    for (const Encr& encr : proposal.encr) {
      ChildSuite suite{.protocol = proposal.protocol, .encr = encr};
      if (proposal.integ.empty()) suites.push_back(suite);
      for (const IntegId integ : proposal.integ) {
        suite.integ = integ;
        suites.push_back(suite);
      }
    }
  }
  return suites;
}

}  // namespace

Result<Config> load_config(const Options& options, Keeper& keeper) {
  LoadResult loaded = keeper.load({options.config_path, options.macros});
  log_diagnostics(loaded.diagnostics);
  if (!loaded.config) {
    if (const std::string cure = cure_for_missing_file(options); !cure.empty()) {
      return fail("not started: {}", cure);
    }
    return fail("not started: {} error(s) in {}; 'iked -n -f {}' checks it again",
                count_errors(loaded.diagnostics), options.config_path, options.config_path);
  }
  if (options.passive) loaded.config->passive = true;
  return std::move(*loaded.config);
}

Result<InstanceLock> take_instance_lock(const Options& options) {
  return InstanceLock::acquire(lock_paths(options.socket_path,
                                          first_of(environment("RUNTIME_DIRECTORY")),
                                          environment("XDG_RUNTIME_DIR")));
}

Result<std::unique_ptr<xfrm::XfrmKernel>> open_kernel() {
  if (!has_net_admin()) {
    return fail(
        "no permission to set up IPsec (CAP_NET_ADMIN is missing): start iked as root or through "
        "its systemd unit; 'set decouple' runs IKE without IPsec");
  }
  Result<std::unique_ptr<xfrm::XfrmKernel>> kernel = xfrm::XfrmKernel::open();
  if (!kernel) return fail(kernel);
  if (Result<void> works = (*kernel)->probe(); !works) return fail(works);
  return kernel;
}

void close_leftovers(const Config& config, xfrm::XfrmKernel& kernel) {
  const Result<xfrm::LeftoverCounts> found = kernel.close_own_leftovers(may_carry(config));
  if (!found) {
    log::warn("cannot clear away what an earlier iked left in the kernel: {}", found.error().text);
  } else if (found->sas + found->policies + found->closed != 0) {
    log::notice(
        "an earlier iked ended without clean-up: removed {} SAs and {} policies; traffic of {} "
        "policies is held back until its tunnel is up again",
        found->sas, found->policies, found->closed);
  }
}

void drop_leftovers(const Config& config, xfrm::XfrmKernel& kernel) {
  const size_t dropped = kernel.drop_leftovers(may_carry(config));
  if (dropped == 0) return;
  log::notice("removed {} policies of an earlier iked that no policy has a flow for now", dropped);
}

void remove_leftovers(xfrm::XfrmKernel& kernel) {
  const Result<xfrm::LeftoverCounts> removed =
      kernel.remove_own_leftovers(kFirstReqid, kProbeReqid);
  if (!removed) {
    log::warn("cannot remove what an earlier iked left in the kernel: {}", removed.error().text);
  } else if (removed->sas != 0 || removed->policies != 0) {
    log::notice("removed {} SAs and {} policies of ours from the kernel", removed->sas,
                removed->policies);
  }
}

void warn_about_missing_algorithms(const Config& config, xfrm::XfrmKernel& kernel) {
  std::set<std::string> tried;
  for (const Policy& policy : config.policies) {
    for (const ChildSuite& suite : suites_of(policy.child_proposals)) {
      if (!tried.insert(to_string(suite)).second) continue;
      const Result<void> supported = kernel.supports(suite, policy.family.value_or(Family::v4));
      if (supported) continue;
      log::warn(log::About{.policy = policy.name},
                "{}: the kernel cannot do {}: {}; a tunnel that negotiates it will fail: leave it "
                "out of the policy's childsa",
                to_string(config, policy.where), to_string(suite), supported.error().text);
    }
  }
}

Result<net::UdpSockets> open_sockets(const Options& options, bool coupled) {
  net::UdpSettings settings;
  settings.natt_port = options.natt_port;
  settings.coupled = coupled;
  if (options.force_natt) settings.ike_port.reset();
  if (options.no_natt) settings.natt_port.reset();
  return net::UdpSockets::open(settings);
}

Result<control::Listener> open_control_socket(const Options& options) {
  const int given = sd_listen_fds(/*unset_environment=*/1);
  for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + given; ++fd) {
    if (sd_is_socket_unix(fd, SOCK_STREAM, /*listening=*/1, nullptr, 0) > 0) {
      return control::Listener::adopt(Descriptor(fd));
    }
  }
  return control::Listener::create(options.socket_path);
}

ike::EngineOptions engine_options(const Options& options) {
  ike::EngineOptions engine;
  engine.natt_port = options.natt_port;
  engine.no_natt = options.no_natt;
  engine.force_natt = options.force_natt;
  return engine;
}

}  // namespace iked::daemon
