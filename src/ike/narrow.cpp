// SPDX-License-Identifier: ISC
#include "ike/narrow.h"

#include <algorithm>
#include <bitset>
#include <set>

namespace iked::ike {
namespace {

void add_once(TrafficSelectors& list, const TrafficSelector& selector) {
  if (std::find(list.begin(), list.end(), selector) == list.end()) list.push_back(selector);
}

// Without selectors that another one of the list contains: it says the same with less. What stands
// for a dropped one takes its place, so that the first choices stay in front.
TrafficSelectors without_contained(const TrafficSelectors& list) {
  TrafficSelectors kept;
  for (const TrafficSelector& selector : list) {
    const TrafficSelector* widest = &selector;
    for (const TrafficSelector& other : list) {
      if (contains(other, *widest)) widest = &other;
    }
    add_once(kept, *widest);
  }
  return kept;
}

// What one selector of the peer has in common with one side of our flows, by index of the flow.
struct Overlap {
  size_t flow;
  TrafficSelector selector;
};
using Overlaps = std::vector<Overlap>;

// For each selector of the peer that has anything in common with us.
std::vector<Overlaps> overlaps(const std::vector<FlowPair>& flows, TrafficSelector FlowPair::*side,
                               const TrafficSelectors& selectors) {
  std::vector<Overlaps> rows;
  for (const TrafficSelector& selector : selectors) {
    Overlaps row;
    for (size_t i = 0; i < flows.size(); ++i) {
      if (const auto both = intersect(flows[i].*side, selector)) row.push_back({i, *both});
    }
    if (!row.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

// One IP protocol covers both directions of a flow: tcp on one side and udp on the other is none.
std::optional<FlowPair> pair_of(const TrafficSelector& local, const TrafficSelector& remote) {
  if (local.protocol != 0 && remote.protocol != 0 && local.protocol != remote.protocol) {
    return std::nullopt;
  }
  FlowPair pair{local, remote};
  pair.local.protocol = pair.remote.protocol =
      local.protocol != 0 ? local.protocol : remote.protocol;
  return pair;
}

// Collects the result, never more of anything than a message can carry.
class Collector {
 public:
  bool full() const { return result_.pairs.size() == max_pairs; }
  void add(const FlowPair& pair) {
    if (full() || !seen_.insert(pair).second) return;
    if (!has_room(result_.local, pair.local) || !has_room(result_.remote, pair.remote)) return;
    result_.pairs.push_back(pair);
    add_once(result_.local, pair.local);
    add_once(result_.remote, pair.remote);
  }
  Narrowed take() {
    result_.local = without_contained(result_.local);
    result_.remote = without_contained(result_.remote);
    return std::move(result_);
  }

 private:
  static bool has_room(const TrafficSelectors& list, const TrafficSelector& selector) {
    return list.size() < max_selectors ||
           std::find(list.begin(), list.end(), selector) != list.end();
  }
  Narrowed result_;
  std::set<FlowPair> seen_;
};

// The flows that both rows meet. Rows are in order of the flows.
void collect(const Overlaps& locals, const Overlaps& remotes, Collector& to) {
  auto l = locals.begin();
  auto r = remotes.begin();
  while (l != locals.end() && r != remotes.end() && !to.full()) {
    if (l->flow == r->flow) {
      if (const auto pair = pair_of(l->selector, r->selector)) to.add(*pair);
      ++l;
      ++r;
    } else {
      ++(l->flow < r->flow ? l : r);
    }
  }
}

TrafficSelectors side_of(const std::vector<FlowPair>& flows, TrafficSelector FlowPair::*side) {
  TrafficSelectors list;
  for (const FlowPair& flow : flows) {
    if (list.size() < max_selectors) add_once(list, flow.*side);
  }
  return list;
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
  // Reduced first: a trigger's address in front of its network would only add kernel policies, and
  // other ones each time.
  const auto locals = overlaps(flows, &FlowPair::local, without_contained(local));
  const auto remotes = overlaps(flows, &FlowPair::remote, without_contained(remote));
  Collector collector;
  for (const Overlaps& l : locals) {
    for (const Overlaps& r : remotes) collect(l, r, collector);
  }
  return collector.take();
}

bool meets(const std::vector<FlowPair>& flows, const TrafficSelectors& local,
           const TrafficSelectors& remote) {
  using Protocols = std::bitset<256>;
  const auto common = [](const TrafficSelector& own, const TrafficSelectors& theirs) {
    Protocols found;
    for (const TrafficSelector& selector : theirs) {
      if (const auto both = intersect(own, selector)) found.set(both->protocol);
    }
    return found;
  };
  return std::any_of(flows.begin(), flows.end(), [&](const FlowPair& flow) {
    const Protocols l = common(flow.local, local);
    if (l.none()) return false;
    const Protocols r = common(flow.remote, remote);
    // As in pair_of: 0 goes with every protocol.
    return r.any() && (l[0] || r[0] || (l & r).any());
  });
}

TrafficSelectors local_selectors(const std::vector<FlowPair>& flows) {
  return side_of(flows, &FlowPair::local);
}

TrafficSelectors remote_selectors(const std::vector<FlowPair>& flows) {
  return side_of(flows, &FlowPair::remote);
}

bool within(const TrafficSelectors& answer, const TrafficSelectors& offer) {
  return std::all_of(answer.begin(), answer.end(), [&](const TrafficSelector& inner) {
    return std::any_of(offer.begin(), offer.end(),
                       [&](const TrafficSelector& outer) { return contains(outer, inner); });
  });
}

}  // namespace iked::ike
