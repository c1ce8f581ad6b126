// SPDX-License-Identifier: ISC
// A kernel in memory: it remembers what was installed and can be told to fail.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/kernel.h"

namespace iked::test {

class FakeKernel final : public Kernel {
 public:
  struct Sa {
    Reqid reqid;
    Mode mode = Mode::tunnel;
    ChildSuite suite;
    Bytes encr_key;
    Bytes integ_key;
    std::optional<UdpEncap> encap;
    SaUsage usage;
  };

  Result<ChildSpi> allocate_spi(const IpAddress& source, const IpAddress& destination,
                                ProtocolId protocol, Reqid reqid) override;
  Result<void> install(const ChildInstall& child) override;
  void remove(const ChildRemoval& child) override;
  Result<std::optional<SaUsage>> usage(const SaKey& sa) override;
  Result<void> move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) override;

  /// Neither SA nor reserved SPI nor policy.
  bool clean() const { return sas.empty() && larval.empty() && policies.empty(); }

  std::map<SaKey, Sa> sas;
  std::map<SaKey, Reqid> larval;
  std::vector<KernelPolicy> policies;
  std::string fail_install;   // not empty: the next install fails with it
  std::string fail_allocate;  // likewise
  std::string fail_usage;     // not empty: cannot be asked, until it is cleared
  bool forget = false;        // say yes and remember nothing, to measure others
  uint32_t next_spi = 0xc0000001;
};

}  // namespace iked::test
