// SPDX-License-Identifier: ISC
#include "ike/coupling.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace iked::ike {
namespace {

KernelSa duplicate(const KernelSa& sa) {
  return {.key = sa.key,
          .reqid = sa.reqid,
          .mode = sa.mode,
          .suite = sa.suite,
          .encr_key = sa.encr_key.duplicate(),
          .integ_key = sa.integ_key.duplicate(),
          .encap = sa.encap,
          .lifetime = sa.lifetime,
          .replay_window = sa.replay_window,
          .mark = sa.mark,
          .if_id = sa.if_id,
          .original_address = sa.original_address};
}

// What is left of a lifetime; the kernel counts from the moment at which it gets the SA.
void shorten(std::chrono::seconds& life, std::chrono::seconds age) {
  if (life.count() > 0) life = std::max(life - age, std::chrono::seconds(1));
}

}  // namespace

// ---- from one to the other

void Coupling::decouple(const std::vector<SaKey>& sas, const std::vector<KernelPolicy>& policies) {
  IKED_CHECK(coupled());
  // The policies first: a packet shall not find one without its SA and make the kernel ask for it.
  ChildRemoval flows;
  flows.policies = policies;
  kernel_->remove(flows);
  for (const SaKey& key : sas) {
    auto taken = kernel_->take_out(key);
    if (!taken) {
      log::warn("cannot keep SPI {:#010x} for later: {}", key.spi.value, taken.error().text);
      ChildRemoval sa;
      sa.inbound = key;
      kernel_->remove(sa);
    } else if (*taken) {
      waiting_[key].parked = std::move(*taken);
    }
  }
  kernel_ = nullptr;
}

std::vector<SaKey> Coupling::couple(Kernel& kernel, const std::vector<Wanted>& sas,
                                    const std::vector<std::vector<KernelPolicy>>& policies) {
  IKED_CHECK(!coupled());
  kernel_ = &kernel;
  std::vector<SaKey> lost;
  for (const Wanted& wanted : sas) {
    auto found = waiting_.extract(wanted.key);
    Result<void> back = fail("it was not in the kernel");
    if (found) back = bring_back(std::move(found.mapped()), wanted);
    if (back) continue;
    log::warn("SPI {:#010x} does not come back into the kernel: {}", wanted.key.spi.value,
              back.error().text);
    lost.push_back(wanted.key);
  }
  waiting_.clear();
  reserved_.clear();
  for (const auto& set : policies) {
    if (auto installed = kernel_->install_policies(set); !installed) {
      log::error(
          "a flow does not come back into the kernel: {}; 'ikectl decouple' and then "
          "'ikectl couple' tries again",
          installed.error().text);
    }
  }
  return lost;
}

Result<void> Coupling::bring_back(Waiting waiting, const Wanted& wanted) {
  if (waiting.parked) return kernel_->put_back(std::move(waiting.parked), wanted.key);
  KernelSa& sa = *waiting.fresh;
  shorten(sa.lifetime.soft, wanted.age);
  shorten(sa.lifetime.hard, wanted.age);
  return kernel_->install_half(sa, waiting.half);
}

// ---- the port

Result<ChildSpi> Coupling::allocate_spi(const IpAddress& source, const IpAddress& destination,
                                        ProtocolId protocol, Reqid reqid) {
  if (kernel_ != nullptr) return kernel_->allocate_spi(source, destination, protocol, reqid);
  const auto in_use = [&](ChildSpi spi) {
    return std::ranges::any_of(waiting_, [&](const auto& one) { return one.first.spi == spi; });
  };
  for (;;) {
    const ChildSpi spi{static_cast<uint32_t>(rng_.u64())};
    if (spi.value > 255 && !in_use(spi) && reserved_.insert(spi).second) return spi;
  }
}

void Coupling::keep(const KernelSa& sa, Half half) {
  reserved_.erase(sa.key.spi);
  waiting_[sa.key] = {nullptr, std::make_unique<KernelSa>(duplicate(sa)), half};
}

Result<void> Coupling::install(const ChildInstall& child) {
  if (kernel_ != nullptr) return kernel_->install(child);
  keep(child.inbound, Half::inbound);
  keep(child.outbound, Half::outbound);
  return {};
}

Result<void> Coupling::install_half(const KernelSa& sa, Half half) {
  if (kernel_ != nullptr) return kernel_->install_half(sa, half);
  keep(sa, half);
  return {};
}

void Coupling::remove(const ChildRemoval& child) {
  if (kernel_ != nullptr) return kernel_->remove(child);
  reserved_.erase(child.inbound.spi);
  waiting_.erase(child.inbound);
  waiting_.erase(child.outbound);
}

Result<std::optional<SaUsage>> Coupling::usage(const SaKey& sa) {
  if (kernel_ != nullptr) return kernel_->usage(sa);
  const auto found = waiting_.find(sa);
  if (found == waiting_.end()) return std::nullopt;
  SaUsage usage = found->second.parked ? found->second.parked->usage : SaUsage{};
  usage.idle.reset();
  return usage;
}

Result<void> Coupling::move_policies(const std::vector<KernelPolicy>& policies) {
  if (kernel_ != nullptr) return kernel_->move_policies(policies);
  return {};
}

Result<void> Coupling::move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) {
  if (kernel_ != nullptr) return kernel_->move(sa, to, encap);
  auto found = waiting_.extract(sa);
  if (!found) return fail("it was not in the kernel");
  Waiting& waiting = found.mapped();
  if (waiting.parked) {
    waiting.parked->encap = encap;
  } else {
    waiting.fresh->key = to;
    waiting.fresh->encap = encap;
  }
  found.key() = to;
  waiting_.insert(std::move(found));
  return {};
}

Result<std::unique_ptr<ParkedSa>> Coupling::take_out(const SaKey& sa) {
  if (kernel_ != nullptr) return kernel_->take_out(sa);
  return fail("iked is decoupled from the kernel");
}

Result<void> Coupling::put_back(std::unique_ptr<ParkedSa> sa, const SaKey& as) {
  if (kernel_ != nullptr) return kernel_->put_back(std::move(sa), as);
  return fail("iked is decoupled from the kernel");
}

Result<void> Coupling::install_policies(const std::vector<KernelPolicy>& policies) {
  if (kernel_ != nullptr) return kernel_->install_policies(policies);
  return {};
}

std::vector<Reqid> Coupling::left_behind() const {
  return kernel_ != nullptr ? kernel_->left_behind() : std::vector<Reqid>{};
}

std::optional<Reqid> Coupling::find_left_behind(const std::vector<KernelPolicy>& policies) {
  return kernel_ != nullptr ? kernel_->find_left_behind(policies) : std::nullopt;
}

std::vector<SaKey> Coupling::take_over(Reqid reqid) {
  return kernel_ != nullptr ? kernel_->take_over(reqid) : std::vector<SaKey>{};
}

}  // namespace iked::ike
