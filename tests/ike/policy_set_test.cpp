// SPDX-License-Identifier: ISC
#include "ike/policy_set.h"

#include <gtest/gtest.h>

#include <random>

#include "support/pair.h"

namespace iked::ike {
namespace {

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

const AddressPair from_peer{ip("192.0.2.1"), ip("192.0.2.2")};
const Identity peer_id = *Identity::parse("b.example.com");

// One that fits `from_peer` and `peer_id`.
Policy policy(std::string name, Precedence precedence = Precedence::normal) {
  Policy p = test::psk_policy(std::move(name), "192.0.2.1", "192.0.2.2", "10.1.0.0/24",
                              "10.2.0.0/24", "a.example.com", "b.example.com");
  p.precedence = precedence;
  return p;
}

Policy with(Policy p, const std::function<void(Policy&)>& change) {
  change(p);
  return p;
}

class PolicySetTest : public testing::Test {
 protected:
  PolicySet::Changes load(std::vector<Policy> policies) {
    uint32_t line = 1;
    for (Policy& p : policies) p.where = {0, line++, 1};
    return set.replace(test::config_of(std::move(policies)));
  }
  template <typename Entry>
  static std::vector<std::string> names(const std::vector<Entry*>& entries) {
    std::vector<std::string> list;
    for (const Entry* entry : entries) list.push_back(entry->policy.name);
    return list;
  }
  std::vector<std::string> candidates(const AddressPair& at = from_peer,
                                      const Identity& id = peer_id) {
    return names(set.for_identity(at, id));
  }
  std::vector<std::string> first(const AddressPair& at = from_peer) {
    return names(set.for_first_message(at));
  }
  PolicyEntry& entry(const std::string& name) {
    for (PolicyEntry* e : set.in_order()) {
      if (e->policy.name == name) return *e;
    }
    throw std::runtime_error(name);
  }
  PolicySet set;
};

using Names = std::vector<std::string>;

// ---- order of choice

TEST_F(PolicySetTest, LastMatchIsAskedFirst) {
  load({policy("one"), policy("two"), policy("three")});
  EXPECT_EQ(candidates(), (Names{"three", "two", "one"}));
}

TEST_F(PolicySetTest, QuickEndsTheSearchAtOnce) {
  load({policy("one"), policy("quick two", Precedence::quick_one), policy("three"),
        policy("quick four", Precedence::quick_one)});
  EXPECT_EQ(candidates(), (Names{"quick two", "quick four", "three", "one"}));
}

TEST_F(PolicySetTest, DefaultIsAskedLast) {
  load({policy("default one", Precedence::fallback), policy("two"),
        policy("default three", Precedence::fallback), policy("four")});
  EXPECT_EQ(candidates(), (Names{"four", "two", "default three", "default one"}));
}

TEST_F(PolicySetTest, SkippedPoliciesAreNeverChosen) {
  load({policy("skip", Precedence::skip), policy("one")});
  EXPECT_EQ(candidates(), Names{"one"});
  EXPECT_EQ(first(), Names{"one"});
  EXPECT_EQ(set.in_order().size(), 2U) << "but they are shown";
}

// The walk of iked.conf(5), written down as a walk.
TEST_F(PolicySetTest, TheFirstCandidateIsWhereTheWalkEnds) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<Policy> policies;
    for (size_t i = 0; i < 1 + random() % 8; ++i) {
      Policy p = policy(std::to_string(i), static_cast<Precedence>(random() % 4));
      if (random() % 3 == 0) p.peer = *IpPrefix::parse("198.51.100.1");
      if (random() % 3 == 0) p.peer = AnyHost{};
      if (random() % 4 == 0) p.peer_id = *Identity::parse("c.example.com");
      if (random() % 4 == 0) p.peer_id.reset();
      if (random() % 4 == 0) p.local = *IpPrefix::parse("192.0.2.99");
      policies.push_back(std::move(p));
    }
    std::optional<std::string> expected, fallback;
    for (const Policy& p : policies) {
      const auto* peer = std::get_if<IpPrefix>(&p.peer);
      const auto* local = std::get_if<IpPrefix>(&p.local);
      if (p.precedence == Precedence::skip) continue;
      if (peer != nullptr && !peer->contains(from_peer.remote)) continue;
      if (local != nullptr && !local->contains(from_peer.local)) continue;
      if (p.peer_id && *p.peer_id != peer_id) continue;
      (p.precedence == Precedence::fallback ? fallback : expected) = p.name;
      if (p.precedence == Precedence::quick_one) break;
    }
    if (!expected) expected = fallback;
    load(policies);
    const auto found = candidates();
    EXPECT_EQ(found.empty() ? std::nullopt : std::optional(found.front()), expected);
  }
}

