// SPDX-License-Identifier: ISC
// Policies that a process of ours left in the kernel when it was killed. They are kept, closed: the
// traffic that they protected waits for its tunnel and does not leave in clear meanwhile. Each goes
// when a tunnel takes its place, when one between the same addresses carries all of its traffic,
// when no tunnel of the configuration could have that any more, and with the clean end of this
// process.
#pragma once

#include <cstddef>
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
  void add(const PolicyRecord& before);

  /// After `policies` were installed: forgets what they have replaced, and deletes what lies within
  /// one of them between the same outer addresses. Another peer's stays closed, even where it wins.
  void make_way(RequestSocket& socket, const std::vector<PlacedPolicy>& policies);

  /// Deletes what nobody will come for. Returns how many.
  size_t keep_only(RequestSocket& socket, const MayCarry& may_carry);

  size_t size() const { return closed_.size(); }

 private:
  struct Closed {
    KernelPolicy policy;  // its direction, mark, interface, reqid and outer addresses
    KernelSelector selector;
  };
  static bool makes_way(const Closed& closed, const PlacedPolicy& placed);
  template <typename Condition>
  size_t remove_if(RequestSocket& socket, const Condition& condition);

  std::vector<Closed> closed_;
};

/// Which sides of a kernel policy are ours and the peer's.
const IpPrefix& local_side(PolicyDirection direction, const KernelSelector& selector);
const IpPrefix& remote_side(PolicyDirection direction, const KernelSelector& selector);

}  // namespace iked::xfrm
