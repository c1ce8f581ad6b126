// SPDX-License-Identifier: ISC
#include "support/fake_kernel.h"

#include <fmt/format.h>

#include <algorithm>

namespace iked::test {
namespace {

bool same(const KernelPolicy& a, const KernelPolicy& b) {
  return a.direction == b.direction && a.source == b.source && a.destination == b.destination;
}

}  // namespace

void FakeKernel::put(const KernelSa& sa, bool inbound) {
  const Bytes encr = to_bytes(sa.encr_key.reveal());
  const Bytes integ = to_bytes(sa.integ_key.reveal());
  // A sequence number under the same key would come twice.
  if (!keys_seen_.insert(encr.empty() ? integ : encr, remembers)) {
    faults.push_back(fmt::format("a key was installed twice, SPI {:#x}", sa.key.spi.value));
  }
  if (!names_seen_.insert(sa.key, remembers)) {
    faults.push_back(fmt::format("SPI {:#x} was installed twice", sa.key.spi.value));
  }
  sas[sa.key] = {sa.reqid,    sa.mode,   sa.suite, encr,     integ,  sa.encap,
                 sa.lifetime, SaUsage{}, 0,        ++order_, inbound};
}

Result<ChildSpi> FakeKernel::allocate_spi(const IpAddress& source, const IpAddress& destination,
                                          ProtocolId protocol, Reqid reqid) {
  if (!fail_allocate.empty()) return fail("{}", std::exchange(fail_allocate, {}));
  const ChildSpi spi{next_spi++};
  if (forget) return spi;
  larval[{source, destination, protocol, spi}] = reqid;
  return spi;
}

Result<void> FakeKernel::install(const ChildInstall& child) {
  if (!fail_install.empty()) return fail("{}", std::exchange(fail_install, {}));
  if (forget) return {};
  if (!larval.contains(child.inbound.key) && !late_spis)
    return fail("no SPI was reserved for this SA");
  std::vector<KernelPolicy> still = policies;
  for (const KernelPolicy& replaced : child.replaced) {
    std::erase_if(still, [&](const KernelPolicy& other) { return same(replaced, other); });
  }
  for (const KernelPolicy& policy : child.policies) {
    std::erase_if(still, [&](const KernelPolicy& other) {
      return left.contains(other.reqid) && same(policy, other);
    });
    for (const KernelPolicy& other : still) {
      if (same(policy, other)) return fail("File exists: policy {}", to_string(policy.source));
    }
  }
  policies = std::move(still);
  forget_unused_leftovers();
  larval.erase(child.inbound.key);
  put(child.inbound, true);
  put(child.outbound, false);
  policies.insert(policies.end(), child.policies.begin(), child.policies.end());
  return {};
}

void FakeKernel::wipe() {
  sas.clear();
  larval.clear();
  policies.clear();
  left.clear();
  left_sas.clear();
  for (std::string* trouble : {&fail_install, &fail_allocate, &fail_usage}) trouble->clear();
}

Result<void> FakeKernel::install_half(const KernelSa& sa, Half half) {
  if (!fail_install.empty()) return fail("{}", std::exchange(fail_install, {}));
  if (forget) return {};
  if (half == Half::inbound && larval.erase(sa.key) == 0 && !late_spis) {
    return fail("no SPI was reserved for this SA");
  }
  put(sa, half == Half::inbound);
  return {};
}

void FakeKernel::remove(const ChildRemoval& child) {
  for (const KernelPolicy& policy : child.policies) {
    std::erase_if(policies, [&](const KernelPolicy& other) { return same(policy, other); });
  }
  larval.erase(child.inbound);
  sas.erase(child.inbound);
  sas.erase(child.outbound);
}

Result<std::optional<SaUsage>> FakeKernel::usage(const SaKey& sa) {
  if (!fail_usage.empty()) return fail("{}", fail_usage);
  const auto found = sas.find(sa);
  if (found == sas.end()) return std::nullopt;
  return found->second.usage;
}

Result<void> FakeKernel::move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) {
  const auto found = sas.find(sa);
  if (found == sas.end()) return fail("No such process");
  Sa moved = std::move(found->second);
  moved.encap = encap;
  sas.erase(found);
  sas[to] = std::move(moved);
  return {};
}