// ---- what is matched

TEST_F(PolicySetTest, PeersMatchByPrefix) {
  load({with(policy("any"), [](Policy& p) { p.peer = AnyHost{}; }),
        with(policy("host"), [](Policy& p) { p.peer = *IpPrefix::parse("192.0.2.2"); }),
        with(policy("net"), [](Policy& p) { p.peer = *IpPrefix::parse("192.0.2.0/24"); }),
        with(policy("v6"), [](Policy& p) {
          p.peer = *IpPrefix::parse("2001:db8::/32");
          p.local = AnyHost{};
        })});
  EXPECT_EQ(candidates(), (Names{"net", "host", "any"}));
  EXPECT_EQ(candidates({ip("192.0.2.1"), ip("192.0.2.3")}), (Names{"net", "any"}));
  EXPECT_EQ(candidates({ip("192.0.2.1"), ip("198.51.100.1")}), Names{"any"});
  EXPECT_EQ(candidates({ip("2001:db8::1"), ip("2001:db8:ffff::2")}), Names{"v6"});
  EXPECT_TRUE(candidates({ip("2001:db8::1"), ip("2001:db9::2")}).empty());
}

TEST_F(PolicySetTest, AnyMeansBothFamiliesUnlessSaidOtherwise) {
  const auto any = [](std::string name, std::optional<Family> family) {
    return with(policy(std::move(name)), [family](Policy& p) {
      p.peer = p.local = AnyHost{};
      p.family = family;
    });
  };
  load({any("both", std::nullopt), any("inet", Family::v4), any("inet6", Family::v6)});
  EXPECT_EQ(candidates(), (Names{"inet", "both"}));
  EXPECT_EQ(candidates({ip("2001:db8::1"), ip("2001:db8::2")}), (Names{"inet6", "both"}));
}

TEST_F(PolicySetTest, OurAddressMatchesToo) {
  load({with(policy("other"), [](Policy& p) { p.local = *IpPrefix::parse("192.0.2.9"); }),
        with(policy("net"), [](Policy& p) { p.local = *IpPrefix::parse("192.0.2.0/24"); })});
  EXPECT_EQ(candidates(), Names{"net"});
  EXPECT_EQ(first(), Names{"net"});
}

TEST_F(PolicySetTest, IdentityHasToBeTheOneThatIsNamed) {
  load({policy("b"),
        with(policy("c"), [](Policy& p) { p.peer_id = *Identity::parse("c.example.com"); }),
        with(policy("whoever"), [](Policy& p) { p.peer_id.reset(); })});
  EXPECT_EQ(candidates(), (Names{"whoever", "b"}));
  EXPECT_EQ(candidates(from_peer, *Identity::parse("c.example.com")), (Names{"whoever", "c"}));
  EXPECT_EQ(candidates(from_peer, *Identity::parse("d.example.com")), Names{"whoever"});
  // The type counts.
  EXPECT_EQ(candidates(from_peer, Identity{IdType::KEY_ID, peer_id.octets}), Names{"whoever"});
}

TEST_F(PolicySetTest, PolicyThatWeCannotAuthenticateIsKeptButNotChosen) {
  load({policy("key"),
        with(policy("password", Precedence::quick_one), [](Policy& p) { p.auth = EapAuth{}; })});
  EXPECT_EQ(set.in_order().size(), 2u);
  EXPECT_EQ(candidates(), Names{"key"});
  EXPECT_EQ(first(), Names{"key"});
}

