// SPDX-License-Identifier: ISC
// What a process of ours left in the kernel when it was killed: policies, and the SAs that they
// name. A policy that still has SAs goes on carrying traffic, if the configuration would have the
// tunnel come back, until the tunnel takes it over or takes its place. Any other is kept closed:
// the traffic that it protected waits and does not leave in clear meanwhile. It goes when a tunnel
// takes its place, when one between the same addresses carries all of its traffic, and when no
// tunnel of the configuration could have that any more. All of them go with the clean end of this
// process. Reading them from the kernel is take_stock.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "model/kernel.h"
#include "xfrm/records.h"
#include "xfrm/selectors.h"
#include "xfrm/socket.h"
#include "xfrm/tables.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {

class Leftovers {
 public:
  /// Remembers a policy that is closed now. `before` is what it was.
  void add_closed(const PolicyRecord& before);
  /// Remembers a policy that goes on carrying traffic.
  void add_carrying(const PolicyRecord& policy);
  /// Remembers an SA of a policy that goes on carrying traffic.
  void add_sa(const SaRecord& sa);

  /// After `policies` were installed: forgets what they have replaced, and deletes what lies within
  /// one of them between the same outer addresses. Another peer's stays, even where it wins. The
  /// SAs of a reqid go with the last policy that has it.
  void make_way(RequestSocket& socket, const std::vector<PlacedPolicy>& policies);

  /// Deletes what nobody will come for, and closes what must not carry traffic any more. Returns
  /// how many policies these were.
  size_t judge(RequestSocket& socket, const Judge& judge);

  /// See Kernel::find_left_behind().
  std::optional<Reqid> find(RequestSocket& socket, const std::vector<PlacedPolicy>& policies) const;
  /// See Kernel::take_over(). Makes way for the policies that are taken over.
  std::vector<SaKey> take_over(RequestSocket& socket, Reqid reqid);

  /// Of the policies that carry traffic.
  std::set<Reqid> reqids() const;
  /// Whether a policy with this reqid may be exchanged for one of a new tunnel.
  bool has(Reqid reqid) const;

  size_t closed() const;
  size_t carrying() const { return left_.size() - closed(); }

 private:
  struct Left {
    PolicyRecord record;  // as it is in the kernel, but the reqid of a closed one
    KernelPolicy policy;  // its direction, mark, interface, reqid, mode and outer addresses
    KernelSelector selector;
    bool closed() const;
  };
  struct LeftSa {
    Reqid reqid;
    SaKey key;
    std::optional<Mark> mark;
  };
  void add(const PolicyRecord& record, Reqid reqid);
  static bool makes_way(const Left& left, const PlacedPolicy& placed);
  static LeftoverPolicy describe(const Left& left);
  template <typename Condition>
  std::vector<Left> take_if(const Condition& condition);
  void remove(RequestSocket& socket, const std::vector<Left>& gone);
  void close(RequestSocket& socket, std::vector<Left> open);
  void remove_unused_sas(RequestSocket& socket);

  std::vector<Left> left_;
  std::vector<LeftSa> sas_;
};

/// Takes out of the SAs of one reqid those that nobody can use any more: whoever is killed again
/// and again leaves more of them each time. The peer moves to the youngest one soon after it was
/// made, and we ourselves send on the youngest. `now` is the time of day.
std::vector<SaRecord> take_outdated(std::vector<SaRecord>& sas, std::chrono::seconds now);

/// Which sides of a kernel policy are ours and the peer's.
const IpPrefix& local_side(PolicyDirection direction, const KernelSelector& selector);
const IpPrefix& remote_side(PolicyDirection direction, const KernelSelector& selector);

/// What the administrator's configuration is asked about a policy that was read; nothing for one
/// that is none of ours to judge.
std::optional<LeftoverPolicy> describe(const PolicyRecord& record);

}  // namespace iked::xfrm
