// SPDX-License-Identifier: ISC
#include "daemon/control.h"

#include <gmock/gmock.h>

#include "base/log.h"
#include "crypto/system_rng.h"

namespace iked::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Loads what the test prepared, at once or when the test says so.
struct FakeKeeper {
  void load(std::function<void(Result<LoadResult>)> done) {
    ++requests;
    if (late) {
      waiting = std::move(done);
    } else {
      done(next);
    }
  }

  LoadResult next;
  bool late = false;
  std::function<void(Result<LoadResult>)> waiting;
  int requests = 0;
  int commits = 0;
};

class ControlServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    log::set_sink([this](const log::Record& record) { logged.emplace_back(record.text); });
  }
  void TearDown() override {
    log::set_sink({});
    log::set_level(log::Level::info);
  }

  ControlService service(ReloadPlan plan = {.request = {"/etc/iked.conf", {}}}) {
    return ControlService(engine, std::move(plan),
                          {.now = [] { return Time{1h}; },
                           .load = [this](auto done) { keeper.load(std::move(done)); },
                           .load_file =
                               [this](const std::string& path, auto done) {
                                 calls.push_back("load " + path);
                                 keeper.load(std::move(done));
                               },
                           .commit = [this] { ++keeper.commits; },
                           .list_public =
                               [](auto done) {
                                 done(std::vector<PublicPart>{{"ca.crt", {}}, {"a\nb", {}}});
                               },
                           .wipe_users = [](auto done) { done(uint64_t{3}); },
                           .apply = [this](ike::Effects&) { calls.emplace_back("apply"); },
                           .before_use = [this](Config& c) -> Result<void> {
                             if (!unusable.empty()) return fail("{}", unusable);
                             used.push_back(c);
                             return {};
                           },
                           .couple = [this](bool coupled) -> Result<void> {
                             if (!no_kernel.empty()) return fail("{}", no_kernel);
                             calls.emplace_back(coupled ? "couple" : "decouple");
                             return {};
                           },
                           .reload_begins = [this] { calls.emplace_back("begins"); },
                           .reload_ended = [this] { calls.emplace_back("ended"); }});
  }
  Control::Done remember() {
    return [this](Result<std::string> result) { outcome = std::move(result); };
  }

  crypto::SystemRng rng;
  ike::Engine engine{Config{}, {}, nullptr, rng};
  FakeKeeper keeper;
  std::vector<std::string> calls, logged;
  std::vector<Config> used;
  std::string no_kernel;  // not empty: why it cannot be coupled
  std::string unusable;   // not empty: why this machine cannot use the configuration
  Result<std::string> outcome = fail("not done");
};

TEST_F(ControlServiceTest, CheckOfTheConfigurationChangesNothing) {
  keeper.next.diagnostics.push_back({Severity::error, "unknown keyword", "/etc/iked.conf:3:1"});
  ControlService control = service();
  Result<ConfigReport> report = fail("not done");
  control.check_config([&](Result<ConfigReport> r) { report = std::move(r); });
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->valid);
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_TRUE(report->findings[0].error);
  EXPECT_EQ(report->findings[0].place, "/etc/iked.conf:3:1");
  EXPECT_EQ(keeper.commits, 0);
  EXPECT_THAT(calls, IsEmpty());
}

// What is committed is what the keeper read last: a check in between would be committed instead.
TEST_F(ControlServiceTest, CheckAndReloadReadOneAfterTheOther) {
  keeper.late = true;
  keeper.next.config.emplace();
  ControlService control = service();
  bool checked = false;
  control.reload(remember());
  control.check_config([&](const Result<ConfigReport>& r) { checked = r && r->valid; });
  EXPECT_EQ(keeper.requests, 1);
  EXPECT_TRUE(control.run_state().reloading);
  std::exchange(keeper.waiting, nullptr)(keeper.next);
  EXPECT_TRUE(outcome);
  EXPECT_FALSE(checked);
  EXPECT_EQ(keeper.requests, 2);
  EXPECT_FALSE(control.run_state().reloading);
  control.reload(remember());
  EXPECT_EQ(keeper.requests, 2);
  std::exchange(keeper.waiting, nullptr)(keeper.next);
  EXPECT_TRUE(checked);
  EXPECT_EQ(keeper.commits, 1);
  EXPECT_EQ(keeper.requests, 3);
}

