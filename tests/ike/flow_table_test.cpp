// SPDX-License-Identifier: ISC
#include "ike/flow_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

namespace iked::ike {
namespace {

TrafficSelector net(unsigned n) {
  return TrafficSelector::of(*IpPrefix::parse(fmt::format("10.{}.0.0/16", n)));
}

FlowPair flow(unsigned local, unsigned remote) {
  return {net(local), net(remote)};
}

FlowUse use(std::vector<FlowPair> pairs, std::string_view remote = "192.0.2.2") {
  FlowUse u;
  u.pairs = std::move(pairs);
  u.local = *IpAddress::parse("192.0.2.1");
  u.remote = *IpAddress::parse(remote);
  return u;
}

FlowOwner owner(uint64_t policy, std::string_view id) {
  return {PolicyId{policy}, *Identity::parse(id),
          fmt::format("policy \"{}\", peer FQDN/{} at 192.0.2.2:500", policy, id)};
}

const FlowOwner b = owner(1, "b.example.com");

FlowTable::Claim claim(FlowTable& table, FlowUse u, const FlowOwner& who) {
  auto result = table.claim(std::move(u), who);
  EXPECT_TRUE(result) << result.error().text;
  return std::move(*result);
}

TEST(KernelPolicies, TunnelModeHasThreePerPair) {
  const auto list = kernel_policies(use({flow(1, 2)}), Reqid{7});
  ASSERT_EQ(list.size(), 3U);
  const KernelPolicy &out = list[0], &in = list[1], &fwd = list[2];
  EXPECT_EQ(out.direction, PolicyDirection::out);
  EXPECT_EQ(out.source, net(1));
  EXPECT_EQ(out.destination, net(2));
  EXPECT_EQ(out.tunnel_source, *IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(out.tunnel_destination, *IpAddress::parse("192.0.2.2"));
  EXPECT_EQ(out.reqid, Reqid{7});
  EXPECT_EQ(in.direction, PolicyDirection::in);
  EXPECT_EQ(fwd.direction, PolicyDirection::fwd);
  for (const KernelPolicy& policy : {in, fwd}) {
    EXPECT_EQ(policy.source, net(2));
    EXPECT_EQ(policy.destination, net(1));
    EXPECT_EQ(policy.tunnel_source, *IpAddress::parse("192.0.2.2"));
    EXPECT_EQ(policy.tunnel_destination, *IpAddress::parse("192.0.2.1"));
  }
}

TEST(KernelPolicies, TransportModeForwardsNothing) {
  FlowUse u = use({flow(1, 2), flow(3, 4)});
  u.mode = Mode::transport;
  u.protocol = ProtocolId::AH;
  const auto list = kernel_policies(u, Reqid{7});
  ASSERT_EQ(list.size(), 4U);
  for (const KernelPolicy& policy : list) {
    EXPECT_NE(policy.direction, PolicyDirection::fwd);
    EXPECT_EQ(policy.mode, Mode::transport);
    EXPECT_EQ(policy.protocol, ProtocolId::AH);
  }
}

TEST(FlowTable, SharesAreInstalledOnceAndRemovedWithTheLast) {
  FlowTable table;
  const auto first = claim(table, use({flow(1, 2), flow(1, 3)}), b);
  EXPECT_EQ(first.reqid, kFirstReqid);
  EXPECT_EQ(first.install.size(), 6U);
  EXPECT_TRUE(first.replaced.empty());
  // The order of the pairs is no difference, nor is saying one twice.
  const auto second = claim(table, use({flow(1, 3), flow(1, 2), flow(1, 3)}), b);
  EXPECT_EQ(second.reqid, first.reqid);
  EXPECT_TRUE(second.install.empty());
  EXPECT_TRUE(second.replaced.empty());
  EXPECT_TRUE(table.release(first.reqid).empty());
  ASSERT_NE(table.owner(first.reqid), nullptr);
  EXPECT_EQ(table.owner(first.reqid)->policy, PolicyId{1});
  const auto gone = table.release(first.reqid);
  ASSERT_EQ(gone.size(), 6U);
  for (const KernelPolicy& policy : gone) EXPECT_EQ(policy.reqid, first.reqid);
  EXPECT_EQ(table.owner(first.reqid), nullptr);
  EXPECT_TRUE(table.release(first.reqid).empty()) << "it is gone already";
}

TEST(FlowTable, AnotherOwnerIsRefusedAndTold) {
  FlowTable table;
  claim(table, use({flow(1, 2)}), b);
  const auto text =
      "the flow 10.1.0.0/16 - 10.2.0.0/16 belongs to policy \"1\", peer FQDN/b.example.com at "
      "192.0.2.2:500 already; two peers cannot have the same flow: give each its own addresses, "
      "or end the other tunnel";
  // Another peer, another policy, another of both; the same use or more.
  for (const FlowOwner& other : {owner(1, "c.example.com"), owner(2, "b.example.com")}) {
    EXPECT_EQ(table.claim(use({flow(1, 2)}), other).error().text, text);
    EXPECT_EQ(table.claim(use({flow(5, 6), flow(1, 2)}, "192.0.2.9"), other).error().text, text);
  }
  // A refusal leaves nothing behind: the other pair is still to be had.
  EXPECT_TRUE(table.claim(use({flow(5, 6)}), owner(2, "c.example.com")));
}

TEST(FlowTable, RefusedFlowIsToBeHadWhenItsOwnerIsGone) {
  FlowTable table;
  const auto first = claim(table, use({flow(1, 2)}), b);
  EXPECT_FALSE(table.claim(use({flow(1, 2)}), owner(1, "c.example.com")));
  table.release(first.reqid);
  EXPECT_TRUE(table.claim(use({flow(1, 2)}), owner(1, "c.example.com")));
}

TEST(FlowTable, ThePeerMayComeBackFromElsewhere) {
  FlowTable table;
  const auto old = claim(table, use({flow(1, 2)}), b);
  const auto moved = claim(table, use({flow(1, 2)}, "198.51.100.7"), b);
  EXPECT_NE(moved.reqid, old.reqid);
  EXPECT_EQ(moved.install.size(), 3U);
  ASSERT_EQ(moved.replaced.size(), 3U);
  for (const KernelPolicy& policy : moved.replaced) EXPECT_EQ(policy.reqid, old.reqid);
  EXPECT_EQ(moved.replaced[0].tunnel_destination, *IpAddress::parse("192.0.2.2"));
  // What was taken over is not removed a second time, in whichever order they end.
  EXPECT_TRUE(table.release(old.reqid).empty());
  EXPECT_EQ(table.release(moved.reqid).size(), 3U);
}

TEST(FlowTable, NewOneMayEndBeforeTheOld) {
  FlowTable table;
  const auto old = claim(table, use({flow(1, 2)}), b);
  const auto moved = claim(table, use({flow(1, 2)}, "198.51.100.7"), b);
  EXPECT_EQ(table.release(moved.reqid).size(), 3U);
  EXPECT_TRUE(table.release(old.reqid).empty());
  const auto again = claim(table, use({flow(1, 2)}), b);
  EXPECT_TRUE(again.replaced.empty());
}

// Only what the new claim has is taken over: the old child keeps its other flows.
TEST(FlowTable, FlowsThatNobodyElseTookStay) {
  FlowTable table;
  const auto wide = claim(table, use({flow(1, 2), flow(1, 3)}), b);
  const auto narrow = claim(table, use({flow(1, 2)}), b);
  ASSERT_EQ(narrow.replaced.size(), 3U);
  EXPECT_EQ(narrow.replaced[0].destination, net(2));
  // It is not whole any more: whoever wants all of it must install it.
  const auto again = claim(table, use({flow(1, 2), flow(1, 3)}), b);
  EXPECT_NE(again.reqid, wide.reqid);
  EXPECT_EQ(again.install.size(), 6U);
  EXPECT_EQ(again.replaced.size(), 6U);
  EXPECT_TRUE(table.release(wide.reqid).empty());
  EXPECT_TRUE(table.release(narrow.reqid).empty());
  EXPECT_EQ(table.release(again.reqid).size(), 6U);
}

// The kernel refused: those who had the flows before have them again, whole.
TEST(FlowTable, UndoneClaimGivesBackWhatItTook) {
  FlowTable table;
  const auto wide = claim(table, use({flow(1, 2), flow(1, 3)}), b);
  const auto single = claim(table, use({flow(1, 4)}), b);
  const auto moved = claim(table, use({flow(1, 2), flow(1, 4), flow(1, 5)}, "198.51.100.7"), b);
  ASSERT_EQ(moved.replaced.size(), 6U);
  table.undo(moved);
  // Shared again, so nothing to install; the flow that nobody had is free.
  const auto shared = claim(table, use({flow(1, 2), flow(1, 3)}), b);
  EXPECT_EQ(shared.reqid, wide.reqid);
  EXPECT_TRUE(shared.install.empty());
  EXPECT_TRUE(table.claim(use({flow(1, 5)}), owner(1, "c.example.com")));
  EXPECT_TRUE(table.release(wide.reqid).empty());
  EXPECT_EQ(table.release(wide.reqid).size(), 6U);
  EXPECT_EQ(table.release(single.reqid).size(), 3U);
}

TEST(FlowTable, UndoneShareLeavesTheOther) {
  FlowTable table;
  const auto first = claim(table, use({flow(1, 2)}), b);
  table.undo(claim(table, use({flow(1, 2)}), b));
  EXPECT_EQ(table.release(first.reqid).size(), 3U);
}

TEST(FlowTable, LeftoverFlowsGoWithTheirChild) {
  FlowTable table;
  const auto wide = claim(table, use({flow(1, 2), flow(1, 3)}), b);
  claim(table, use({flow(1, 2)}), b);
  const auto gone = table.release(wide.reqid);
  ASSERT_EQ(gone.size(), 3U);
  EXPECT_EQ(gone[0].destination, net(3));
}

TEST(FlowTable, ModeAndProtocolMakeAnotherUse) {
  FlowTable table;
  const auto esp = claim(table, use({flow(1, 2)}), b);
  FlowUse transport = use({flow(1, 2)});
  transport.mode = Mode::transport;
  const auto other = claim(table, transport, b);
  EXPECT_NE(other.reqid, esp.reqid);
  EXPECT_EQ(other.replaced.size(), 3U);
  EXPECT_EQ(other.install.size(), 2U);
}

TEST(FlowTable, ReqidsAreReusedOnlyAfterTheRelease) {
  FlowTable table(Reqid{10}, Reqid{12});
  std::vector<Reqid> taken;
  for (unsigned i = 0; i < 3; ++i) taken.push_back(claim(table, use({flow(1, 10 + i)}), b).reqid);
  EXPECT_EQ(taken, (std::vector<Reqid>{Reqid{10}, Reqid{11}, Reqid{12}}));
  EXPECT_EQ(table.claim(use({flow(1, 99)}), b).error().text, "all reqids are in use");
  // Sharing needs none.
  EXPECT_EQ(claim(table, use({flow(1, 11)}), b).reqid, Reqid{11});
  table.release(Reqid{11});
  EXPECT_FALSE(table.claim(use({flow(1, 99)}), b));
  table.release(Reqid{11});
  EXPECT_EQ(claim(table, use({flow(1, 99)}), b).reqid, Reqid{11});
}

TEST(FlowTable, ReqidsGoRoundBeforeOneComesAgain) {
  FlowTable table(Reqid{10}, Reqid{13});
  std::vector<uint32_t> seen;
  for (unsigned i = 0; i < 9; ++i) {
    const Reqid reqid = claim(table, use({flow(1, 2)}), b).reqid;
    seen.push_back(reqid.value);
    table.release(reqid);
  }
  EXPECT_EQ(seen, (std::vector<uint32_t>{10, 11, 12, 13, 10, 11, 12, 13, 10}));
}

TEST(FlowTable, ReqidsAreOurs) {
  FlowTable table;
  for (unsigned i = 0; i < 200; ++i) {
    EXPECT_TRUE(is_own(claim(table, use({flow(1, i)}), b).reqid));
  }
}

// ---- against a kernel that only knows which policies it has

using Key = std::tuple<PolicyDirection, TrafficSelector, TrafficSelector>;

// A policy that is there twice, or removed without being there, is what the real kernel refuses.
class StrictKernel {
 public:
  void install(const std::vector<KernelPolicy>& policies) {
    for (const KernelPolicy& p : policies) {
      EXPECT_TRUE(policies_.emplace(key(p), p.reqid).second) << "installed twice";
    }
  }
  void remove(const std::vector<KernelPolicy>& policies) {
    for (const KernelPolicy& p : policies) {
      const auto found = policies_.find(key(p));
      ASSERT_NE(found, policies_.end()) << "removed twice";
      EXPECT_EQ(found->second, p.reqid) << "somebody else's";
      policies_.erase(found);
    }
  }
  size_t size() const { return policies_.size(); }
  bool has(const FlowPair& pair) const {
    return policies_.contains({PolicyDirection::out, pair.local, pair.remote});
  }

 private:
  static Key key(const KernelPolicy& p) { return {p.direction, p.source, p.destination}; }
  std::map<Key, Reqid> policies_;
};

TEST(FlowTableProperty, TheKernelAlwaysHasOneOwnersPolicyPerFlow) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    FlowTable table(Reqid{100}, Reqid{140});
    StrictKernel kernel;
    std::vector<std::pair<Reqid, std::vector<FlowPair>>> children;
    for (int step = 0; step < 200; ++step) {
      if (children.size() < 30 && random() % 2 == 0) {
        std::vector<FlowPair> pairs(1 + random() % 3);
        const auto who = static_cast<unsigned>(random() % 3);
        // Two owners have flows of their own, and one that they fight for.
        for (FlowPair& pair : pairs) {
          pair = flow(1, random() % 8 == 0 ? 200 : who * 10 + static_cast<unsigned>(random() % 4));
        }
        const auto made = table.claim(use(pairs, random() % 3 == 0 ? "198.51.100.1" : "192.0.2.2"),
                                      owner(who, "x.example.com"));
        if (!made) continue;
        if (random() % 4 == 0) {
          table.undo(*made);
          continue;
        }
        kernel.remove(made->replaced);
        kernel.install(made->install);
        for (const FlowPair& pair : pairs) EXPECT_TRUE(kernel.has(pair));
        children.emplace_back(made->reqid, pairs);
      } else if (!children.empty()) {
        const size_t i = random() % children.size();
        kernel.remove(table.release(children[i].first));
        children.erase(children.begin() + static_cast<ptrdiff_t>(i));
      }
    }
    for (const auto& [reqid, pairs] : children) kernel.remove(table.release(reqid));
    EXPECT_EQ(kernel.size(), 0U);
  }
}

// ---- what a process that was killed left behind

FlowTable::FindLeftBehind find_as(Reqid reqid, int* asked = nullptr) {
  return [=](const std::vector<KernelPolicy>&) -> std::optional<Reqid> {
    if (asked != nullptr) ++*asked;
    return reqid;
  };
}

TEST(FlowTable, ReqidsLeftBehindGoToWhoFindsThemOnly) {
  FlowTable table(Reqid{10}, Reqid{20});
  table.reserve({Reqid{10}, Reqid{12}});
  EXPECT_EQ(claim(table, use({flow(1, 2)}), b).reqid, Reqid{11});
  EXPECT_EQ(claim(table, use({flow(1, 3)}), b).reqid, Reqid{13});
  const auto found = table.claim(use({flow(1, 4)}), b, find_as(Reqid{12}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reqid, Reqid{12});
  EXPECT_TRUE(found->left_behind);
  EXPECT_TRUE(found->install.empty()) << "they are in the kernel";
  // From then on they are like any others.
  const auto shared = claim(table, use({flow(1, 4)}), b);
  EXPECT_EQ(shared.reqid, Reqid{12});
  EXPECT_FALSE(shared.left_behind);
  EXPECT_TRUE(table.release(Reqid{12}).empty());
  EXPECT_EQ(table.release(Reqid{12}).size(), 3U);
}

TEST(FlowTable, NothingIsTakenOverForFlowsThatAreInUse) {
  FlowTable table(Reqid{10}, Reqid{20});
  int asked = 0;
  claim(table, use({flow(1, 2)}), b);
  // The same owner's flows with another company, and another owner's.
  const auto own = table.claim(use({flow(1, 2), flow(1, 3)}), b, find_as(Reqid{15}, &asked));
  ASSERT_TRUE(own);
  EXPECT_FALSE(own->left_behind);
  EXPECT_FALSE(
      table.claim(use({flow(1, 2)}), owner(2, "c.example.com"), find_as(Reqid{15}, &asked)));
  EXPECT_EQ(asked, 0);
}

TEST(FlowTable, AFailedTakeOverCanBeTriedAgain) {
  FlowTable table(Reqid{10}, Reqid{20});
  table.reserve({Reqid{12}});
  const auto failed = table.claim(use({flow(1, 2)}), b, find_as(Reqid{12}));
  ASSERT_TRUE(failed);
  table.undo(*failed);
  const auto again = table.claim(use({flow(1, 2)}), b, find_as(Reqid{12}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->reqid, Reqid{12});
  // Of one set of policies there is one owner.
  EXPECT_NE(table.claim(use({flow(1, 3)}), b, find_as(Reqid{12}))->reqid, Reqid{12});
}

}  // namespace
}  // namespace iked::ike
