// SPDX-License-Identifier: ISC
// The Kernel port over netlink XFRM. It translates between the vocabulary of model/ and the
// kernel's, and makes an installation whole or undone. It decides nothing, keeps no table of SAs or
// policies, and never changes an entry whose reqid is not one of ours (model/reqid_range.h).
//
// Which kernel entries an SA or policy becomes is written in messages.h, how ranges are split and
// what priorities policies get in selectors.h, the names of algorithms in algorithms.h.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "model/kernel.h"

namespace iked::xfrm {

struct Outcome;

/// What the running kernel can do, asked for once by open().
struct Capabilities {
  bool sa_direction = false;  // XFRMA_SA_DIR, Linux 6.10
};

/// Whether some tunnel may come to have traffic between `local` (our side) and `remote`.
using MayCarry = std::function<bool(const IpPrefix& local, const IpPrefix& remote)>;

/// What an earlier process had left behind.
struct LeftoverCounts {
  size_t sas = 0;       // deleted
  size_t policies = 0;  // deleted
  size_t closed = 0;    // policies kept, closed
};

class XfrmKernel final : public Kernel {
  struct Sockets;

 public:
  /// Opens both sockets in the network namespace of the caller and asks what this kernel is. Fails
  /// with words for the administrator: no XFRM, no permission.
  static Result<std::unique_ptr<XfrmKernel>> open();
  /// For open() only.
  explicit XfrmKernel(std::unique_ptr<Sockets> sockets);
  XfrmKernel(const XfrmKernel&) = delete;
  XfrmKernel& operator=(const XfrmKernel&) = delete;
  ~XfrmKernel() override;

  /// Whether this kernel has ESP at all, for IPv4 or IPv6, by installing and removing an SA from
  /// the loopback address to itself. May load modules, so it is called once, at start. The error
  /// names the modules.
  Result<void> probe();

  /// Whether the kernel has what this suite needs, in the same way. For each suite of the
  /// configuration when it is loaded: later the peer would hear NO_PROPOSAL_CHOSEN. Trouble that
  /// has nothing to do with the suite is logged and counts as a yes.
  Result<void> supports(const ChildSuite& suite, Family family);

  const Capabilities& capabilities() const { return capabilities_; }

  /// After a death without clean-up, before the first install(): deletes the SAs that it left, and
  /// its policies as far as no tunnel may come to carry their traffic. The others are kept, closed
  /// (leftovers.h).
  Result<LeftoverCounts> close_own_leftovers(const MayCarry& may_carry);
  /// Deletes those of the closed policies that nobody will come for any more, and counts them.
  size_t drop_leftovers(const MayCarry& may_carry);

  /// Deletes the SAs and policies with a reqid of `first`..`last`, whoever of us made them. For the
  /// end. `first`..`last` must lie within our own range.
  Result<LeftoverCounts> remove_own_leftovers(Reqid first, Reqid last);

  /// For the event loop: readable when read_events() has something to say.
  int event_fd() const;
  /// Appends what has happened since the last call, but not much more than 1,000 datagrams of it:
  /// while more is left, the descriptor stays readable. Only events of our own entries; a
  /// ResyncEvent where the kernel had to drop some.
  void read_events(std::vector<KernelEvent>& out);

  // Kernel. For each call the SA's and the packets' addresses must be of one family.
  Result<ChildSpi> allocate_spi(const IpAddress& source, const IpAddress& destination,
                                ProtocolId protocol, Reqid reqid) override;
  Result<void> install(const ChildInstall& child) override;
  Result<void> install_half(const KernelSa& sa, Half half) override;
  void remove(const ChildRemoval& child) override;
  Result<std::optional<SaUsage>> usage(const SaKey& sa) override;
  /// The SA is deleted under its old name and made anew under the new one, microseconds later; only
  /// new ports alone change it in place. An outbound SA goes on 2^20 sequence numbers further,
  /// because packets may have left after its state was read. When the new one cannot be made, the
  /// old one is put back.
  Result<void> move_policies(const std::vector<KernelPolicy>& policies) override;
  Result<void> move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) override;

 private:
  Result<void> learn_capabilities();
  /// Fails when the kernel could not be asked.
  Result<Outcome> try_suite(const ChildSuite& suite, Family family);

  std::unique_ptr<Sockets> sockets_;
  Capabilities capabilities_;
};

}  // namespace iked::xfrm