TEST_F(ControlServiceTest, StateFollowsCommandsAndReloads) {
  ControlService control = service({.request = {"/etc/iked.conf", {}}, .passive = true});
  EXPECT_TRUE(control.run_state().passive);
  const uint64_t loaded = control.run_state().config_loaded;
  EXPECT_GT(loaded, 0u);
  control.set_passive(false, remember());
  EXPECT_FALSE(control.run_state().passive);
  keeper.next.config.emplace();
  keeper.next.config->passive = true;
  control.reload(remember());
  EXPECT_TRUE(control.run_state().passive);
  EXPECT_EQ(control.run_state().config_file, "/etc/iked.conf");
}

TEST_F(ControlServiceTest, CountsWhatCameToNothing) {
  ControlService control = service();
  EXPECT_EQ(control.counters().at("MessagesNotIke"), 0U);
  ike::Effects effects;
  engine.on_datagram(Datagram{{}, {}, false, {1, 2, 3}}, Time{1h}, effects);
  EXPECT_EQ(control.counters().at("MessagesNotIke"), 1U);
}

TEST_F(ControlServiceTest, CountsWhatHappened) {
  ControlService control = service();
  control.note({.kind = SaChangeKind::up});
  control.note({.kind = SaChangeKind::down});
  control.note({.kind = SaChangeKind::failed});
  control.reload(remember());  // without a configuration: refused
  const Counters expected{{"IkeSas", 0},   {"IkeSasEnded", 1}, {"IkeSasEstablished", 0},
                          {"IkeSasUp", 0}, {"Reloads", 0},     {"ReloadsRefused", 1}};
  const Counters counted = control.counters();
  for (const auto& [name, count] : expected) EXPECT_EQ(counted.at(name), count) << name;
}

TEST_F(ControlServiceTest, SaThatIsNotThereCannotBeClosed) {
  ControlService control = service();
  EXPECT_FALSE(control.close_sa(7));
  EXPECT_EQ(control.reset_id("FQDN/a.example.com"), 0u);
  EXPECT_THAT(calls, IsEmpty());
}

TEST_F(ControlServiceTest, ReloadOfWhatThisMachineCannotDoChangesNothing) {
  keeper.next.config.emplace();
  unusable = "/etc/iked.conf:3: policy \"a\" has no algorithm that works here";
  service().reload(remember());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().text, unusable + "\nnothing has changed");
  EXPECT_EQ(calls, (std::vector<std::string>{"begins", "ended"}));
  EXPECT_TRUE(std::ranges::count(logged, unusable));
  EXPECT_EQ(keeper.commits, 0) << "the secrets in use must stay";
}

TEST_F(ControlServiceTest, GoodConfigurationReplacesTheOldOne) {
  keeper.next.config.emplace();
  service().reload(remember());
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_THAT(*outcome, HasSubstr("0 kept, 0 added, 0 removed"));
  EXPECT_EQ(keeper.requests, 1);
  EXPECT_EQ(keeper.commits, 1);
  EXPECT_THAT(calls, ElementsAre("begins", "apply", "ended"));
}

TEST_F(ControlServiceTest, BrokenConfigurationChangesNothing) {
  keeper.next.diagnostics = {{Severity::error, "/etc/iked.conf:1:1: what is this?"}};
  service().reload(remember());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().text, HasSubstr("/etc/iked.conf:1:1: what is this?"));
  EXPECT_THAT(outcome.error().text, HasSubstr("nothing has changed"));
  EXPECT_THAT(logged, testing::Contains(HasSubstr("what is this?")));
  EXPECT_THAT(used, IsEmpty());
  EXPECT_THAT(calls, ElementsAre("begins", "ended")) << "the service manager hears of the end";
}