Result<void> FakeKernel::move_policies(const std::vector<KernelPolicy>& moved) {
  for (const KernelPolicy& policy : moved) {
    const auto there = std::ranges::find_if(policies, [&](const KernelPolicy& other) {
      return other.direction == policy.direction && other.source == policy.source &&
             other.destination == policy.destination && other.reqid == policy.reqid;
    });
    if (there != policies.end()) *there = policy;
  }
  return {};
}

namespace {

struct Parked final : ParkedSa {
  FakeKernel::Sa sa;
};

// As xfrm/move.cpp does.
constexpr uint64_t skipped_sequences = 1 << 20;

}  // namespace

Result<std::unique_ptr<ParkedSa>> FakeKernel::take_out(const SaKey& sa) {
  const auto found = sas.find(sa);
  if (found == sas.end()) return nullptr;
  auto parked = std::make_unique<Parked>();
  parked->usage = found->second.usage;
  parked->encap = found->second.encap;
  parked->sa = std::move(found->second);
  sas.erase(found);
  return parked;
}

Result<void> FakeKernel::put_back(std::unique_ptr<ParkedSa> sa, const SaKey& as) {
  if (!fail_put_back.empty()) return fail("{}", std::exchange(fail_put_back, {}));
  Sa back = std::move(static_cast<Parked&>(*sa).sa);
  back.encap = sa->encap;
  if (!back.inbound) back.sequence += skipped_sequences;
  sas[as] = std::move(back);
  return {};
}

Result<void> FakeKernel::install_policies(const std::vector<KernelPolicy>& wanted) {
  for (const KernelPolicy& policy : wanted) {
    if (std::ranges::any_of(policies, [&](const auto& other) { return same(policy, other); })) {
      return fail("File exists: policy {}", to_string(policy.source));
    }
  }
  policies.insert(policies.end(), wanted.begin(), wanted.end());
  return {};
}

void FakeKernel::leave_behind() {
  larval.clear();
  left.clear();
  left_sas.clear();
  for (const KernelPolicy& policy : policies) left.insert(policy.reqid);
  for (const auto& [key, sa] : sas) left_sas.insert(key);
}

// The SAs of what was left behind go with the last of its policies.
void FakeKernel::forget_unused_leftovers() {
  std::erase_if(left, [&](Reqid reqid) {
    return std::ranges::none_of(policies,
                                [&](const KernelPolicy& policy) { return policy.reqid == reqid; });
  });
  std::erase_if(left_sas, [&](const SaKey& key) {
    const auto found = sas.find(key);
    if (found != sas.end() && left.contains(found->second.reqid)) return false;
    if (found != sas.end()) sas.erase(found);
    return true;
  });
}

std::vector<Reqid> FakeKernel::left_behind() const {
  return {left.begin(), left.end()};
}

std::optional<Reqid> FakeKernel::find_left_behind(const std::vector<KernelPolicy>& wanted) {
  const auto is_it = [&](const KernelPolicy& policy, const KernelPolicy& one) {
    return same(policy, one) && policy.mode == one.mode && policy.protocol == one.protocol &&
           policy.tunnel_source == one.tunnel_source &&
           policy.tunnel_destination == one.tunnel_destination;
  };
  std::optional<Reqid> reqid;
  for (const KernelPolicy& one : wanted) {
    const auto found = std::find_if(policies.begin(), policies.end(),
                                    [&](const KernelPolicy& policy) { return is_it(policy, one); });
    if (found == policies.end() || !left.contains(found->reqid)) return std::nullopt;
    if (reqid && *reqid != found->reqid) return std::nullopt;
    reqid = found->reqid;
  }
  const auto all = std::count_if(policies.begin(), policies.end(),
                                 [&](const KernelPolicy& policy) { return policy.reqid == reqid; });
  if (static_cast<size_t>(all) != wanted.size()) return std::nullopt;
  return reqid;
}

std::vector<SaKey> FakeKernel::take_over(Reqid reqid) {
  left.erase(reqid);
  std::vector<SaKey> keys;
  std::erase_if(left_sas, [&](const SaKey& key) {
    const auto found = sas.find(key);
    if (found == sas.end() || found->second.reqid != reqid) return false;
    keys.push_back(key);
    return true;
  });
  return keys;
}

}  // namespace iked::test
