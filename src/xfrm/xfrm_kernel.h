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

/// A policy that an earlier process left: whose traffic it carries, and between which gateways.
struct LeftoverPolicy {
  IpPrefix local;  // our side
  IpPrefix remote;
  IpAddress outer_local;  // in transport mode the same as within
  IpAddress outer_remote;
};

/// What is to become of it. gone: no tunnel may come to have this traffic. closed: one may, but not
/// with that gateway. carries_on: its tunnel may come back.
enum class Fate : uint8_t { gone, closed, carries_on };
using Judge = std::function<Fate(const LeftoverPolicy&)>;

/// What an earlier process had left behind.
struct LeftoverCounts {
  size_t sas = 0;       // deleted
  size_t policies = 0;  // deleted
  size_t closed = 0;    // policies kept, closed
  size_t carrying = 0;  // policies kept with their SAs
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

  /// After a death without clean-up, before the first install(): finds the policies and SAs that it
  /// left, and does with them as `judge` says. What has no SA cannot carry on and is closed
  /// (leftovers.h).
  Result<LeftoverCounts> take_stock(const Judge& judge);
  /// Judges what is left of them anew. Returns how many policies have been deleted or closed.
  size_t judge_leftovers(const Judge& judge);

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
  Result<std::unique_ptr<ParkedSa>> take_out(const SaKey& sa) override;
  Result<void> put_back(std::unique_ptr<ParkedSa> sa, const SaKey& as) override;
  Result<void> install_policies(const std::vector<KernelPolicy>& policies) override;
  std::vector<Reqid> left_behind() const override;
  std::optional<Reqid> find_left_behind(const std::vector<KernelPolicy>& policies) override;
  std::vector<SaKey> take_over(Reqid reqid) override;

 private:
  Result<void> learn_capabilities();
  /// Fails when the kernel could not be asked.
  Result<Outcome> try_suite(const ChildSuite& suite, Family family);

  std::unique_ptr<Sockets> sockets_;
  Capabilities capabilities_;
};

}  // namespace iked::xfrm