TEST_F(ControlServiceTest, WarningsAreToldToWhoeverAsked) {
  keeper.next.config.emplace();
  keeper.next.diagnostics = {{Severity::warning, "weak", "/etc/iked.conf:3:1"}};
  service().reload(remember());
  ASSERT_TRUE(outcome);
  EXPECT_THAT(*outcome, HasSubstr("/etc/iked.conf:3:1: warning: weak\n"));
  EXPECT_THAT(logged, testing::Contains("/etc/iked.conf:3:1: weak")) << "the record has a level";
}

TEST_F(ControlServiceTest, ReloadWhileTheFileIsBeingReadReadsItOnceMore) {
  keeper.next.config.emplace();
  keeper.late = true;
  ControlService control = service();
  int first = 0, second = 0;
  control.reload([&](const Result<std::string>&) { ++first; });
  control.reload([&](const Result<std::string>&) { ++second; });
  control.reload([&](const Result<std::string>&) { ++second; });
  EXPECT_EQ(keeper.requests, 1);
  std::exchange(keeper.waiting, {})(keeper.next);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0) << "they may have changed the file after it was read";
  EXPECT_EQ(keeper.requests, 2);
  std::exchange(keeper.waiting, {})(keeper.next);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  EXPECT_THAT(calls, ElementsAre("begins", "apply", "ended", "begins", "apply", "ended"));
}

TEST_F(ControlServiceTest, KeeperThatDiesOverAReloadChangesNothing) {
  keeper.late = true;
  ControlService control = service();
  control.reload(remember());
  keeper.waiting(fail("iked-keeper died over it"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().text, "iked-keeper died over it");
  EXPECT_EQ(keeper.commits, 0);
  EXPECT_THAT(calls, ElementsAre("begins", "ended"));
}

TEST_F(ControlServiceTest, WhatIsReadAfterTheStopIsNotUsed) {
  keeper.next.config.emplace();
  keeper.late = true;
  ControlService control = service();
  bool told = false;
  control.reload([&](const Result<std::string>&) { told = true; });
  control.stop();
  keeper.waiting(keeper.next);
  EXPECT_FALSE(told);
  EXPECT_THAT(used, IsEmpty());
  EXPECT_EQ(keeper.commits, 0);
}

TEST_F(ControlServiceTest, StandardInputCannotBeReadAgain) {
  service({.request = {"-", {}}}).reload(remember());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().text, HasSubstr("standard input"));
  EXPECT_EQ(keeper.requests, 0);
}

TEST_F(ControlServiceTest, PassiveOfTheCommandLineSurvivesAReload) {
  keeper.next.config.emplace();
  ControlService control = service({.request = {"f", {}}, .force_passive = true});
  control.reload(remember());
  control.set_passive(false, remember());  // ikectl active
  control.reload(remember());
  ASSERT_EQ(used.size(), 2U);
  EXPECT_TRUE(used[0].passive);
  EXPECT_FALSE(used[1].passive);
}

TEST_F(ControlServiceTest, CouplesAndDecouplesOnRequestAndByReload) {
  ControlService control = service();
  control.set_coupled(false, remember());
  EXPECT_TRUE(outcome);
  EXPECT_FALSE(control.run_state().coupled);
  control.set_coupled(false, remember());  // it is that already
  EXPECT_THAT(calls, ElementsAre("decouple"));
  // As with `passive`: whoever said it on the command line meant it over the file.
  keeper.next.config.emplace();
  control.reload(remember());
  EXPECT_FALSE(control.run_state().coupled);
  control.set_coupled(true, remember());
  EXPECT_TRUE(control.run_state().coupled);
  keeper.next.config->decouple = true;
  control.reload(remember());
  EXPECT_FALSE(control.run_state().coupled);
  keeper.next.config->decouple = false;
  control.reload(remember());
  EXPECT_TRUE(control.run_state().coupled);
  EXPECT_EQ(std::ranges::count(calls, "couple"), 2);
  EXPECT_EQ(std::ranges::count(calls, "decouple"), 2);
}

