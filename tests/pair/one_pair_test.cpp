// SPDX-License-Identifier: ISC
// Peers that take one pair of selectors for a child SA, or one child SA for an IKE SA: cloud
// gateways and firewall appliances. RFC7296 1.3, 2.9
#include <gtest/gtest.h>

#include "ike/choose.h"
#include "support/log_capture.h"
#include "support/rogue.h"
#include "support/scripted_responder.h"

namespace iked::test {
namespace {

TrafficSelector selector(std::string_view prefix) {
  return TrafficSelector::of(*IpPrefix::parse(prefix));
}

class OnePair : public ::testing::Test {
 protected:
  // Three flows: the first one is that of Pair.
  void start(size_t flows = 3) {
    const char* const more[] = {"10.1.1.0/24", "10.2.1.0/24", "10.1.2.0/24", "10.2.2.0/24"};
    for (size_t i = 1; i < flows; ++i) {
      pair.policy_a().flows.push_back({{host(more[2 * i - 2]), 0}, {host(more[2 * i - 1]), 0}});
    }
    pair.start();
    peer = std::make_unique<ScriptedResponder>(pair);
  }
  static bool is_one_pair(const wire::Message& request) {
    return request.find<wire::TsiPayload>()->selectors.size() == 1 &&
           request.find<wire::TsrPayload>()->selectors.size() == 1;
  }
  static bool asks_for_child(const wire::Message& request) {
    return request.find<wire::TsiPayload>() != nullptr;
  }
  /// Takes one pair, and says `type` to more.
  void refuse_more_with(NotifyType type) {
    peer->answer = [this, type](const wire::Message& request) -> std::optional<wire::Payloads> {
      if (!asks_for_child(request)) return wire::Payloads{};
      return is_one_pair(request) ? peer->child(request) : ScriptedResponder::refusal(type);
    };
  }
  std::vector<std::string> flows_up() const {
    std::vector<std::string> flows;
    for (const IkeSaRow& sa : pair.a->established()) {
      for (const ChildRow& child : sa.children) {
        EXPECT_EQ(child.local_selectors.size(), 1U);
        flows.push_back(child.local_selectors.at(0) + " " + child.remote_selectors.at(0));
      }
    }
    std::ranges::sort(flows);
    return flows;
  }
  const std::vector<std::string> all{"10.1.0.0/24 10.2.0.0/24", "10.1.1.0/24 10.2.1.0/24",
                                     "10.1.2.0/24 10.2.2.0/24"};

  LogCapture log;
  Pair pair;
  std::unique_ptr<ScriptedResponder> peer;
};

TEST_F(OnePair, NarrowedFirstChildIsFollowedByOneForEachOtherFlow) {
  start();
  peer->answer = [this](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (!asks_for_child(request)) return wire::Payloads{};
    // The first pair, whatever was asked for.
    return peer->child(request, {request.find<wire::TsiPayload>()->selectors[0]},
                       {request.find<wire::TsrPayload>()->selectors[0]});
  };
  pair.world.advance(5s);
  EXPECT_EQ(flows_up(), all) << log.all();
  EXPECT_EQ(peer->count(ExchangeType::CREATE_CHILD_SA), 2U);
  EXPECT_EQ(pair.a->kernel.sas.size(), 6U);
  EXPECT_EQ(pair.a->policy("to-b")->state, "up");
}

TEST_F(OnePair, SinglePairRequiredIsAnsweredWithOneChildForEachFlow) {
  for (const NotifyType type : {NotifyType::SINGLE_PAIR_REQUIRED, NotifyType::TS_UNACCEPTABLE}) {
    pair = Pair();
    start();
    refuse_more_with(type);
    pair.world.advance(5s);
    EXPECT_EQ(flows_up(), all) << log.all();
    EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 1U);
    EXPECT_EQ(peer->count(ExchangeType::CREATE_CHILD_SA), 3U);
    EXPECT_TRUE(pair.a->kernel.larval.empty());
    EXPECT_EQ(pair.a->policy("to-b")->state, "up");
    // And they are rekeyed one by one, with the selectors they have.
    for (int i = 0; i < 3; ++i) {
      const ChildRow child = pair.a->established().at(0).children.at(0);
      for (const auto& [key, sa] : std::map(pair.a->kernel.sas)) {
        if (key.spi.value == child.spi_in) pair.a->kernel_event(ExpireEvent{key, false});
      }
      pair.world.advance(10s);
    }
    EXPECT_EQ(flows_up(), all);
    EXPECT_EQ(peer->count(ExchangeType::CREATE_CHILD_SA), 6U);
  }
}

// One flow is one pair already: nothing else could be asked for.
TEST_F(OnePair, OneFlowThatIsRefusedIsNotAskedForAgainAtOnce) {
  start(1);
  peer->answer = [](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (!asks_for_child(request)) return wire::Payloads{};
    return ScriptedResponder::refusal(NotifyType::SINGLE_PAIR_REQUIRED);
  };
  pair.world.advance(1s);
  EXPECT_EQ(peer->count(ExchangeType::CREATE_CHILD_SA), 0U);
  const auto row = pair.a->policy("to-b");
  EXPECT_NE(row->last_error.find("SINGLE_PAIR_REQUIRED"), std::string::npos);
  EXPECT_NE(row->last_error.find("10.1.0.0/24"), std::string::npos);
  EXPECT_NE(row->last_error.find("10.2.0.0/24"), std::string::npos);
}

TEST_F(OnePair, RefusedFlowLeavesTheOthers) {
  start();
  peer->answer = [this](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (!asks_for_child(request)) return wire::Payloads{};
    const bool wanted = is_one_pair(request) &&
                        request.find<wire::TsiPayload>()->selectors[0] != selector("10.1.1.0/24");
    return wanted ? peer->child(request) : ScriptedResponder::refusal(NotifyType::TS_UNACCEPTABLE);
  };
  pair.world.advance(1h);
  EXPECT_EQ(flows_up(), (std::vector{all[0], all[2]})) << log.all();
  EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 1U);
  EXPECT_EQ(log.count({"warning: ", "TS_UNACCEPTABLE", "10.1.1.0/24"}), 1U);
}

