// SPDX-License-Identifier: ISC
// Policies that a process of ours left in the kernel when it was killed. They are kept, closed: the
// traffic that they protected waits for its tunnel and does not leave in clear meanwhile. Each goes
// when a tunnel takes its place or finds it in its way, when no tunnel of the configuration could
// have its traffic any more, and with the clean end of this process.
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
  /// Remembers a policy as closed.
  void add(const PolicyRecord& policy);

  /// After `policies` were installed: deletes what would win over one of them, and forgets what
  /// they have replaced.
  void make_way(RequestSocket& socket, const std::vector<PlacedPolicy>& policies);

  /// Deletes what nobody will come for. Returns how many.
  size_t keep_only(RequestSocket& socket, const MayCarry& may_carry);

  size_t size() const { return closed_.size(); }

 private:
  struct Closed {
    KernelPolicy policy;  // its direction, mark, interface and reqid
    KernelSelector selector;
  };
  template <typename Condition>
  size_t remove_if(RequestSocket& socket, const Condition& condition);

  std::vector<Closed> closed_;
};

/// Which sides of a kernel policy are ours and the peer's.
const IpPrefix& local_side(PolicyDirection direction, const KernelSelector& selector);
const IpPrefix& remote_side(PolicyDirection direction, const KernelSelector& selector);

}  // namespace iked::xfrm