TEST_F(ControlServiceTest, WithoutAKernelToCoupleWithNothingChanges) {
  no_kernel = "no permission to set up IPsec";
  ControlService control = service({.request = {"/etc/iked.conf", {}}, .decouple = true});
  control.set_coupled(true, remember());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().text, no_kernel);
  keeper.next.config.emplace();
  control.reload(remember());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().text, HasSubstr("nothing has changed"));
  EXPECT_EQ(keeper.commits, 0);
  EXPECT_FALSE(control.run_state().coupled);
}

TEST_F(ControlServiceTest, RefusedReloadLeavesTheKernelAsItWas) {
  unusable = "the kernel lacks an algorithm";
  ControlService control = service({.request = {"/etc/iked.conf", {}}, .decouple = true});
  keeper.next.config.emplace();
  control.reload(remember());
  ASSERT_FALSE(outcome);
  EXPECT_FALSE(control.run_state().coupled);
  EXPECT_THAT(calls, ElementsAre("begins", "couple", "decouple", "ended"));
}

TEST_F(ControlServiceTest, ResetOfSasAndOfAllWorks) {
  for (const ResetTarget what : {ResetTarget::sa, ResetTarget::all}) {
    outcome = fail("not done");
    service().reset(what, remember());
    EXPECT_TRUE(outcome);
  }
}

TEST_F(ControlServiceTest, ResetOfWhatThereIsNotSaysWhy) {
  outcome = "done";
  service().reset(ResetTarget::ca, remember());
  EXPECT_FALSE(outcome);
}

TEST_F(ControlServiceTest, ResetOfUsersHasTheKeeperForgetPasswords) {
  service().reset(ResetTarget::user, remember());
  EXPECT_EQ(outcome.value_or(""), "3 passwords forgotten until the next reload");
}

TEST_F(ControlServiceTest, CertificatesAreListedWithoutWhatCouldForgeALine) {
  service().list_certificates(remember());
  EXPECT_EQ(outcome.value_or(""), "ca.crt\na\\x0ab\n");
}

// ---- policies by name

class PolicyControlTest : public ControlServiceTest {
 protected:
  PolicyControlTest() {
    Policy policy;
    policy.name = "office";
    policy.peer = *IpPrefix::parse("192.0.2.2");
    policy.auth = PskAuth{SecretId{1}};
    keeper.next.config.emplace();
    keeper.next.config->policies = {policy};
    ike::Effects effects;
    engine.reload(*keeper.next.config, Time{1h}, effects);
  }
  Control::Ended end() {
    return [this](Control::Outcome result) { ended.push_back(std::move(result)); };
  }
  FailureKind last_kind() const {
    return ended.empty() || ended.back() ? FailureKind::other : ended.back().error().kind;
  }

  std::vector<Control::Outcome> ended;
};

TEST_F(PolicyControlTest, UnknownPoliciesAreNotFound) {
  ControlService control = service();
  control.connect("offic", end());
  EXPECT_EQ(last_kind(), FailureKind::no_such_policy);
  control.disconnect("offic", end());
  EXPECT_EQ(last_kind(), FailureKind::no_such_policy);
  EXPECT_FALSE(control.find_policy("offic"));
  EXPECT_FALSE(control.failures("offic"));
  EXPECT_EQ(control.failures("office")->size(), 0U);
  EXPECT_FALSE(control.rekey_sa(7));
}

TEST_F(PolicyControlTest, ConnectEndsWithWhatBecameOfIt) {
  ControlService control = service();
  control.connect("office", end());
  control.connect("office", end());
  EXPECT_THAT(ended, IsEmpty());
  control.note({.kind = SaChangeKind::up, .policy = "other"});
  EXPECT_THAT(ended, IsEmpty());
  control.note({.kind = SaChangeKind::up, .policy = "office", .peer = "192.0.2.2:500"});
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[1].value_or(""), "connected to 192.0.2.2:500");
  control.note({.kind = SaChangeKind::down, .policy = "office"});  // nobody waits any more
  EXPECT_EQ(ended.size(), 2U);
}

