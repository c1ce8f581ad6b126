// SPDX-License-Identifier: ISC
// The Kernel port of `set decouple`: IKE runs, nothing of IPsec reaches the real kernel, and no
// XFRM socket is opened. It keeps no keys.
#pragma once

#include <set>

#include "model/kernel.h"
#include "model/rng.h"

namespace iked::daemon {

class DecoupledKernel final : public Kernel {
 public:
  explicit DecoupledKernel(Rng& rng) : rng_(rng) {}

  /// Random and not in use by us. RFC4303 2.1: 1..255 are reserved, 0 is never sent.
  Result<ChildSpi> allocate_spi(const IpAddress& source, const IpAddress& destination,
                                ProtocolId protocol, Reqid reqid) override;
  Result<void> install(const ChildInstall&) override { return {}; }
  Result<void> install_half(const KernelSa&, Half) override { return {}; }
  void remove(const ChildRemoval& child) override;
  Result<std::optional<SaUsage>> usage(const SaKey&) override { return SaUsage{}; }
  Result<void> move_policies(const std::vector<KernelPolicy>&) override { return {}; }
  Result<void> move(const SaKey&, const SaKey&, std::optional<UdpEncap>) override { return {}; }
  std::vector<Reqid> left_behind() const override { return {}; }
  std::optional<Reqid> find_left_behind(const std::vector<KernelPolicy>&) override {
    return std::nullopt;
  }
  std::vector<SaKey> take_over(Reqid) override { return {}; }

 private:
  Rng& rng_;
  std::set<ChildSpi> reserved_;
};

}  // namespace iked::daemon