TEST_F(PolicySetTest, FlowsHaveTheAddressesThatThePeerKnows) {
  load({with(policy("nat"),
             [](Policy& p) { p.flows[0].nat_source = *IpPrefix::parse("192.168.1.0/24"); })});
  ASSERT_EQ(entry("nat").flows.size(), 1u);
  EXPECT_EQ(entry("nat").flows[0].local.first, *IpAddress::parse("10.1.0.0"));
}

TEST_F(PolicySetTest, OneStandsForAllThatTheFirstMessageCannotTellApart) {
  load({policy("b"),
        with(policy("c"), [](Policy& p) { p.peer_id = *Identity::parse("c.example.com"); }),
        with(policy("other ikesa"), [](Policy& p) { p.ike_proposals[0].ke = {KeId::MODP_4096}; }),
        with(policy("other local"), [](Policy& p) { p.local = AnyHost{}; })});
  EXPECT_EQ(first(), (Names{"other local", "other ikesa", "c"}));
}

TEST_F(PolicySetTest, TheOneThatStandsIsTheFirstInTheOrderOfChoice) {
  load({policy("one"), policy("two"), policy("quick", Precedence::quick_one), policy("four"),
        policy("default", Precedence::fallback)});
  EXPECT_EQ(first(), Names{"quick"});
  load({policy("default", Precedence::fallback), policy("one"), policy("two")});
  EXPECT_EQ(first(), Names{"two"});
}

// ---- reload

TEST_F(PolicySetTest, EqualPoliciesKeepTheirEntries) {
  load({policy("one"), policy("two")});
  PolicyEntry* one = &entry("one");
  const PolicyId id = one->id;
  const auto changes =
      load({with(policy("zero"), [](Policy& p) { p.child_lifetime = std::chrono::seconds(2); }),
            policy("one"),
            with(policy("two"), [](Policy& p) { p.child_lifetime = std::chrono::seconds(1); })});
  EXPECT_EQ(changes.kept, 1U);
  EXPECT_EQ(changes.added.size(), 2U);
  EXPECT_EQ(changes.removed.size(), 1U);
  EXPECT_EQ(&entry("one"), one);
  EXPECT_EQ(one->id, id);
  EXPECT_EQ(one->written_at, "iked.conf:2");
  EXPECT_EQ(set.find(changes.removed[0]), nullptr);
  EXPECT_EQ(candidates(), (Names{"two", "one", "zero"}));
}

TEST_F(PolicySetTest, IdsAreNeverUsedAgain) {
  std::set<PolicyId> seen;
  for (uint16_t i = 0; i < 50; ++i) {
    const auto changes = load({with(policy("one"), [i](Policy& p) { p.flows[0].local.port = i; })});
    for (PolicyId id : changes.added) EXPECT_TRUE(seen.insert(id).second);
  }
  EXPECT_EQ(seen.size(), 50U);
}

TEST_F(PolicySetTest, MovingAPolicyChangesItsRankOnly) {
  load({policy("one"), policy("two")});
  const PolicyId one = entry("one").id;
  const auto changes = load({policy("two"), policy("one")});
  EXPECT_EQ(changes.kept, 2U);
  EXPECT_TRUE(changes.added.empty());
  EXPECT_TRUE(changes.removed.empty());
  EXPECT_EQ(entry("one").id, one);
  EXPECT_EQ(candidates(), (Names{"one", "two"}));
  EXPECT_EQ(names(set.in_order()), (Names{"two", "one"}));
}

