// SPDX-License-Identifier: ISC
// SAs in the kernel that a newer child of the same flows has replaced without an exchange: their
// IKE SA is gone, because the peer or we ourselves have begun anew. The peer may have sent on them
// until a moment ago, or do so until it has heard of the new child: they receive a few seconds
// longer. Their policies are those of the new child. Does not decide which SAs these are.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "model/kernel.h"

namespace iked::ike {

class Lingering {
 public:
  /// `sas` have the reqid of the newer child; without policies. Where nothing can be sent on them
  /// yet, those with the same reqid on which something can stay as long.
  void add(Reqid reqid, ChildRemoval sas, Time now);

  /// Takes those out whose time is over.
  void on_deadline(Kernel& kernel, Time now);
  std::optional<Time> next_deadline() const;

  /// Takes all of them out.
  void end_all(Kernel& kernel);

  /// The last child with this reqid goes, and its policies: so do these.
  void end(Kernel& kernel, Reqid reqid);

 private:
  struct Entry {
    Time due;
    Reqid reqid;
    ChildRemoval sas;
  };
  template <typename Condition>
  void remove_if(Kernel& kernel, const Condition& condition);

  std::vector<Entry> entries_;
};

}  // namespace iked::ike
