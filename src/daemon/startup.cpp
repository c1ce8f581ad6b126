// SPDX-License-Identifier: ISC
#include "daemon/startup.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "base/log.h"
#include "daemon/control.h"
#include "model/reqid_range.h"
#include "sandbox/process.h"

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

/// Whether `policy` may have a tunnel between these gateways.
bool may_be_between(const Policy& policy, const xfrm::LeftoverPolicy& left) {
  return may_have(policy.local, IpPrefix::host(left.outer_local)) &&
         may_have(policy.peer, IpPrefix::host(left.outer_remote));
}

/// Asks the kernel about each suite once.
class SuiteProbe {
 public:
  explicit SuiteProbe(const Supports& supports) : supports_(supports) {}

  const Result<void>& operator()(const ChildSuite& suite, Family family) {
    const auto key = std::pair(to_string(suite), family);
    const auto known = answers_.find(key);
    if (known != answers_.end()) return known->second;
    return answers_.emplace(key, supports_(suite, family)).first->second;
  }

 private:
  const Supports& supports_;
  std::map<std::pair<std::string, Family>, Result<void>> answers_;
};

/// Keeps of `proposal` what the kernel can do, and appends to `missing` why the rest cannot stay.
/// An algorithm stays when some combination with it works.
Proposal supported_part(const Proposal& proposal, Family family, SuiteProbe& probe,
                        std::vector<std::string>& missing) {
  const std::vector<Encr> encrs = proposal.encr.empty() ? std::vector<Encr>(1) : proposal.encr;
  const std::vector<IntegId> integs =
      proposal.integ.empty() ? std::vector{IntegId::NONE} : proposal.integ;
  std::set<size_t> good_encrs;
  std::set<size_t> good_integs;
  for (size_t e = 0; e < encrs.size(); ++e) {
    for (size_t i = 0; i < integs.size(); ++i) {
      const ChildSuite suite{.protocol = proposal.protocol, .encr = encrs[e], .integ = integs[i]};
      if (const Result<void>& tried = probe(suite, family); tried) {
        good_encrs.insert(e);
        good_integs.insert(i);
      } else {
        missing.push_back(tried.error().text);
      }
    }
  }
  Proposal part = proposal;
  part.encr.clear();
  part.integ.clear();
  if (!proposal.encr.empty()) {
    for (const size_t e : good_encrs) part.encr.push_back(encrs[e]);
  }
  if (!proposal.integ.empty()) {
    for (const size_t i : good_integs) part.integ.push_back(integs[i]);
  }
  return part;
}

bool offers_nothing(const Proposal& proposal) {
  return proposal.encr.empty() && proposal.integ.empty();
}

}  // namespace

Result<Config> load_config(const Options& options, KeeperClient& keeper) {
  Result<LoadResult> loaded = keeper.first_load();
  if (!loaded) return fail("not started: {}", loaded.error().text);
  log_diagnostics(loaded->diagnostics);
  if (!loaded->config) {
    if (const std::string cure = cure_for_missing_file(options); !cure.empty()) {
      return fail("not started: {}", cure);
    }
    return fail("not started: {} error(s) in {}; 'iked -n -f {}' checks it again",
                count_errors(loaded->diagnostics), options.config_path, options.config_path);
  }
  keeper.commit();
  if (options.passive) loaded->config->passive = true;
  return std::move(*loaded->config);
}

Result<InstanceLock> take_instance_lock(const Options& options) {
  return InstanceLock::acquire(lock_paths(options.socket_path,
                                          first_of(environment("RUNTIME_DIRECTORY")),
                                          environment("XDG_RUNTIME_DIR")));
}

Result<std::unique_ptr<xfrm::XfrmKernel>> open_kernel() {
  if (!sandbox::has_net_admin()) {
    return fail(
        "no permission to set up IPsec (CAP_NET_ADMIN is missing): start iked as root or through "
        "its systemd unit; 'set decouple' runs IKE without IPsec");
  }
  Result<std::unique_ptr<xfrm::XfrmKernel>> kernel = xfrm::XfrmKernel::open();
  if (!kernel) return fail(kernel);
  if (Result<void> works = (*kernel)->probe(); !works) return fail(works);
  return kernel;
}