// A line more at the top of the file gives every unnamed policy below it another number.
TEST_F(PolicySetTest, RenamedPoliciesKeepTheirEntries) {
  const auto numbered = [](unsigned number, unsigned net) {
    return with(policy(fmt::format("policy{}", number)), [net](Policy& p) {
      p.flows[0].remote.host = *IpPrefix::parse(fmt::format("10.{}.0.0/16", net));
    });
  };
  load({numbered(1, 11), numbered(2, 12), numbered(3, 13)});
  std::map<std::string, PolicyId> before;
  for (const PolicyEntry* e : set.in_order()) before[to_string(e->flows[0].remote)] = e->id;
  const auto changes = load({numbered(1, 10), numbered(2, 11), numbered(3, 12), numbered(4, 13)});
  EXPECT_EQ(changes.kept, 3U);
  EXPECT_EQ(changes.added.size(), 1U);
  EXPECT_TRUE(changes.removed.empty());
  for (const PolicyEntry* e : set.in_order()) {
    const auto found = before.find(to_string(e->flows[0].remote));
    if (found != before.end()) {
      EXPECT_EQ(e->id, found->second);
    }
  }
  EXPECT_EQ(names(set.in_order()), (Names{"policy1", "policy2", "policy3", "policy4"}));
}

TEST_F(PolicySetTest, ANameIsKeptBeforeALook) {
  load({policy("one"), policy("two")});
  const PolicyId two = entry("two").id;
  const auto changes = load({policy("two"), policy("three")});
  EXPECT_EQ(changes.kept, 2U);
  EXPECT_EQ(entry("two").id, two);
}

TEST_F(PolicySetTest, DuplicatesAreAsManyAsThereAre) {
  load({policy("one"), policy("one")});
  EXPECT_EQ(candidates(), (Names{"one", "one"}));
  auto changes = load({policy("one"), policy("one"), policy("one")});
  EXPECT_EQ(changes.kept, 2U);
  EXPECT_EQ(changes.added.size(), 1U);
  changes = load({policy("one")});
  EXPECT_EQ(changes.kept, 1U);
  EXPECT_EQ(changes.removed.size(), 2U);
  EXPECT_EQ(candidates(), Names{"one"});
}

TEST_F(PolicySetTest, RetiredEntriesStayUntilTheirLastUserGoes) {
  load({policy("one")});
  PolicyEntry& one = entry("one");
  const PolicyId id = one.id;
  set.add_user(one);
  set.add_user(one);
  const auto changes = load({});
  EXPECT_EQ(changes.removed, std::vector<PolicyId>{id});
  ASSERT_NE(set.find(id), nullptr);
  EXPECT_TRUE(set.find(id)->retired);
  EXPECT_TRUE(candidates().empty()) << "nobody new";
  EXPECT_TRUE(set.in_order().empty());
  set.drop_user(id);
  ASSERT_NE(set.find(id), nullptr);
  set.drop_user(id);
  EXPECT_EQ(set.find(id), nullptr);
  set.drop_user(id);  // nothing to drop any more, and no harm
}

TEST_F(PolicySetTest, APolicyThatComesBackIsANewOne) {
  load({policy("one")});
  const PolicyId old = entry("one").id;
  set.add_user(entry("one"));
  load({});
  load({policy("one")});
  EXPECT_NE(entry("one").id, old);
  EXPECT_TRUE(set.find(old)->retired);
  EXPECT_FALSE(entry("one").retired);
  set.drop_user(old);
  EXPECT_EQ(candidates(), Names{"one"});
}

TEST_F(PolicySetTest, UsersAreCounted) {
  load({policy("one")});
  EXPECT_DEATH(set.drop_user(entry("one").id), "internal error");
}

// ---- names

Policy named(std::string name, std::string peer, std::optional<uint8_t> length = std::nullopt) {
  Policy p = policy(std::move(name));
  p.peer = HostName{std::move(peer), length};
  return p;
}

std::vector<IpPrefix> prefixes(const std::vector<std::string_view>& texts) {
  std::vector<IpPrefix> list;
  for (std::string_view text : texts) list.push_back(*IpPrefix::parse(text));
  return list;
}

TEST_F(PolicySetTest, NamesAreToldOnceEach) {
  Policy p = named("one", "gw.example.com");
  EXPECT_EQ(PolicySet::names_in(policy("numbers")), Names{});
  p.local = HostName{"eth0", std::nullopt};
  p.flows.push_back(
      {{HostName{"eth1", std::nullopt}, 0}, {HostName{"gw.example.com", uint8_t{24}}, 0}});
  EXPECT_EQ(PolicySet::names_in(p), (Names{"gw.example.com", "eth0", "eth1"}));
}