TEST_F(OnePair, RefusedFlowIsAskedForAgainUntilThePeerHasIt) {
  start(2);
  bool has_both = false;
  peer->answer = [&](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (!asks_for_child(request)) return wire::Payloads{};
    if (request.header.exchange == ExchangeType::IKE_AUTH) {
      return peer->child(request, {selector("10.1.0.0/24")}, {selector("10.2.0.0/24")});
    }
    return has_both ? peer->child(request)
                    : ScriptedResponder::refusal(NotifyType::TS_UNACCEPTABLE);
  };
  pair.world.advance(3h);
  EXPECT_EQ(flows_up(), std::vector{all[0]});
  const size_t asked = peer->count(ExchangeType::CREATE_CHILD_SA);
  EXPECT_GE(asked, 6U);
  EXPECT_LE(asked, 12U);
  EXPECT_EQ(log.count({"warning: "}), 1U) << log.all();
  has_both = true;
  pair.world.advance(61min);
  EXPECT_EQ(flows_up(), (std::vector{all[0], all[1]})) << log.all();
  EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 1U);
  // Then it is over.
  EXPECT_LE(peer->count(ExchangeType::CREATE_CHILD_SA), asked + 2);
}

// Its pauses grow as those of any failure do.
TEST_F(OnePair, PeerThatRefusesEachFlowIsNotCalledWithoutEnd) {
  start();
  peer->answer = [](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (!asks_for_child(request)) return wire::Payloads{};
    return ScriptedResponder::refusal(NotifyType::TS_UNACCEPTABLE);
  };
  pair.world.advance(10min);
  EXPECT_GE(peer->count(ExchangeType::IKE_AUTH), 5U);
  EXPECT_LE(peer->count(ExchangeType::IKE_AUTH), 20U);
  EXPECT_LE(pair.a->established().size(), 1U);
  EXPECT_TRUE(pair.a->kernel.clean());
  EXPECT_NE(pair.a->policy("to-b")->last_error.find("TS_UNACCEPTABLE"), std::string::npos);
}

TEST_F(OnePair, NoAdditionalSasLeavesTheFirstChildAndSaysWhatToDo) {
  start();
  peer->answer = [this](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (!asks_for_child(request)) return wire::Payloads{};
    if (request.header.exchange == ExchangeType::CREATE_CHILD_SA) {
      return ScriptedResponder::refusal(NotifyType::NO_ADDITIONAL_SAS);
    }
    return peer->child(request, {selector("10.1.0.0/24")}, {selector("10.2.0.0/24")});
  };
  pair.world.advance(1h);
  EXPECT_EQ(flows_up(), std::vector{all[0]});
  EXPECT_EQ(peer->count(ExchangeType::CREATE_CHILD_SA), 1U);
  EXPECT_EQ(log.count({"warning: ", "NO_ADDITIONAL_SAS", "a policy of its own"}), 1U) << log.all();
}

