// SPDX-License-Identifier: ISC
#include "ike/narrow.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace iked::ike {
namespace {

TrafficSelector ts(std::string_view prefix, uint8_t protocol = 0, uint16_t first_port = 0,
                   uint16_t last_port = 65535) {
  TrafficSelector selector =
      TrafficSelector::of(*IpPrefix::parse(prefix), static_cast<uint8_t>(protocol));
  selector.first_port = first_port;
  selector.last_port = last_port;
  return selector;
}

FlowPair flow(std::string_view local, std::string_view remote) {
  return {ts(local), ts(remote)};
}

// ---- examples

TEST(Intersect, TakesTheSmallerOfEachField) {
  EXPECT_EQ(intersect(ts("10.0.0.0/8"), ts("10.1.0.0/16", 6, 80, 90)),
            ts("10.1.0.0/16", 6, 80, 90));
  EXPECT_EQ(intersect(ts("10.1.0.0/16", 6), ts("10.0.0.0/8", 0, 80, 80)),
            ts("10.1.0.0/16", 6, 80, 80));
  EXPECT_EQ(intersect(ts("10.0.0.0/8", 17, 10, 50), ts("0.0.0.0/0", 17, 40, 60)),
            ts("10.0.0.0/8", 17, 40, 50));
  EXPECT_EQ(intersect(ts("10.0.0.0/8"), ts("11.0.0.0/8")), std::nullopt);
  EXPECT_EQ(intersect(ts("10.0.0.0/8", 6), ts("10.0.0.0/8", 17)), std::nullopt);
  EXPECT_EQ(intersect(ts("10.0.0.0/8", 6, 1, 2), ts("10.0.0.0/8", 6, 3, 4)), std::nullopt);
  EXPECT_EQ(intersect(ts("0.0.0.0/0"), ts("::/0")), std::nullopt);
}

TEST(Intersect, OpaquePortsMeetOpaqueAndAny) {  // RFC7296 3.13.1
  const TrafficSelector opaque = ts("10.0.0.0/8", 6, 65535, 0);
  EXPECT_EQ(intersect(opaque, opaque), opaque);
  EXPECT_EQ(intersect(opaque, ts("10.0.0.0/8", 6)), opaque);
  EXPECT_EQ(intersect(ts("10.0.0.0/8", 6), opaque), opaque);
  EXPECT_EQ(intersect(opaque, ts("10.0.0.0/8", 6, 0, 65534)), std::nullopt);
  EXPECT_EQ(intersect(ts("10.0.0.0/8", 6, 65535, 65535), opaque), std::nullopt);
  EXPECT_EQ(intersect(ts("10.0.0.0/8", 6, 0, 0), opaque), std::nullopt);
}

TEST(Narrow, SameOnBothSidesStaysAsItIs) {  // R105
  const Narrowed result =
      narrow({flow("10.1.0.0/24", "10.2.0.0/24")}, {ts("10.1.0.0/24")}, {ts("10.2.0.0/24")});
  EXPECT_EQ(result.local, TrafficSelectors{ts("10.1.0.0/24")});
  EXPECT_EQ(result.remote, TrafficSelectors{ts("10.2.0.0/24")});
  EXPECT_EQ(result.pairs, std::vector<FlowPair>{flow("10.1.0.0/24", "10.2.0.0/24")});
}

TEST(Narrow, AWideOfferIsCutToThePolicy) {  // R105
  const Narrowed result =
      narrow({flow("10.1.0.0/24", "10.2.0.0/24")}, {ts("0.0.0.0/0")}, {ts("10.2.0.128/25")});
  EXPECT_EQ(result.local, TrafficSelectors{ts("10.1.0.0/24")});
  EXPECT_EQ(result.remote, TrafficSelectors{ts("10.2.0.128/25")});
}

TEST(Narrow, NothingInCommonIsEmpty) {  // R107
  EXPECT_TRUE(narrow({flow("10.1.0.0/24", "10.2.0.0/24")}, {ts("10.1.0.0/24")}, {ts("10.3.0.0/24")})
                  .empty());
  EXPECT_TRUE(narrow({}, {ts("0.0.0.0/0")}, {ts("0.0.0.0/0")}).empty());
  EXPECT_TRUE(narrow({flow("10.1.0.0/24", "10.2.0.0/24")}, {}, {ts("0.0.0.0/0")}).empty());
  // Each side meets a flow, but no flow meets both.
  EXPECT_TRUE(narrow({flow("10.1.0.0/24", "10.2.0.0/24"), flow("10.3.0.0/24", "10.4.0.0/24")},
                     {ts("10.1.0.0/24")}, {ts("10.4.0.0/24")})
                  .empty());
}

TEST(Narrow, PairsAreThoseOfThePolicyOnly) {
  const std::vector<FlowPair> flows = {flow("10.1.0.0/24", "10.2.0.0/24"),
                                       flow("10.3.0.0/24", "10.4.0.0/24")};
  const Narrowed result =
      narrow(flows, {ts("10.1.0.0/24"), ts("10.3.0.0/24")}, {ts("10.2.0.0/24"), ts("10.4.0.0/24")});
  EXPECT_EQ(result.pairs, flows);
  EXPECT_EQ(result.local.size(), 2U);
  EXPECT_EQ(result.remote.size(), 2U);
}

TEST(Narrow, FirstChoiceIsKept) {  // R106
  // The packet that started it, then its networks (the example of RFC7296 2.9).
  const TrafficSelectors local = {ts("198.51.100.43", 6, 1234, 1234), ts("198.51.100.0/24")};
  const TrafficSelectors remote = {ts("192.0.2.5", 6, 80, 80), ts("192.0.2.0/24")};
  // The policy takes it all.
  Narrowed result = narrow({flow("198.51.100.0/24", "192.0.2.0/24")}, local, remote);
  EXPECT_EQ(result.local, TrafficSelectors{ts("198.51.100.0/24")});
  EXPECT_EQ(result.remote, TrafficSelectors{ts("192.0.2.0/24")});
  // The policy takes less, but the packet with it.
  result = narrow({flow("198.51.100.40/29", "192.0.2.0/29")}, local, remote);
  EXPECT_EQ(result.local, TrafficSelectors{ts("198.51.100.40/29")});
  EXPECT_TRUE(contains(result.local[0], local[0]));
  EXPECT_TRUE(contains(result.remote[0], remote[0]));
  // The policy does not take the packet, but something else of it.
  result = narrow({flow("198.51.100.0/29", "192.0.2.0/24")}, local, remote);
  EXPECT_EQ(result.local, TrafficSelectors{ts("198.51.100.0/29")});
}

TEST(Narrow, WhatIncludesTheFirstChoiceStandsInFront) {  // R106
  const Narrowed result =
      narrow({flow("10.0.0.0/8", "10.0.0.0/8")},
             {ts("10.1.0.5", 6), ts("10.7.0.0/24"), ts("10.1.0.0/24")}, {ts("10.9.0.0/24")});
  EXPECT_EQ(result.local, (TrafficSelectors{ts("10.1.0.0/24"), ts("10.7.0.0/24")}));
  ASSERT_EQ(result.pairs.size(), 2U);
  EXPECT_EQ(result.pairs[0], flow("10.1.0.0/24", "10.9.0.0/24"));
}

// Different packets that start the same tunnel must come to the same kernel policies.
TEST(Narrow, TheTriggerLeavesNoTraceInThePairs) {
  const std::vector<FlowPair> flows = {flow("10.1.0.0/24", "10.2.0.0/24")};
  const auto triggered_by = [&](std::string_view local, std::string_view remote) {
    return narrow(flows, {ts(local, 6, 99, 99), ts("10.1.0.0/24")},
                  {ts(remote, 6, 80, 80), ts("10.2.0.0/24")});
  };
  EXPECT_EQ(triggered_by("10.1.0.1", "10.2.0.1").pairs, flows);
  EXPECT_EQ(triggered_by("10.1.0.9", "10.2.0.7").pairs, flows);
}

TEST(Narrow, DuplicatesAreSaidOnce) {
  const std::vector<FlowPair> flows = {flow("10.1.0.0/24", "10.2.0.0/24"),
                                       flow("10.1.0.0/24", "10.2.0.0/24")};
  const Narrowed result =
      narrow(flows, {ts("10.1.0.0/24"), ts("10.1.0.0/24")}, {ts("10.2.0.0/24"), ts("10.2.0.0/24")});
  EXPECT_EQ(result.pairs.size(), 1U);
  EXPECT_EQ(result.local.size(), 1U);
  EXPECT_EQ(result.remote.size(), 1U);
}

TEST(Narrow, OneProtocolForBothDirections) {
  const std::vector<FlowPair> flows = {flow("10.1.0.0/24", "10.2.0.0/24")};
  EXPECT_TRUE(narrow(flows, {ts("10.1.0.0/24", 6)}, {ts("10.2.0.0/24", 17)}).empty());
  const Narrowed result = narrow(flows, {ts("10.1.0.0/24")}, {ts("10.2.0.0/24", 17, 53, 53)});
  ASSERT_EQ(result.pairs.size(), 1U);
  EXPECT_EQ(result.pairs[0], (FlowPair{ts("10.1.0.0/24", 17), ts("10.2.0.0/24", 17, 53, 53)}));
}

TEST(Narrow, BothFamiliesInOneOffer) {
  const Narrowed result = narrow({flow("0.0.0.0/0", "0.0.0.0/0"), flow("::/0", "::/0")},
                                 {ts("10.1.0.0/24"), ts("2001:db8:1::/48")},
                                 {ts("10.2.0.0/24"), ts("2001:db8:2::/48")});
  EXPECT_EQ(result.pairs, (std::vector<FlowPair>{flow("10.1.0.0/24", "10.2.0.0/24"),
                                                 flow("2001:db8:1::/48", "2001:db8:2::/48")}));
}

// 255 selectors on each side are 65,025 combinations: neither the kernel nor a payload can take
// them, and a stranger may send them.
TEST(Narrow, WhatNoMessageCanCarryIsCutOff) {
  TrafficSelectors many;
  for (unsigned i = 0; i < 255; ++i) many.push_back(ts(fmt::format("10.0.{}.1", i)));
  Narrowed result = narrow({flow("0.0.0.0/0", "0.0.0.0/0")}, many, many);
  EXPECT_EQ(result.pairs.size(), max_pairs);
  EXPECT_LE(result.local.size(), max_selectors);
  EXPECT_LE(result.remote.size(), max_selectors);
  EXPECT_EQ(result.pairs[0], (FlowPair{many[0], many[0]}));

  std::vector<FlowPair> flows;
  for (unsigned i = 0; i < 600; ++i) {
    flows.push_back({ts(fmt::format("10.{}.{}.0/24", i / 256, i % 256)), ts("10.9.0.0/24")});
  }
  result = narrow(flows, {ts("10.0.0.0/8")}, {ts("10.0.0.0/8")});
  EXPECT_EQ(result.local.size(), max_selectors);
  EXPECT_EQ(result.pairs.size(), max_selectors);
  EXPECT_EQ(local_selectors(flows).size(), max_selectors);
  EXPECT_EQ(remote_selectors(flows).size(), 1U);

  for (FlowPair& pair : flows) std::swap(pair.local, pair.remote);
  result = narrow(flows, {ts("10.0.0.0/8")}, {ts("10.0.0.0/8")});
  EXPECT_EQ(result.remote.size(), max_selectors);
  EXPECT_EQ(result.pairs.size(), max_selectors);
  EXPECT_EQ(local_selectors(flows).size(), 1U);
  EXPECT_EQ(remote_selectors(flows).size(), max_selectors);
}

TEST(Selectors, EachSideOnceInOrder) {
  const std::vector<FlowPair> flows = {flow("10.3.0.0/24", "10.2.0.0/24"),
                                       flow("10.1.0.0/24", "10.2.0.0/24"),
                                       flow("10.3.0.0/24", "10.4.0.0/24")};
  EXPECT_EQ(local_selectors(flows), (TrafficSelectors{ts("10.3.0.0/24"), ts("10.1.0.0/24")}));
  EXPECT_EQ(remote_selectors(flows), (TrafficSelectors{ts("10.2.0.0/24"), ts("10.4.0.0/24")}));
}

TEST(Within, AnswersMayNotBeWider) {  // R109
  const TrafficSelectors offer = {ts("10.1.0.0/24"), ts("10.2.0.0/24", 6, 80, 90)};
  EXPECT_TRUE(within(offer, offer));
  EXPECT_TRUE(within({ts("10.1.0.7")}, offer));
  EXPECT_TRUE(within({ts("10.1.0.0/25", 17), ts("10.2.0.1", 6, 85, 85)}, offer));
  EXPECT_FALSE(within({ts("0.0.0.0/0")}, offer));
  EXPECT_FALSE(within({ts("10.1.0.0/24"), ts("10.3.0.0/24")}, offer));
  EXPECT_FALSE(within({ts("10.2.0.0/24")}, offer));
  EXPECT_FALSE(within({ts("10.2.0.0/24", 6)}, offer));
  EXPECT_FALSE(within({ts("10.2.0.0/24", 6, 80, 91)}, offer));
  EXPECT_FALSE(within({ts("10.1.0.0/23")}, offer));
  EXPECT_FALSE(within({ts("::/0")}, offer));
}

// ---- against brute force, over a universe small enough to look at every packet

// Addresses 10.0.0.0 to .7, protocols 6 and 17, ports 0 and 1 or not visible.
struct Packet {
  uint8_t address;
  uint8_t protocol;
  int port;  // -1: opaque
  friend auto operator<=>(const Packet&, const Packet&) = default;
};

std::vector<Packet> universe() {
  std::vector<Packet> all;
  for (uint8_t address = 0; address < 8; ++address) {
    for (uint8_t protocol : {uint8_t{6}, uint8_t{17}}) {
      for (int port : {-1, 0, 1, 65535}) all.push_back({address, protocol, port});
    }
  }
  return all;
}

IpAddress small(unsigned n) {
  return IpAddress::v4({10, 0, 0, static_cast<uint8_t>(n)});
}

// Written from RFC7296 3.13.1, not from the code.
bool covers(const TrafficSelector& s, const Packet& p) {
  if (small(p.address) < s.first || s.last < small(p.address)) return false;
  if (s.protocol != 0 && s.protocol != p.protocol) return false;
  const bool any = s.first_port == 0 && s.last_port == 65535;
  const bool opaque = s.first_port == 65535 && s.last_port == 0;
  if (p.port < 0) return any || opaque;
  return !opaque && s.first_port <= p.port && p.port <= s.last_port;
}

bool covers(const TrafficSelectors& list, const Packet& p) {
  for (const TrafficSelector& s : list) {
    if (covers(s, p)) return true;
  }
  return false;
}

TrafficSelector random_selector(std::mt19937_64& random) {
  static constexpr std::pair<uint16_t, uint16_t> ports[] = {
      {0, 65535}, {0, 65535}, {0, 0}, {1, 1}, {0, 1}, {1, 65535}, {65535, 0}};
  TrafficSelector s;
  const unsigned a = random() % 8, b = random() % 8;
  s.first = small(std::min(a, b));
  s.last = small(std::max(a, b));
  s.protocol = std::array<uint8_t, 4>{0, 0, 6, 17}[random() % 4];
  std::tie(s.first_port, s.last_port) = ports[random() % std::size(ports)];
  return s;
}

TrafficSelectors random_selectors(std::mt19937_64& random) {
  TrafficSelectors list(1 + random() % 4);
  for (TrafficSelector& s : list) s = random_selector(random);
  return list;
}

TEST(NarrowProperty, IntersectAndContainsSayWhatThePacketsSay) {
  std::mt19937_64 random(1);
  const std::vector<Packet> packets = universe();
  for (int round = 0; round < 20000; ++round) {
    const TrafficSelector a = random_selector(random);
    const TrafficSelector b = random_selector(random);
    const auto both = intersect(a, b);
    EXPECT_EQ(both, intersect(b, a));
    bool inside = true;
    for (const Packet& p : packets) {
      const bool expected = covers(a, p) && covers(b, p);
      ASSERT_EQ(both && covers(*both, p), expected) << to_string(a) << " " << to_string(b);
      inside = inside && (!covers(b, p) || covers(a, p));
    }
    // Nothing says "any protocol but these", so only real containment may claim to be it.
    if (contains(a, b)) {
      EXPECT_TRUE(inside) << to_string(a) << " " << to_string(b);
    }
    EXPECT_TRUE(contains(a, a));
  }
}

bool flow_covers(const FlowPair& flow, const Packet& l, const Packet& r) {
  return covers(flow.local, l) && covers(flow.remote, r);
}

TEST(NarrowProperty, ResultIsWhatBothSidesHave) {  // R105, R109
  size_t nonempty = 0;
  const std::vector<Packet> packets = universe();
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<FlowPair> flows(1 + random() % 3);
    for (FlowPair& f : flows) {
      f = {random_selector(random), random_selector(random)};
      f.remote.protocol = f.local.protocol;
    }
    const TrafficSelectors local = random_selectors(random);
    const TrafficSelectors remote = random_selectors(random);
    const Narrowed result = narrow(flows, local, remote);
    nonempty += result.empty() ? 0 : 1;

    // The payloads lie within the offer and within the policy, selector by selector.
    EXPECT_TRUE(within(result.local, local));
    EXPECT_TRUE(within(result.remote, remote));
    EXPECT_TRUE(within(result.local, local_selectors(flows)));
    EXPECT_TRUE(within(result.remote, remote_selectors(flows)));
    EXPECT_EQ(result.local.empty(), result.pairs.empty());
    EXPECT_EQ(result.remote.empty(), result.pairs.empty());

    // The pairs are the whole of what offer and policy have in common, and nothing else. A packet
    // has one protocol for both of its ends.
    for (const Packet& l : packets) {
      for (const Packet& r : packets) {
        if (l.protocol != r.protocol) continue;
        bool policy = false, agreed = false;
        for (const FlowPair& f : flows) policy = policy || flow_covers(f, l, r);
        for (const FlowPair& f : result.pairs) agreed = agreed || flow_covers(f, l, r);
        ASSERT_EQ(agreed, policy && covers(local, l) && covers(remote, r));
        if (agreed) {
          ASSERT_TRUE(covers(result.local, l) && covers(result.remote, r));
        }
      }
    }
  }
  EXPECT_GT(nonempty, 500U);
}

