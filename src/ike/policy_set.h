// SPDX-License-Identifier: ISC
// The policies in force, found by what a message tells of its sender: by hash of the peer's address
// for each prefix length in use, then by the proven ID. The cost does not grow with their number.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "ike/job.h"
#include "ike/narrow.h"
#include "model/config.h"

namespace iked::ike {

/// A policy in force. SAs point at entries; one that a reload removed stays until its last SA is
/// gone.
struct PolicyEntry {
  PolicyId id;
  Policy policy;
  std::string written_at;  // "FILE:LINE"
  uint64_t rank = 0;       // smaller is asked first
  bool retired = false;    // removed by a reload
  size_t users = 0;        // IKE SAs

  // Filled from numbers at load, or from names when they were looked up.
  bool resolved = false;
  std::vector<IpPrefix> peers;   // where it may be
  std::vector<IpPrefix> locals;  // addresses of ours it is for; empty = any
  std::vector<FlowPair> flows;
};

/// What a first message shows of its sender.
struct AddressPair {
  IpAddress local;
  IpAddress remote;
};

class PolicySet {
 public:
  PolicySet() = default;
  PolicySet(const PolicySet&) = delete;
  PolicySet& operator=(const PolicySet&) = delete;

  struct Changes {
    std::vector<PolicyId> added;    // in file order
    std::vector<PolicyId> removed;  // retired: still here while they have users
    size_t kept = 0;
  };
  /// Makes `config`'s policies the ones in force. An equal policy keeps its entry and its id, also
  /// when only its name or its place in the file has changed.
  Changes replace(const Config& config);

  /// Null when it is gone. Retired entries are found as long as they have users.
  PolicyEntry* find(PolicyId id);
  const PolicyEntry* find(PolicyId id) const;

  /// Entries in file order, without retired ones.
  const std::vector<PolicyEntry*>& in_order() const { return in_order_; }

  /// For an IKE_SA_INIT request: policies to try for their ikesa proposals, in the order of choice.
  /// One stands for all that differ only in what the first message cannot show.
  std::vector<const PolicyEntry*> for_first_message(const AddressPair& addresses);

  /// For an IKE_AUTH request: policies whose dstid is `peer_id` or that have none, in the order of
  /// choice.
  std::vector<PolicyEntry*> for_identity(const AddressPair& addresses, const Identity& peer_id);

  /// Which names the policy needs looked up; none when everything is numbers.
  static std::vector<std::string> names_in(const Policy& policy);
  /// Takes what a look-up found. False when it leaves no usable flow.
  bool resolve(PolicyEntry& entry, const std::map<std::string, std::vector<IpPrefix>>& addresses);

  void add_user(PolicyEntry& entry) { ++entry.users; }
  void drop_user(PolicyId id);

 private:
  // Policies of the same ikesa proposals and local addresses: the first message cannot tell them
  // apart.
  struct Class {
    const PolicyEntry* first;  // of the smallest rank
  };
  struct Bucket {
    std::vector<Class> classes;
    std::map<Identity, std::vector<PolicyEntry*>> by_peer_id;
    std::vector<PolicyEntry*> any_peer_id;
  };
  using BucketKey = IpPrefix;
  struct KeyHash {
    size_t operator()(const BucketKey& key) const {
      return hash_of(key.address, key.length * 0x100000001b3U);
    }
  };

  PolicyEntry& add(const Policy& policy);
  void bring_index_up_to_date();
  void index(PolicyEntry& entry);
  template <typename F>
  void each_bucket(const IpAddress& remote, F&& f);

  std::unordered_map<PolicyId, std::unique_ptr<PolicyEntry>> entries_;
  std::vector<PolicyEntry*> in_order_;
  std::unordered_map<BucketKey, Bucket, KeyHash> buckets_;
  std::vector<uint8_t> lengths_v4_;  // prefix lengths in use
  std::vector<uint8_t> lengths_v6_;
  bool index_is_stale_ = false;  // rebuilt at the next look-up, once for many changes
  uint64_t next_id_ = 1;
};

}  // namespace iked::ike
