// SPDX-License-Identifier: ISC
// The kernel as the engine's parts see it, whether it is there or not: coupled, every call goes
// through; decoupled, nothing reaches the kernel, and the SAs wait here for it. Who is in the
// kernel with which flows is FlowTable's business, and whose SAs these are is IkeSa's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "model/kernel.h"
#include "model/rng.h"

namespace iked::ike {

class Coupling final : public Kernel {
 public:
  /// Null: it begins decoupled.
  Coupling(Kernel* kernel, Rng& rng) : kernel_(kernel), rng_(rng) {}

  bool coupled() const { return kernel_ != nullptr; }

  /// Takes the policies and these SAs out of the kernel. From now on nothing reaches it.
  void decouple(const std::vector<SaKey>& sas, const std::vector<KernelPolicy>& policies);

  /// An SA that is wanted back, and its age.
  struct Wanted {
    SaKey key;
    std::chrono::seconds age{0};
  };
  /// Brings these back into `kernel`, and then each set of policies. What waits here besides is
  /// forgotten. Returns the SAs that did not come back, with the reason in the log.
  std::vector<SaKey> couple(Kernel& kernel, const std::vector<Wanted>& sas,
                            const std::vector<std::vector<KernelPolicy>>& policies);

  // Kernel.
  /// Decoupled: random and not in use by us. RFC4303 2.1: 1..255 are reserved, 0 is never sent.
  Result<ChildSpi> allocate_spi(const IpAddress& source, const IpAddress& destination,
                                ProtocolId protocol, Reqid reqid) override;
  Result<void> install(const ChildInstall& child) override;
  Result<void> install_half(const KernelSa& sa, Half half) override;
  void remove(const ChildRemoval& child) override;
  /// Decoupled: as it was when it left the kernel.
  Result<std::optional<SaUsage>> usage(const SaKey& sa) override;
  Result<void> move_policies(const std::vector<KernelPolicy>& policies) override;
  Result<void> move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) override;
  Result<std::unique_ptr<ParkedSa>> take_out(const SaKey& sa) override;
  Result<void> put_back(std::unique_ptr<ParkedSa> sa, const SaKey& as) override;
  Result<void> install_policies(const std::vector<KernelPolicy>& policies) override;
  std::vector<Reqid> left_behind() const override;
  std::optional<Reqid> find_left_behind(const std::vector<KernelPolicy>& policies) override;
  std::vector<SaKey> take_over(Reqid reqid) override;

 private:
  /// An SA that waits: one that was in the kernel, or one that never was.
  struct Waiting {
    std::unique_ptr<ParkedSa> parked;
    std::unique_ptr<KernelSa> fresh;
    Half half = Half::inbound;  // of the fresh one
  };
  void keep(const KernelSa& sa, Half half);
  Result<void> bring_back(Waiting waiting, const Wanted& wanted);

  Kernel* kernel_;
  Rng& rng_;
  std::map<SaKey, Waiting> waiting_;
  std::set<ChildSpi> reserved_;
};

}  // namespace iked::ike