TEST_F(PolicySetTest, APolicyWithNamesWaitsForThem) {
  load({named("one", "gw.example.com")});
  EXPECT_FALSE(entry("one").resolved);
  EXPECT_TRUE(candidates().empty());
  EXPECT_TRUE(
      set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.2", "192.0.2.7"})}}));
  EXPECT_EQ(candidates(), Names{"one"});
  EXPECT_EQ(candidates({ip("192.0.2.1"), ip("192.0.2.7")}), Names{"one"});
  // The name moves.
  EXPECT_TRUE(set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.8"})}}));
  EXPECT_TRUE(candidates().empty());
  EXPECT_EQ(candidates({ip("192.0.2.1"), ip("192.0.2.8")}), Names{"one"});
}

TEST_F(PolicySetTest, WhatWasLookedUpSurvivesAReload) {
  load({named("one", "gw.example.com")});
  set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.2"})}});
  load({policy("zero"), named("one", "gw.example.com")});
  EXPECT_EQ(candidates(), (Names{"one", "zero"}));
}

TEST_F(PolicySetTest, NamesWithALengthBecomeNetworks) {
  load({named("one", "gw.example.com", uint8_t{24})});
  set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.77"})}});
  EXPECT_EQ(entry("one").peers, prefixes({"192.0.2.0/24"}));
  EXPECT_EQ(candidates(), Names{"one"});
}

TEST_F(PolicySetTest, WhatIsNotFoundLeavesThePolicyOut) {
  load({named("one", "gw.example.com")});
  EXPECT_FALSE(set.resolve(entry("one"), {}));
  EXPECT_FALSE(set.resolve(entry("one"), {{"other.example.com", prefixes({"192.0.2.2"})}}));
  EXPECT_TRUE(candidates().empty());
  // It was there, and is gone.
  EXPECT_TRUE(set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.2"})}}));
  EXPECT_FALSE(candidates().empty());
  EXPECT_FALSE(set.resolve(entry("one"), {}));
  EXPECT_TRUE(candidates().empty());
}

// An interface without address must not turn "on this address" into "on any".
TEST_F(PolicySetTest, AnUnknownLocalNameIsNotAny) {
  load({with(policy("one"), [](Policy& p) { p.local = HostName{"eth9", std::nullopt}; })});
  EXPECT_FALSE(set.resolve(entry("one"), {}));
  EXPECT_TRUE(candidates().empty());
  EXPECT_TRUE(set.resolve(entry("one"), {{"eth9", prefixes({"192.0.2.1"})}}));
  EXPECT_EQ(candidates(), Names{"one"});
  EXPECT_TRUE(candidates({ip("192.0.2.3"), ip("192.0.2.2")}).empty());
}

TEST_F(PolicySetTest, FamilyChoosesAmongTheAddresses) {
  Policy p = named("one", "gw.example.com");
  p.local = AnyHost{};
  p.family = Family::v6;
  load({p});
  EXPECT_TRUE(
      set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.2", "2001:db8::2"})}}));
  EXPECT_EQ(entry("one").peers, prefixes({"2001:db8::2"}));
  EXPECT_FALSE(set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.2"})}}));
}

TEST_F(PolicySetTest, APeerWithTwoMatchingAddressesIsOneCandidate) {
  load({named("one", "gw.example.com")});
  set.resolve(entry("one"), {{"gw.example.com", prefixes({"192.0.2.2", "192.0.2.0/24"})}});
  EXPECT_EQ(candidates(), Names{"one"});
  EXPECT_EQ(first(), Names{"one"});
}

// ---- flows

TEST_F(PolicySetTest, FlowsAreAllPairsOfOneFamily) {
  Policy p = policy("one");
  p.flows = {{{HostName{"lan", std::nullopt}, 0}, {AnyHost{}, 0}}};
  load({p});
  set.resolve(entry("one"), {{"lan", prefixes({"10.1.0.0/24", "10.2.0.0/24", "2001:db8::/48"})}});
  Names texts;
  for (const FlowPair& pair : entry("one").flows) {
    texts.push_back(to_string(pair.local) + " " + to_string(pair.remote));
  }
  EXPECT_EQ(texts, (Names{"10.1.0.0/24 0.0.0.0/0", "10.2.0.0/24 0.0.0.0/0", "2001:db8::/48 ::/0"}));
}

TEST_F(PolicySetTest, EachProtocolMultipliesTheFlows) {
  Policy p = policy("one");
  p.protocols = {6, 17};
  p.flows = {{{*IpPrefix::parse("10.1.0.0/24"), 0}, {*IpPrefix::parse("10.2.0.0/24"), 53}}};
  load({p});
  const auto& flows = entry("one").flows;
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(to_string(flows[0].local), "10.1.0.0/24[tcp]");
  EXPECT_EQ(to_string(flows[0].remote), "10.2.0.0/24[tcp/53]");
  EXPECT_EQ(to_string(flows[1].remote), "10.2.0.0/24[udp/53]");
}

TEST_F(PolicySetTest, TheSameFlowTwiceIsOne) {
  Policy p = policy("one");
  p.flows.push_back(p.flows[0]);
  load({p});
  EXPECT_EQ(entry("one").flows.size(), 1U);
}

TEST_F(PolicySetTest, WithoutAFlowOfOneFamilyThereIsNothingToDo) {
  Policy p = policy("one");
  p.flows = {{{*IpPrefix::parse("10.1.0.0/24"), 0}, {*IpPrefix::parse("2001:db8::/48"), 0}}};
  load({p});
  EXPECT_FALSE(entry("one").resolved);
  EXPECT_TRUE(candidates().empty());
}

// ---- many

// Peers of their own addresses, and road warriors that only their IDs tell apart.
std::vector<Policy> many(unsigned count) {
  std::vector<Policy> list;
  for (unsigned i = 0; i < count; ++i) {
    Policy p = policy(fmt::format("p{}", i));
    p.peer = IpPrefix::host(
        IpAddress::v4({100, 64, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)}));
    if (i % 2 == 1) p.peer = AnyHost{};
    p.peer_id = *Identity::parse(fmt::format("host{}.example.com", i));
    list.push_back(std::move(p));
  }
  return list;
}

TEST_F(PolicySetTest, CandidatesDoNotGrowWithThePolicies) {
  for (unsigned count : {2U, 100U, 10000U}) {
    SCOPED_TRACE(count);
    load(many(count));
    const unsigned site = (count - 2) & ~1U, warrior = site + 1;
    const AddressPair at_site{
        ip("192.0.2.1"),
        IpAddress::v4({100, 64, static_cast<uint8_t>(site >> 8), static_cast<uint8_t>(site)})};
    EXPECT_EQ(set.for_first_message(at_site).size(), 2U);
    EXPECT_EQ(set.for_first_message({ip("192.0.2.1"), ip("198.51.100.1")}).size(), 1U);
    EXPECT_EQ(candidates(at_site, *Identity::parse(fmt::format("host{}.example.com", site))),
              Names{fmt::format("p{}", site)});
    EXPECT_EQ(candidates({ip("192.0.2.1"), ip("198.51.100.1")},
                         *Identity::parse(fmt::format("host{}.example.com", warrior))),
              Names{fmt::format("p{}", warrior)});
  }
}

TEST_F(PolicySetTest, TenThousandAreKeptOverAReload) {
  load(many(10000));
  EXPECT_EQ(load(many(10000)).kept, 10000U);
  // All renamed.
  auto renamed = many(10000);
  for (Policy& p : renamed) p.name += "x";
  const auto changes = load(renamed);
  EXPECT_EQ(changes.kept, 10000U);
  EXPECT_TRUE(changes.removed.empty());
}

}  // namespace
}  // namespace iked::ike