TEST_F(PolicyControlTest, ConnectThatFailsSaysWhy) {
  ControlService control = service();
  for (const SaChangeKind kind : {SaChangeKind::failed, SaChangeKind::down, SaChangeKind::up}) {
    control.connect("office", end());
    // An IKE SA without its child is not what was wanted.
    control.note({.kind = kind,
                  .policy = "office",
                  .reason = "no common childsa",
                  .failure = FailureKind::proposal});
    EXPECT_EQ(last_kind(), FailureKind::proposal);
    EXPECT_EQ(ended.back().error().text, "no common childsa");
  }
}

TEST_F(PolicyControlTest, WhoWaitsIsToldWhenItCannotHappenAnyMore) {
  ControlService control = service();
  control.connect("office", end());
  control.disconnect("office", end());
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].error().kind, FailureKind::ended);
  EXPECT_EQ(ended[1].value_or(""), "disconnected");

  control.connect("office", end());
  control.set_passive(true, remember());
  EXPECT_EQ(last_kind(), FailureKind::not_active);
  control.connect("office", end());
  EXPECT_EQ(last_kind(), FailureKind::not_active);
  EXPECT_EQ(ended.size(), 4U);

  control.set_passive(false, remember());
  control.connect("office", end());
  keeper.next.config->policies.clear();
  control.reload(remember());
  EXPECT_EQ(last_kind(), FailureKind::no_such_policy);
  EXPECT_EQ(ended.size(), 5U);
}

TEST_F(PolicyControlTest, ResetOfPoliciesForgetsThemUntilTheNextReload) {
  ControlService control = service();
  control.connect("office", end());
  control.reset(ResetTarget::policy, remember());
  EXPECT_EQ(outcome.value_or(""), "1 policies forgotten until the next reload");
  EXPECT_EQ(last_kind(), FailureKind::no_such_policy);
  EXPECT_FALSE(control.find_policy("office"));
  control.reload(remember());
  EXPECT_TRUE(control.find_policy("office"));
}

TEST_F(PolicyControlTest, LoadUsesTheOtherFileUntilTheNextReload) {
  ControlService control = service();
  control.load("/etc/iked/b.conf", end());
  ASSERT_TRUE(ended.back());
  EXPECT_EQ(control.run_state().config_file, "/etc/iked/b.conf");
  control.reload(remember());
  EXPECT_EQ(control.run_state().config_file, "/etc/iked.conf");
  keeper.next.config.reset();
  keeper.next.diagnostics.push_back({Severity::error, "no", "/etc/iked/b.conf:1:1"});
  control.load("/etc/iked/b.conf", end());
  EXPECT_EQ(last_kind(), FailureKind::config_invalid);
  EXPECT_THAT(ended.back().error().text, HasSubstr("nothing has changed"));
  EXPECT_EQ(control.run_state().config_file, "/etc/iked.conf");
  EXPECT_TRUE(control.find_policy("office"));
  keeper.late = true;
  control.reload(remember());
  control.load("/etc/iked/b.conf", end());
  EXPECT_EQ(last_kind(), FailureKind::in_progress);
}

TEST_F(ControlServiceTest, VerbositySetsTheLogLevel) {
  service().set_verbosity(0, remember());
  EXPECT_EQ(log::level(), log::Level::notice);
  service().set_verbosity(2, remember());
  EXPECT_EQ(log::level(), log::Level::debug);
}

TEST_F(ControlServiceTest, ListsAreTheEngines) {
  EXPECT_THAT(service().list_sas(0, 10).rows, IsEmpty());
  EXPECT_THAT(service().list_policies(0, 10).rows, IsEmpty());
}

}  // namespace
}  // namespace iked::daemon