// RFC7296 1.3, 4: who takes no CREATE_CHILD_SA at all gets new keys by a new IKE SA, before the old
// ones end.
TEST_F(OnePair, PeerThatTakesNoRekeyIsCalledAnewBeforeTheChildEnds) {
  start(1);
  peer->answer = [this](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (request.header.exchange == ExchangeType::CREATE_CHILD_SA) {
      return ScriptedResponder::refusal(NotifyType::NO_ADDITIONAL_SAS);
    }
    return peer->child(request);
  };
  pair.world.advance(5s);
  const SaKey first = std::ranges::find_if(pair.a->kernel.sas, [](const auto& one) {
                        return one.second.inbound;
                      })->first;
  size_t fewest = 100;
  pair.a->kernel_event(ExpireEvent{first, false});
  for (int i = 0; i < 100; ++i) {
    pair.world.advance(50ms);
    fewest = std::min(fewest, pair.a->kernel.sas.size());
  }
  EXPECT_GE(fewest, 2U);
  EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 2U) << log.all();
  EXPECT_EQ(flows_up(), std::vector{all[0]});
  EXPECT_FALSE(pair.a->kernel.sas.contains(first));
}

// R110: in use is 10.1.0.0/24, and the answer to the rekey has half of it.
TEST_F(OnePair, RekeyThatWouldNarrowIsRefusedAndThePeerCalledAnew) {
  start(1);
  peer->answer = [this](const wire::Message& request) -> std::optional<wire::Payloads> {
    if (request.header.exchange == ExchangeType::CREATE_CHILD_SA) {
      return peer->child(request, {selector("10.1.0.0/25")}, {selector("10.2.0.0/24")});
    }
    return peer->child(request);
  };
  pair.world.advance(1s);
  for (const auto& [key, sa] : std::map(pair.a->kernel.sas)) {
    if (sa.inbound) pair.a->kernel_event(ExpireEvent{key, false});
  }
  pair.world.advance(10s);
  EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 2U) << log.all();
  EXPECT_EQ(flows_up(), std::vector{all[0]});
  EXPECT_EQ(log.count({"warning: ", "10.1.0.0-10.1.0.127", "in use is from 10.1.0.0/24"}) +
                log.count({"warning: ", "10.1.0.0/25", "in use is from 10.1.0.0/24"}),
            1U)
      << log.all();
}

// R066: another IKE SA with the peer lives on when a second one is made.
TEST_F(OnePair, InitialContactIsNotSaidWhileAnotherIkeSaLives) {
  start(1);
  pair.world.advance(1s);
  pair.a->command(ike::ReauthenticateSas{});
  pair.world.advance(1s);
  std::vector<bool> said;
  for (const wire::Message& request : peer->requests) {
    if (request.header.exchange != ExchangeType::IKE_AUTH) continue;
    said.push_back(request.find_notify(NotifyType::INITIAL_CONTACT) != nullptr);
  }
  EXPECT_EQ(said, (std::vector{true, false}));
}

// The other side of it: one pair after the other, as such peers ask us.
TEST_F(OnePair, WeGiveOneChildForEachPairToWhoeverAsksSo) {
  pair.policy_a().active = false;
  pair.policy_b().flows.push_back({{host("10.2.1.0/24"), 0}, {host("10.1.1.0/24"), 0}});
  pair.start();
  pair.a->address = *IpAddress::parse("192.0.2.250");
  Rogue rogue(pair);
  ASSERT_TRUE(rogue.connect());
  Bytes spi;
  put_u32(spi, 0xc2000001);
  const auto second =
      rogue.request(ExchangeType::CREATE_CHILD_SA, 2,
                    {ike::build_offer(default_child(), spi), wire::NoncePayload{Bytes(32, 3)},
                     wire::TsiPayload{{selector("10.1.1.0/24")}, 0},
                     wire::TsrPayload{{selector("10.2.1.0/24")}, 0}});
  ASSERT_TRUE(second && second->find<wire::SaPayload>());
  const auto children = pair.b->established().at(0).children;
  ASSERT_EQ(children.size(), 2U);
  EXPECT_EQ(children[0].remote_selectors, std::vector<std::string>{"10.1.0.0/24"});
  EXPECT_EQ(children[1].remote_selectors, std::vector<std::string>{"10.1.1.0/24"});
  EXPECT_EQ(pair.b->kernel.sas.size(), 4U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 6U);
}

// Two of us, of whom one has less: it says so once, and nothing is lost.
TEST_F(OnePair, FlowThatTheOtherSideDoesNotHaveIsToldOnce) {
  pair.policy_a().flows.push_back({{host("10.1.1.0/24"), 0}, {host("10.2.1.0/24"), 0}});
  pair.start();
  pair.world.advance(1h);
  EXPECT_EQ(flows_up(), std::vector{all[0]});
  EXPECT_EQ(log.count({"warning: ", "to-b", "TS_UNACCEPTABLE", "10.1.1.0/24"}), 1U) << log.all();
}

}  // namespace
}  // namespace iked::test