TEST(NarrowProperty, FirstChoiceIsInTheAnswerWhereThePolicyHasIt) {  // R106
  size_t kept = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    FlowPair policy{random_selector(random), random_selector(random)};
    policy.remote.protocol = policy.local.protocol = 0;
    TrafficSelectors local = random_selectors(random);
    TrafficSelectors remote = random_selectors(random);
    local[0].protocol = remote[0].protocol = 6;
    if (!contains(policy.local, local[0]) || !contains(policy.remote, remote[0])) continue;
    const Narrowed result = narrow({policy}, local, remote);
    ASSERT_FALSE(result.empty());
    EXPECT_TRUE(within({local[0]}, result.local));
    EXPECT_TRUE(within({remote[0]}, result.remote));
    ++kept;
  }
  EXPECT_GT(kept, 20U);
}

TEST(NarrowProperty, NoSelectorOfAnAnswerContainsAnother) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937_64 random(seed);
    const std::vector<FlowPair> flows = {{random_selector(random), random_selector(random)},
                                         {random_selector(random), random_selector(random)}};
    const Narrowed result = narrow(flows, random_selectors(random), random_selectors(random));
    for (const TrafficSelectors& list : {result.local, result.remote}) {
      for (size_t i = 0; i < list.size(); ++i) {
        for (size_t j = 0; j < list.size(); ++j) {
          if (i != j) {
            EXPECT_FALSE(contains(list[i], list[j])) << seed;
          }
        }
      }
    }
    EXPECT_EQ(std::set<FlowPair>(result.pairs.begin(), result.pairs.end()).size(),
              result.pairs.size());
  }
}

