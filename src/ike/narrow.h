// SPDX-License-Identifier: ISC
// Traffic selectors: what both sides agree to protect. Pure functions; an answer is never wider
// than the offer nor than the policy. RFC7296 2.9
#pragma once

#include <optional>
#include <vector>

#include "model/traffic_selector.h"

namespace iked::ike {

/// Traffic between our side and the peer's. One pair is one set of kernel policies.
struct FlowPair {
  TrafficSelector local;
  TrafficSelector remote;
  friend auto operator<=>(const FlowPair&, const FlowPair&) = default;
};

/// What both contain, or nothing. Protocol and ports included; OPAQUE ports only meet OPAQUE or
/// any.
std::optional<TrafficSelector> intersect(const TrafficSelector& a, const TrafficSelector& b);

/// Whether `inner` lies wholly within `outer`.
bool contains(const TrafficSelector& outer, const TrafficSelector& inner);

/// RFC7296 3.13: the count of selectors in a payload is one octet.
inline constexpr size_t max_selectors = 255;
/// So many combinations become kernel policies of one child; a peer that offers more of them gets
/// the first ones.
inline constexpr size_t max_pairs = 256;

/// The agreed selectors as the payloads carry them, and as pairs for the kernel: those combinations
/// that the policy has, because a policy with flows A-X and B-Y does not mean A-Y.
struct Narrowed {
  TrafficSelectors local;   // at most max_selectors
  TrafficSelectors remote;  // at most max_selectors
  std::vector<FlowPair> pairs;
  bool empty() const { return pairs.empty(); }
};

/// The intersection of what the policy has (`flows`) with what the peer proposed or answered for
/// either side. Selectors keep the order of the offer, without those that another one contains.
/// RFC7296 2.9: so the first ones, which may describe the packet that started it, are included in
/// what stands in front.
Narrowed narrow(const std::vector<FlowPair>& flows, const TrafficSelectors& local,
                const TrafficSelectors& remote);

/// Whether narrow() would find anything. Costs no more than looking once at each selector for each
/// flow, whatever a stranger sends.
bool meets(const std::vector<FlowPair>& flows, const TrafficSelectors& local,
           const TrafficSelectors& remote);

/// All selectors of one side of the flows, each once, in order: what an initiator proposes. At most
/// max_selectors.
TrafficSelectors local_selectors(const std::vector<FlowPair>& flows);
TrafficSelectors remote_selectors(const std::vector<FlowPair>& flows);

/// Whether each selector of an answer lies within one of the offer: RFC7296 2.9 allows "to choose a
/// subset of the traffic proposed by the initiator", nothing else.
bool within(const TrafficSelectors& answer, const TrafficSelectors& offer);

}  // namespace iked::ike
