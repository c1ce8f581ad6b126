// SPDX-License-Identifier: ISC
#include "ike/narrow.h"

#include <algorithm>

namespace iked::ike {
namespace {

void add_once(TrafficSelectors& list, const TrafficSelector& selector) {
  if (std::find(list.begin(), list.end(), selector) == list.end()) list.push_back(selector);
}

// Drops selectors that another one of the list contains: the answer says the same with less.
void drop_contained(TrafficSelectors& list) {
  TrafficSelectors kept;
  for (size_t i = 0; i < list.size(); ++i) {
    bool redundant = false;
    for (size_t j = 0; j < list.size() && !redundant; ++j) {
      redundant = i != j && contains(list[j], list[i]);
    }
    if (!redundant) kept.push_back(list[i]);
  }
  list = std::move(kept);
}

}  // namespace

std::optional<TrafficSelector> intersect(const TrafficSelector& a, const TrafficSelector& b) {
  if (a.family() != b.family()) return std::nullopt;
  if (a.protocol != 0 && b.protocol != 0 && a.protocol != b.protocol) return std::nullopt;
  TrafficSelector both;
  both.protocol = a.protocol != 0 ? a.protocol : b.protocol;
  both.first = std::max(a.first, b.first);
  both.last = std::min(a.last, b.last);
  if (both.first > both.last) return std::nullopt;
  // RFC7296 3.13.1: OPAQUE (start over end) means "ports are not visible"; "any" includes it.
  if (a.opaque() || b.opaque()) {
    if ((!a.opaque() && !a.any_port()) || (!b.opaque() && !b.any_port())) return std::nullopt;
    both.first_port = 65535;
    both.last_port = 0;
    return both;
  }
  both.first_port = std::max(a.first_port, b.first_port);
  both.last_port = std::min(a.last_port, b.last_port);
  if (both.first_port > both.last_port) return std::nullopt;
  return both;
}

bool contains(const TrafficSelector& outer, const TrafficSelector& inner) {
  const auto both = intersect(outer, inner);
  return both && *both == inner;
}

Narrowed narrow(const std::vector<FlowPair>& flows, const TrafficSelectors& local,
                const TrafficSelectors& remote) {
  Narrowed result;
  for (const TrafficSelector& theirs_local : local) {
    for (const TrafficSelector& theirs_remote : remote) {
      for (const FlowPair& flow : flows) {
        const auto l = intersect(flow.local, theirs_local);
        const auto r = intersect(flow.remote, theirs_remote);
        if (!l || !r) continue;
        // One IP protocol covers both directions of a flow: tcp on one side and udp on the other is
        // none.
        if (l->protocol != 0 && r->protocol != 0 && l->protocol != r->protocol) continue;
        FlowPair pair{*l, *r};
        const uint8_t protocol = l->protocol != 0 ? l->protocol : r->protocol;
        pair.local.protocol = protocol;
        pair.remote.protocol = protocol;
        if (std::find(result.pairs.begin(), result.pairs.end(), pair) != result.pairs.end()) {
          continue;
        }
        result.pairs.push_back(pair);
        add_once(result.local, *l);
        add_once(result.remote, *r);
      }
    }
  }
  drop_contained(result.local);
  drop_contained(result.remote);
  return result;
}

TrafficSelectors local_selectors(const std::vector<FlowPair>& flows) {
  TrafficSelectors list;
  for (const FlowPair& flow : flows) add_once(list, flow.local);
  return list;
}

TrafficSelectors remote_selectors(const std::vector<FlowPair>& flows) {
  TrafficSelectors list;
  for (const FlowPair& flow : flows) add_once(list, flow.remote);
  return list;
}

bool within(const TrafficSelectors& answer, const TrafficSelectors& offer) {
  return std::all_of(answer.begin(), answer.end(), [&](const TrafficSelector& inner) {
    return std::any_of(offer.begin(), offer.end(),
                       [&](const TrafficSelector& outer) { return contains(outer, inner); });
  });
}

}  // namespace iked::ike