// For every combination of a few selectors that differ in all that matters.
TEST(Meets, SaysWhetherNarrowFindsAnything) {
  std::vector<TrafficSelector> some;
  for (const char* prefix : {"10.1.0.0/16", "10.1.2.0/24", "10.9.0.0/24", "2001:db8::/32"}) {
    for (const int protocol : {0, 6, 17}) {
      some.push_back(TrafficSelector::of(*IpPrefix::parse(prefix), static_cast<uint8_t>(protocol)));
    }
  }
  TrafficSelector port = some[1];
  port.first_port = port.last_port = 80;
  some.push_back(port);
  TrafficSelector opaque = some[1];
  opaque.first_port = 65535;
  opaque.last_port = 0;
  some.push_back(opaque);
  size_t met = 0;
  for (const TrafficSelector& flow_local : some) {
    for (const TrafficSelector& flow_remote : some) {
      for (size_t l = 0; l + 1 < some.size(); ++l) {
        for (size_t r = 0; r + 1 < some.size(); ++r) {
          const std::vector<FlowPair> flows = {{flow_local, flow_remote}};
          const TrafficSelectors local = {some[l], some[l + 1]};
          const TrafficSelectors remote = {some[r], some[r + 1]};
          const bool expected = !narrow(flows, local, remote).empty();
          ASSERT_EQ(meets(flows, local, remote), expected)
              << to_string(flow_local) << " " << to_string(flow_remote) << " with "
              << to_string(local) << " and " << to_string(remote);
          met += expected ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(met, 1000U);
  EXPECT_FALSE(meets({}, {some[0]}, {some[0]}));
  EXPECT_FALSE(meets({{some[0], some[0]}}, {}, {some[0]}));
}

}  // namespace
}  // namespace iked::ike
