// SPDX-License-Identifier: ISC
// Which kernel policies are ours and who uses them. A set of flows gets one reqid, which survives
// rekeys; its kernel policies are shared by all children with the same flows, and go with the last
// of them. Says what to install and remove; the Kernel port does it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ike/narrow.h"
#include "model/ids.h"
#include "model/kernel.h"
#include "model/reqid_range.h"

namespace iked::ike {

/// Whose flows these are: the same policy and the same proven identity may share or take over.
struct FlowOwner {
  PolicyId policy;
  Identity peer;
  std::string words;  // "policy "a", peer FQDN/b.example.com", for the other side of a conflict
  bool is(const FlowOwner& other) const { return policy == other.policy && peer == other.peer; }
};

/// Everything about a child that its kernel policies depend on.
struct FlowUse {
  std::vector<FlowPair> pairs;  // sorted by the table
  Mode mode = Mode::tunnel;
  ProtocolId protocol = ProtocolId::ESP;
  IpAddress local;  // outer addresses
  IpAddress remote;
  friend auto operator<=>(const FlowUse&, const FlowUse&) = default;
};

class FlowTable {
 public:
  /// The reqids to use, both included.
  explicit FlowTable(Reqid first = kFirstReqid, Reqid last = kLastReqid)
      : first_reqid_(first.value), last_reqid_(last.value), next_reqid_(first.value) {}

  /// A flow that belonged to another set of the same owner.
  struct TakenOver {
    Reqid from;
    FlowPair pair;
  };
  struct Claim {
    Reqid reqid;
    std::vector<KernelPolicy> install;   // none when the flows are in the kernel already
    std::vector<KernelPolicy> replaced;  // those of the same owner whose place these take
    std::vector<TakenOver> taken_over;
    /// `reqid` is that of policies that a process of ours left behind when it was killed: they are
    /// in the kernel already, and so are SAs.
    bool left_behind = false;
  };
  /// Kernel::find_left_behind().
  using FindLeftBehind = std::function<std::optional<Reqid>(const std::vector<KernelPolicy>&)>;

  /// These reqids are in the kernel already: none of them is given to a claim but by `find`.
  void reserve(const std::vector<Reqid>& reqids) { reserved_.insert(reqids.begin(), reqids.end()); }

  /// Takes a share in the flows. Flows that the same owner has with other outer addresses, mode or
  /// company become this claim's; its other flows stay. Fails when another owner has one of them:
  /// two peers with the same selectors cannot both be reached.
  Result<Claim> claim(FlowUse use, const FlowOwner& owner, const FindLeftBehind& find = {});

  /// Undoes a claim whose policies could not be installed: flows go back to whom they were taken
  /// from. Nothing else may have happened in between.
  void undo(const Claim& claim);

  /// The flows of a reqid go on between other outer addresses. Returns the kernel policies to be
  /// put in place of those that are there; none when nothing changes.
  std::vector<KernelPolicy> move(Reqid reqid, const IpAddress& local, const IpAddress& remote);

  /// Gives the share back; the policies to take out of the kernel when it was the last one.
  std::vector<KernelPolicy> release(Reqid reqid);

  /// The kernel policies of each reqid.
  std::vector<std::vector<KernelPolicy>> all() const;

  /// The policy that the flows of a reqid belong to, for ACQUIRE.
  const FlowOwner* owner(Reqid reqid) const;

 private:
  struct Set {
    FlowUse use;  // pairs: those that no later claim took over
    FlowOwner owner;
    size_t shares = 0;
  };

  Result<Reqid> unused_reqid();
  void hand_over(const TakenOver& flow, std::vector<KernelPolicy>& replaced);
  void forget_use(const Set& set, Reqid reqid);

  uint32_t first_reqid_;
  uint32_t last_reqid_;
  uint32_t next_reqid_;
  std::map<Reqid, Set> sets_;
  std::map<FlowUse, Reqid> by_use_;    // to be shared: sets that still have all of their pairs
  std::map<FlowPair, Reqid> by_pair_;  // in the kernel
  std::set<Reqid> reserved_;
};

/// The in, out and (tunnel mode) fwd policies of a set of flows.
std::vector<KernelPolicy> kernel_policies(const FlowUse& use, Reqid reqid);

}  // namespace iked::ike