xfrm::Judge judge_by(const Config& config) {
  struct Way {
    const Policy* policy;
    const Flow* flow;
  };
  // Most leftovers are a flow exactly as it is written.
  std::multimap<std::pair<IpPrefix, IpPrefix>, Way> exactly;
  std::vector<Way> ways;
  for (const Policy& policy : config.policies) {
    if (policy.precedence == Precedence::skip) continue;
    for (const Flow& flow : policy.flows) {
      ways.push_back({&policy, &flow});
      const auto* const local = std::get_if<IpPrefix>(&flow.local.host);
      const auto* const remote = std::get_if<IpPrefix>(&flow.remote.host);
      if (local != nullptr && remote != nullptr)
        exactly.emplace(std::pair(*local, *remote), ways.back());
    }
  }
  return [exactly = std::move(exactly), ways = std::move(ways)](const xfrm::LeftoverPolicy& left) {
    bool has_flow = false;
    const auto [first, last] = exactly.equal_range({left.local, left.remote});
    for (auto at = first; at != last; ++at) {
      if (may_be_between(*at->second.policy, left)) return xfrm::Fate::carries_on;
      has_flow = true;
    }
    for (const Way& way : ways) {
      if (!may_have(way.flow->local.host, left.local) ||
          !may_have(way.flow->remote.host, left.remote)) {
        continue;
      }
      if (may_be_between(*way.policy, left)) return xfrm::Fate::carries_on;
      has_flow = true;
    }
    return has_flow ? xfrm::Fate::closed : xfrm::Fate::gone;
  };
}

void take_stock(const Config& config, xfrm::XfrmKernel& kernel) {
  const Result<xfrm::LeftoverCounts> found = kernel.take_stock(judge_by(config));
  if (!found) {
    log::warn("cannot read what an earlier iked left in the kernel: {}", found.error().text);
  } else if (found->sas + found->policies + found->closed + found->carrying != 0) {
    log::notice(
        "an earlier iked ended without clean-up: traffic of {} policies goes on with its keys "
        "until "
        "their tunnels are up again; traffic of {} policies is held back until then; removed {} "
        "SAs "
        "and {} policies ('systemctl stop iked' ends them all)",
        found->carrying, found->closed, found->sas, found->policies);
  }
}

void judge_leftovers(const Config& config, xfrm::XfrmKernel& kernel) {
  const size_t changed = kernel.judge_leftovers(judge_by(config));
  if (changed == 0) return;
  log::notice(
      "{} policies of an earlier iked are removed or closed: no policy has their flow with "
      "that peer now",
      changed);
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

std::vector<std::string> fit_to_kernel(Config& config, const Supports& supports) {
  SuiteProbe probe(supports);
  std::set<std::string> said;
  std::vector<std::string> refused;
  std::erase_if(config.policies, [&](Policy& policy) {
    std::vector<std::string> missing;
    std::vector<Proposal> parts;
    for (const Proposal& proposal : policy.child_proposals) {
      Proposal part = supported_part(proposal, policy.family.value_or(Family::v4), probe, missing);
      if (!offers_nothing(part)) parts.push_back(std::move(part));
    }
    const std::string where = to_string(config, policy.where);
    if (parts.empty()) {
      refused.push_back(
          fmt::format("{}: policy \"{}\" has no algorithm for its traffic that works here: {}",
                      where, policy.name, missing.empty() ? "childsa is empty" : missing.front()));
      return true;
    }
    for (const std::string& why : missing) {
      if (!said.insert(why).second) continue;
      log::warn(log::About{.policy = policy.name}, "{}: not offered to the peer: {}", where, why);
    }
    policy.child_proposals = std::move(parts);
    return false;
  });
  return refused;
}

Result<net::UdpSockets> open_sockets(const Options& options, bool coupled,
                                     std::vector<Descriptor> kept) {
  net::UdpSettings settings;
  settings.natt_port = options.natt_port;
  settings.coupled = coupled;
  if (options.force_natt) settings.ike_port.reset();
  if (options.no_natt) settings.natt_port.reset();
  return net::UdpSockets::open(settings, std::move(kept));
}

Result<control::Listener> open_control_socket(const Options& options,
                                              std::optional<Descriptor> handed) {
  if (handed) return control::Listener::adopt(std::move(*handed));
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
