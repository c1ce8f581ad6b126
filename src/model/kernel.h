// SPDX-License-Identifier: ISC
// The kernel's IPsec as the protocol core sees it: a port, implemented by xfrm/ over netlink, by
// a fake in tests; `ike/coupling.h` stands in for it while IKE runs without the kernel. Each call
// takes microseconds and is complete when it returns. Implementations translate; they decide
// nothing.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "base/secret.h"
#include "model/ids.h"
#include "model/policy.h"
#include "model/proposal.h"
#include "model/traffic_selector.h"

namespace iked {

/// What names one SA in the kernel (RFC 4301 4.1, plus the source for its own table).
struct SaKey {
  IpAddress source;
  IpAddress destination;
  ProtocolId protocol = ProtocolId::ESP;
  ChildSpi spi;
  friend auto operator<=>(const SaKey&, const SaKey&) = default;
};

/// ESP in UDP (RFC 3948). Ports in host byte order.
struct UdpEncap {
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  friend bool operator==(const UdpEncap&, const UdpEncap&) = default;
};

/// A firewall mark with its mask.
struct Mark {
  uint32_t value = 0;
  uint32_t mask = 0xffffffff;
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// When the kernel speaks up (soft) and when it stops using an SA (hard). 0 = never.
struct SaLifetime {
  std::chrono::seconds soft{0};
  std::chrono::seconds hard{0};
  uint64_t soft_bytes = 0;
  uint64_t hard_bytes = 0;
};

/// One direction of a child SA, ready to install.
struct KernelSa {
  SaKey key;
  Reqid reqid;
  Mode mode = Mode::tunnel;
  ChildSuite suite;
  SecretBytes encr_key;   // with the salt of AEAD and counter modes at its end (RFC 4106 8.1)
  SecretBytes integ_key;  // empty with an AEAD
  std::optional<UdpEncap> encap;
  SaLifetime lifetime;
  uint32_t replay_window = 0;  // packets; 0 outbound
  std::optional<Mark> mark;
  uint32_t if_id = 0;  // of an XFRM interface; 0 = none
  /// Transport mode behind NAT: the addresses the peer used inside, for checksums (RFC 3948 3.1.2).
  std::optional<IpAddress> original_address;
};

enum class PolicyDirection : uint8_t { in, out, fwd };

/// One kernel policy: traffic from `source` to `destination` must use the SAs of `reqid`.
struct KernelPolicy {
  PolicyDirection direction = PolicyDirection::out;
  TrafficSelector source;
  TrafficSelector destination;
  Mode mode = Mode::tunnel;
  ProtocolId protocol = ProtocolId::ESP;
  Reqid reqid;
  IpAddress tunnel_source;  // outer addresses; used in tunnel mode
  IpAddress tunnel_destination;
  std::optional<Mark> mark;
  uint32_t if_id = 0;
};

/// A child SA pair with the policies that are not in the kernel yet.
struct ChildInstall {
  KernelSa inbound;
  KernelSa outbound;
  std::vector<KernelPolicy> policies;
  /// Policies of earlier children whose place the new ones take.
  std::vector<KernelPolicy> replaced;
};

struct ChildRemoval {
  SaKey inbound;
  SaKey outbound;  // spi 0: there is none (only an SPI was allocated)
  std::vector<KernelPolicy> policies;
  std::optional<Mark> mark;
  uint32_t if_id = 0;
};

struct SaUsage {
  uint64_t bytes = 0;
  uint64_t packets = 0;
  /// Since the last packet; nothing when there was none, or when the kernel does not tell
  /// (Linux 6.1 does not): then whoever wants to know compares `packets` with what it was before.
  std::optional<std::chrono::seconds> idle;
};

/// An SA out of the kernel, with its keys, counters and sequence numbers. What more there is to it
/// is the business of the Kernel that took it out.
struct ParkedSa {
  virtual ~ParkedSa() = default;
  SaUsage usage;
  std::optional<UdpEncap> encap;  // with which it comes back
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  /// Reserves an inbound SPI for `source` -> `destination`. Given back by remove().
  virtual Result<ChildSpi> allocate_spi(const IpAddress& source, const IpAddress& destination,
                                        ProtocolId protocol, Reqid reqid) = 0;

  /// Installs everything or nothing: what was made is undone in reverse when a later step fails,
  /// what was replaced is put back. A policy is exchanged in one step for the one that it replaces,
  /// so that no packet finds none. The error carries the kernel's own words. The inbound SPI stays
  /// reserved after a failure.
  virtual Result<void> install(const ChildInstall& child) = 0;

  /// Which direction of a child.
  enum class Half : uint8_t { inbound, outbound };
  /// Installs one direction alone, where the policies are in the kernel already: a rekeyed child
  /// sends later than it receives (RFC7296 2.8). Nothing is left after a failure, but the inbound
  /// SPI stays reserved.
  virtual Result<void> install_half(const KernelSa& sa, Half half) = 0;

  /// Takes policies and SAs out. What is gone already is not an error.
  virtual void remove(const ChildRemoval& child) = 0;

  /// Counters of one SA; nothing when the kernel does not have it.
  virtual Result<std::optional<SaUsage>> usage(const SaKey& sa) = 0;

  /// Gives policies that are in the kernel other outer addresses, each in one step, so that no
  /// packet finds none. The error is the first refusal; the others have been done.
  virtual Result<void> move_policies(const std::vector<KernelPolicy>& policies) = 0;

  /// Moves an SA to new outer addresses and ports, keys and counters kept.
  virtual Result<void> move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) = 0;

  /// Takes an SA out of the kernel, to be brought back later. Null when the kernel does not have
  /// it.
  virtual Result<std::unique_ptr<ParkedSa>> take_out(const SaKey& sa) = 0;
  /// Brings it back, under its name or with other addresses. It goes on with sequence
  /// numbers that were not used, and its time has gone on. Fails when there are too few of them
  /// left: then the SA is lost.
  virtual Result<void> put_back(std::unique_ptr<ParkedSa> sa, const SaKey& as) = 0;
  /// Installs policies alone, all or none, where their SAs are in the kernel already.
  virtual Result<void> install_policies(const std::vector<KernelPolicy>& policies) = 0;

  /// What a process of ours left behind when it was killed goes on carrying traffic until
  /// somebody takes it over or takes its place: these reqids are not free.
  virtual std::vector<Reqid> left_behind() const = 0;
  /// The reqid under which exactly these policies were left behind and still are in the kernel;
  /// the reqids of `policies` are not looked at.
  virtual std::optional<Reqid> find_left_behind(const std::vector<KernelPolicy>& policies) = 0;
  /// The policies with this reqid are the caller's from now on, and the SAs that are returned as
  /// well, which were left behind with them.
  virtual std::vector<SaKey> take_over(Reqid reqid) = 0;
};

/// The kernel wants an SA for a packet that met a policy of ours.
struct AcquireEvent {
  Reqid reqid;
  TrafficSelector source;
  TrafficSelector destination;
};
/// A lifetime ran out; a hard one means that the kernel has deleted the SA.
struct ExpireEvent {
  SaKey sa;
  bool hard = false;
};
/// ESP-in-UDP of the peer comes from a new address or port.
struct MappingEvent {
  SaKey sa;
  Endpoint new_source;
};
/// Events were lost: ask for what you need to know.
struct ResyncEvent {};

using KernelEvent = std::variant<AcquireEvent, ExpireEvent, MappingEvent, ResyncEvent>;

}  // namespace iked
