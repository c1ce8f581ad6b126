// SPDX-License-Identifier: ISC
#include "support/fake_kernel.h"

#include <algorithm>

namespace iked::test {
namespace {

bool same(const KernelPolicy& a, const KernelPolicy& b) {
  return a.direction == b.direction && a.source == b.source && a.destination == b.destination;
}

FakeKernel::Sa remember(const KernelSa& sa) {
  return {
      sa.reqid, sa.mode,  sa.suite, to_bytes(sa.encr_key.reveal()), to_bytes(sa.integ_key.reveal()),
      sa.encap, SaUsage{}};
}

}  // namespace

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
  if (!larval.contains(child.inbound.key)) return fail("no SPI was reserved for this SA");
  std::vector<KernelPolicy> left = policies;
  for (const KernelPolicy& replaced : child.replaced) {
    std::erase_if(left, [&](const KernelPolicy& other) { return same(replaced, other); });
  }
  for (const KernelPolicy& policy : child.policies) {
    for (const KernelPolicy& other : left) {
      if (same(policy, other)) return fail("File exists: policy {}", to_string(policy.source));
    }
  }
  policies = std::move(left);
  larval.erase(child.inbound.key);
  sas[child.inbound.key] = remember(child.inbound);
  sas[child.outbound.key] = remember(child.outbound);
  policies.insert(policies.end(), child.policies.begin(), child.policies.end());
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

}  // namespace iked::test
