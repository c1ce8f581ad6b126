// SPDX-License-Identifier: ISC
// A kernel in memory: it remembers what was installed and can be told to fail.
#pragma once

#include <deque>
#include <map>
#include <set>
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
    SaLifetime lifetime;
    SaUsage usage;
    uint64_t sequence = 0;  // of the last packet sent
    uint64_t order = 0;     // the larger the younger
    bool inbound = false;
  };

  Result<ChildSpi> allocate_spi(const IpAddress& source, const IpAddress& destination,
                                ProtocolId protocol, Reqid reqid) override;
  Result<void> install(const ChildInstall& child) override;
  Result<void> install_half(const KernelSa& sa, Half half) override;
  void remove(const ChildRemoval& child) override;
  Result<std::optional<SaUsage>> usage(const SaKey& sa) override;
  Result<void> move_policies(const std::vector<KernelPolicy>& moved) override;
  Result<void> move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) override;
  Result<std::unique_ptr<ParkedSa>> take_out(const SaKey& sa) override;
  Result<void> put_back(std::unique_ptr<ParkedSa> sa, const SaKey& as) override;
  Result<void> install_policies(const std::vector<KernelPolicy>& wanted) override;
  std::vector<Reqid> left_behind() const override;
  std::optional<Reqid> find_left_behind(const std::vector<KernelPolicy>& wanted) override;
  std::vector<SaKey> take_over(Reqid reqid) override;

  /// The process dies: what it had installed carries on (xfrm/leftovers.h).
  void leave_behind();

  /// The host starts again: everything is gone but what was seen, and SPIs go on, as a real
  /// kernel's are random.
  void wipe();
  /// Neither SA nor reserved SPI nor policy.
  bool clean() const { return sas.empty() && larval.empty() && policies.empty(); }

  std::map<SaKey, Sa> sas;
  std::map<SaKey, Reqid> larval;
  std::vector<KernelPolicy> policies;
  std::string fail_install;   // not empty: the next install fails with it
  std::string fail_allocate;  // likewise
  std::string fail_put_back;  // likewise
  bool late_spis = false;     // an SPI may be installed that was not reserved here
  std::string fail_usage;     // not empty: cannot be asked, until it is cleared
  bool forget = false;        // say yes and remember nothing, to measure others
  uint32_t next_spi = 0xc0000001;
  size_t remembers = 100000;  // so many of the keys and of the SPIs that were installed last
  std::set<Reqid> left;       // of policies that were left behind
  std::set<SaKey> left_sas;
  /// What no kernel should ever have been asked: a key or an SPI a second time. Empty when all is
  /// well.
  std::vector<std::string> faults;

 private:
  void put(const KernelSa& sa, bool inbound);
  void forget_unused_leftovers();

  /// The last ones of many: what was seen once is a fault the second time.
  template <typename T>
  struct Seen {
    std::set<T> all;
    std::deque<T> in_order;
    bool insert(const T& one, size_t most) {
      if (!all.insert(one).second) return false;
      in_order.push_back(one);
      if (in_order.size() > most) {
        all.erase(in_order.front());
        in_order.pop_front();
      }
      return true;
    }
  };
  Seen<Bytes> keys_seen_;
  Seen<SaKey> names_seen_;
  uint64_t order_ = 0;
};

}  // namespace iked::test
