// SPDX-License-Identifier: ISC
// org.iked1 as clients see it.
#include "dbus/service.h"

#include <algorithm>
#include <regex>

#include "dbus/authorizer.h"
#include "dbus/fixture.h"
#include "dbus/manager.h"

namespace iked::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Verdict = FakePolkit::Verdict;
using Rows = std::vector<std::map<std::string, sdbus::Variant>>;

constexpr const char* denied = "org.freedesktop.DBus.Error.AccessDenied";

class Bus : public BusTest {
 protected:
  void listen(Client& client) {
    client.proxy()
        .uponSignal("IkeSaStateChanged")
        .onInterface("org.iked1.Manager")
        .call([this](uint64_t id, const std::string& policy, const std::string& peer,
                     const std::string& state, const std::string& reason) {
          heard.push_back(std::to_string(id) + " " + policy + " " + peer + " " + state + " " +
                          reason);
        });
    client.proxy()
        .uponSignal("IkeSasChanged")
        .onInterface("org.iked1.Manager")
        .call([this](uint64_t count) { heard.push_back(std::to_string(count) + " changes"); });
    client.proxy()
        .uponSignal("Reloading")
        .onInterface("org.iked1.Manager")
        .call([this](bool active) { heard.push_back(active ? "reloading" : "reloaded"); });
    client.proxy().finishRegistration();
  }

  std::vector<std::string> heard;
};

struct Method {
  const char* name;
  const char* action;  // empty: polkit is not asked
  Client::Fill fill;
  const char* control_call;  // what reaches the Control when allowed; empty: a query
};

const std::vector<Method>& methods() {
  const auto page = [](sdbus::MethodCall& call) { call << uint64_t{0} << uint32_t{10}; };
  const auto second = [](sdbus::MethodCall& call) { call << uint64_t{2}; };
  const auto word = [](const char* text) {
    return [text](sdbus::MethodCall& call) { call << std::string(text); };
  };
  static const std::vector<Method> all = {
      {"ListIkeSas", "org.iked1.read", page, ""},
      {"GetIkeSa", "org.iked1.read", second, ""},
      {"ListChildSas", "org.iked1.read", page, ""},
      {"ListPolicies", "org.iked1.read", page, ""},
      {"GetFailures", "org.iked1.read", word("branch"), ""},
      {"GetPolicy", "org.iked1.read", word("branch"), ""},
      {"ListCertificates", "org.iked1.read", {}, "certificates"},
      {"GetStatistics", "org.iked1.read", {}, ""},
      {"Subscribe", "org.iked1.read", {}, ""},
      {"Unsubscribe", "", {}, ""},
      {"Active", "org.iked1.control", {}, "active"},
      {"Passive", "org.iked1.control", {}, "passive"},
      {"Couple", "org.iked1.control", {}, "couple"},
      {"Decouple", "org.iked1.control", {}, "decouple"},
      {"SetVerbosity", "org.iked1.control", word("verbose"), "verbosity 2"},
      {"Reload", "org.iked1.reload", {}, "reload"},
      {"Load", "org.iked1.reload", word("/etc/iked/b.conf"), "load /etc/iked/b.conf"},
      {"CheckConfig", "org.iked1.reload", {}, "check"},
      {"Reset", "org.iked1.reset", word("sa"), "reset 3"},
      {"ResetId", "org.iked1.reset", word("FQDN/b.example.com"), "reset id FQDN/b.example.com"},
      {"CloseIkeSa", "org.iked1.reset", second, "close 2"},
      {"RekeyIkeSa", "org.iked1.connect", second, "rekey 2"},
  };
  return all;
}

TEST(Methods, OfTheTableAreThoseOfTheInterfaceWithTheirActions) {
  const std::string xml = read_file(IKED_SOURCE_DIR "/data/dbus/org.iked1.xml");
  std::vector<std::pair<std::string, std::string>> written, tried;
  const std::regex method(
      R"re(<!-- \[([a-z0-9.-]+)\](?:(?!-->)[^])*-->\s*<method name="(\w+)">)re");
  for (std::sregex_iterator at(xml.begin(), xml.end(), method), end; at != end; ++at) {
    written.emplace_back((*at)[2], (*at)[1] == "none" ? "" : (*at)[1].str());
  }
  for (const Method& m : methods()) tried.emplace_back(m.name, m.action);
  EXPECT_EQ(written, tried);
  const std::regex any("<method ");
  EXPECT_EQ(std::distance(std::sregex_iterator(xml.begin(), xml.end(), any), {}),
            static_cast<ptrdiff_t>(tried.size()));
}

TEST_F(Bus, EveryMethodWorksWhenAllowed) {
  start();
  polkit->otherwise = Verdict::yes;
  for (const Method& method : methods()) {
    SCOPED_TRACE(method.name);
    polkit->asked.clear();
    control.calls.clear();
    Client client(drive);
    EXPECT_EQ(client.call(method.name, method.fill), "") << client.error_text;
    if (*method.action == '\0') {
      EXPECT_THAT(polkit->asked, IsEmpty());
    } else {
      ASSERT_EQ(polkit->asked.size(), 1U);
      EXPECT_EQ(polkit->asked[0].action, method.action);
      EXPECT_EQ(polkit->asked[0].client, client.name());
      EXPECT_FALSE(polkit->asked[0].interactive);
    }
    if (*method.control_call == '\0') {
      EXPECT_THAT(control.calls, IsEmpty());
    } else {
      EXPECT_THAT(control.calls, ElementsAre(method.control_call));
    }
  }
  EXPECT_EQ(service->open_calls(), 0U);
}

TEST_F(Bus, EveryMethodIsRefusedWhenDenied) {
  start();
  Client client(drive);
  const size_t pages = control.pages;
  for (const Method& method : methods()) {
    if (*method.action == '\0') continue;
    SCOPED_TRACE(method.name);
    EXPECT_EQ(client.call(method.name, method.fill), denied);
    EXPECT_THAT(client.error_text, HasSubstr(method.action));
  }
  EXPECT_THAT(control.calls, IsEmpty());
  EXPECT_EQ(control.pages, pages);
  EXPECT_EQ(service->open_calls(), 0U);
}

// ---- policy objects

constexpr const char* branch_path = "/org/iked1/policy/branch";

class PolicyBus : public Bus {
 protected:
  /// A client that talks to the object of the policy "branch".
  void ask_for_branch(Client& client) {
    polkit->verdicts[{client.name(), "org.iked1.read"}] = Verdict::yes;
    ASSERT_EQ(client.call(
                  "GetPolicy", [](sdbus::MethodCall& call) { call << std::string("branch"); },
                  [&](sdbus::MethodReply& reply) {
                    sdbus::ObjectPath path;
                    reply >> path;
                    EXPECT_EQ(path, branch_path);
                  }),
              "");
    client.use(branch_path, "org.iked1.Policy");
  }
};

TEST_F(PolicyBus, MethodsNeedTheirAction) {
  start();
  const std::string xml = read_file(IKED_SOURCE_DIR "/data/dbus/org.iked1.Policy.xml");
  const std::regex method(
      R"re(<!-- \[([a-z0-9.-]+)\](?:(?!-->)[^])*-->\s*<method name="(\w+)">)re");
  size_t methods = 0;
  for (std::sregex_iterator at(xml.begin(), xml.end(), method), end; at != end; ++at, ++methods) {
    const std::string action = (*at)[1], name = (*at)[2];
    SCOPED_TRACE(name);
    Client client(drive);
    ask_for_branch(client);
    polkit->otherwise = Verdict::yes;
    polkit->verdicts = {{{client.name(), action}, Verdict::no}};
    control.calls.clear();
    EXPECT_EQ(client.call(name), denied);
    EXPECT_THAT(control.calls, IsEmpty());
    polkit->otherwise = Verdict::no;
    polkit->verdicts = {{{client.name(), action}, Verdict::yes}};
    EXPECT_EQ(client.call(name), "") << client.error_text;
    EXPECT_EQ(client.property("Name"), "branch");
  }
  EXPECT_EQ(methods, 3U);
}

TEST_F(PolicyBus, ConnectTellsItsCallerWhatHappens) {
  start();
  Client client(drive), other(drive);
  ask_for_branch(client);
  ask_for_branch(other);
  polkit->otherwise = Verdict::yes;
  std::vector<std::string> mine, theirs;
  const auto listen_to = [](Client& who, std::vector<std::string>& to) {
    who.proxy()
        .uponSignal("Progress")
        .onInterface("org.iked1.Policy")
        .call([&to](const std::string& event, const std::string& text) {
          to.push_back(event + ": " + text);
        });
    who.proxy().finishRegistration();
  };
  listen_to(client, mine);
  listen_to(other, theirs);
  EXPECT_FALSE(service->has_listeners());
  control.answer_later = true;
  client.send("Connect");
  drive.until([&] { return control.unended.size() == 1; });
  EXPECT_TRUE(service->has_listeners());
  service->tell(control::event_row());
  drive.until([&] { return !mine.empty(); });
  control.unended[0](std::unexpected(ControlError{FailureKind::timeout, "no answer"}));
  EXPECT_FALSE(service->has_listeners());
  control.answer_later = false;
  EXPECT_EQ(other.call("Disconnect"), "");
  EXPECT_THAT(mine, ElementsAre("child-sa-up: child SA up"));
  EXPECT_THAT(theirs, IsEmpty());
}

TEST_F(PolicyBus, FailuresHaveNames) {
  start();
  Client client(drive);
  ask_for_branch(client);
  polkit->otherwise = Verdict::yes;
  const std::vector<std::pair<FailureKind, const char*>> names = {
      {FailureKind::other, "Failed"},
      {FailureKind::no_such_policy, "NoSuchPolicy"},
      {FailureKind::in_progress, "InProgress"},
      {FailureKind::not_active, "NotActive"},
      {FailureKind::authentication, "AuthenticationFailed"},
      {FailureKind::proposal, "NoProposalChosen"},
      {FailureKind::selectors, "NoCommonFlow"},
      {FailureKind::timeout, "Timeout"},
      {FailureKind::unreachable, "Unreachable"},
      {FailureKind::kernel, "KernelRejected"},
      {FailureKind::ended, "Ended"}};
  for (const auto& [kind, name] : names) {
    control.ends_with = std::unexpected(ControlError{kind, "cause and cure"});
    EXPECT_EQ(client.call("Connect"), std::string("org.iked1.Error.") + name);
    EXPECT_EQ(client.error_text, "cause and cure");
  }
}

TEST_F(PolicyBus, ObjectsGoWithTheirClients) {
  start();
  polkit->otherwise = Verdict::yes;
  auto first = std::make_unique<Client>(drive);
  ask_for_branch(*first);
  Client second(drive);
  second.use(branch_path, "org.iked1.Policy");
  EXPECT_EQ(second.call("GetStatus"), "");
  control.answer_later = true;
  first->send("Connect");
  drive.until([&] { return control.unended.size() == 1; });
  first.reset();
  drive.until([&] { return service->open_calls() == 0; });
  EXPECT_EQ(second.call("GetStatus"), "org.freedesktop.DBus.Error.UnknownObject");
  control.unended[0]("connected");  // nobody is there, and nothing happens
  EXPECT_FALSE(service->has_listeners());
}

TEST_F(PolicyBus, NobodyCanHaveAllObjects) {
  for (int i = 0; i < 100; ++i) {
    control.policies.push_back(control::policy_row());
    control.policies.back().name = "p " + std::to_string(i);
  }
  start();
  polkit->otherwise = Verdict::yes;
  Client greedy(drive), other(drive);
  const auto get = [](Client& client, const std::string& name) {
    return client.call("GetPolicy", [&](sdbus::MethodCall& call) { call << name; });
  };
  for (size_t i = 0; i < dbus::PolicyObjects::most_of_one_client; ++i) {
    EXPECT_EQ(get(greedy, "p " + std::to_string(i)), "");
  }
  EXPECT_EQ(get(greedy, "p 50"), "org.iked1.Error.TooManyCalls");
  EXPECT_EQ(get(other, "p 50"), "");
  EXPECT_EQ(get(other, "nobody"), "org.iked1.Error.NoSuchPolicy");
}

TEST_F(PolicyBus, AnyNameHasAPath) {
  control.policies.back().name = "7 b\xc3\xa4/_";
  start();
  polkit->otherwise = Verdict::yes;
  Client client(drive);
  sdbus::ObjectPath path;
  EXPECT_EQ(client.call(
                "GetPolicy", [&](sdbus::MethodCall& call) { call << control.policies.back().name; },
                [&](sdbus::MethodReply& reply) { reply >> path; }),
            "");
  EXPECT_EQ(path, "/org/iked1/policy/_37_20b_c3_a4_2f_5f");
}

TEST_F(Bus, RefusalsDoNotFillTheLog) {
  start();
  Client client(drive);
  for (int i = 0; i < 50; ++i) client.call("Active");
  EXPECT_EQ(log.count({"polkit refuses org.iked1.control"}), 1U) << log.all();
  now += dbus::Authorizer::log_interval;
  client.call("Active");
  EXPECT_EQ(log.count({"polkit refuses org.iked1.control", "(49 more refusals"}), 1U) << log.all();
}

// One action is not another.
TEST_F(Bus, MethodNeedsItsOwnAction) {
  start();
  Client client(drive);
  for (const Method& method : methods()) {
    if (*method.action == '\0') continue;
    SCOPED_TRACE(method.name);
    polkit->otherwise = Verdict::yes;
    polkit->verdicts = {{{client.name(), method.action}, Verdict::no}};
    EXPECT_EQ(client.call(method.name, method.fill), denied);
    polkit->otherwise = Verdict::no;
    polkit->verdicts = {{{client.name(), method.action}, Verdict::yes}};
    EXPECT_EQ(client.call(method.name, method.fill), "");
  }
}

TEST_F(Bus, OneClientsRightIsNotAnothers) {
  start();
  Client allowed(drive), other(drive);
  polkit->verdicts[{allowed.name(), "org.iked1.reset"}] = Verdict::yes;
  const auto all = [](sdbus::MethodCall& call) { call << std::string("all"); };
  EXPECT_EQ(other.call("Reset", all), denied);
  EXPECT_EQ(allowed.call("Reset", all), "");
}

TEST_F(Bus, EveryMethodWithoutPolkitdIsRefused) {
  start();
  polkit.reset();
  Client client(drive);
  for (const Method& method : methods()) {
    if (*method.action == '\0') continue;
    SCOPED_TRACE(method.name);
    EXPECT_EQ(client.call(method.name, method.fill), denied);
    EXPECT_THAT(client.error_text, HasSubstr("is polkitd installed and running?"));
  }
  EXPECT_THAT(control.calls, IsEmpty());
}

TEST_F(Bus, CallerWhoAllowsAPasswordIsToldToPolkit) {
  start();
  polkit->otherwise = Verdict::challenge;
  Client client(drive);
  EXPECT_EQ(client.call("Active"), "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired");
  EXPECT_EQ(client.call("Active", {}, {}, /*interactive=*/true), denied);
  ASSERT_EQ(polkit->asked.size(), 2U);
  EXPECT_FALSE(polkit->asked[0].interactive);
  EXPECT_TRUE(polkit->asked[1].interactive);
  EXPECT_THAT(control.calls, IsEmpty());
}

TEST_F(Bus, PolkitThatHangsIsANo) {
  start();
  polkit->otherwise = Verdict::hang;
  Client client(drive), other(drive);
  client.send("Active");
  other.send("Active", {}, /*interactive=*/true);
  drive.until([&] { return polkit->hanging() == 2; });
  EXPECT_EQ(service->open_calls(), 2U);
  now += dbus::Authorizer::patience;
  drive.until([&] { return service->open_calls() == 1; });
  now += dbus::Authorizer::interactive_patience;  // somebody may be typing
  drive.until([&] { return service->open_calls() == 0; });
  drive.until([&] { return polkit->cancelled.size() == 2; });
  EXPECT_THAT(control.calls, IsEmpty());
  // And the others are served meanwhile.
  polkit->otherwise = Verdict::yes;
  EXPECT_EQ(client.call("Passive"), "");
  EXPECT_THAT(control.calls, ElementsAre("passive"));
}

TEST_F(Bus, CallerWhoLeavesBeforePolkitAnswersChangesNothing) {
  start();
  polkit->otherwise = Verdict::hang;
  auto client = std::make_unique<Client>(drive);
  client->send("Reload");
  drive.until([&] { return polkit->hanging() == 1; });
  client.reset();
  drive.until([&] { return service->open_calls() == 0; });
  drive.until([&] { return polkit->cancelled.size() == 1; });
  EXPECT_THAT(control.calls, IsEmpty());
}

TEST_F(Bus, CallerWhoLeavesDuringAReloadIsNotMissed) {
  start();
  polkit->otherwise = Verdict::yes;
  control.answer_later = true;
  auto client = std::make_unique<Client>(drive);
  client->send("Reload");
  drive.until([&] { return control.waiting.size() == 1; });
  client.reset();
  drive.until([&] { return service->open_calls() == 0; });
  control.waiting[0]("reloaded");
  Client other(drive);
  EXPECT_EQ(other.call("GetStatistics"), "");
}

TEST_F(Bus, OneCallerCannotTakeAllCalls) {
  start();
  polkit->otherwise = Verdict::hang;
  Client greedy(drive), other(drive);
  for (size_t i = 0; i < dbus::Calls::most_of_one_caller; ++i) greedy.send("Active");
  EXPECT_EQ(greedy.call("Active"), "org.iked1.Error.TooManyCalls");
  polkit->otherwise = Verdict::yes;
  EXPECT_EQ(other.call("Active"), "");
}

// ---- what comes out

TEST_F(Bus, SasComeInPages) {
  control.add_sas(250);
  start();
  polkit->otherwise = Verdict::yes;
  Client client(drive);
  uint64_t from = 0;
  size_t rows = 0, pages = 0;
  do {
    const auto fill = [&](sdbus::MethodCall& call) { call << from << uint32_t{5000}; };
    ASSERT_EQ(client.call("ListIkeSas", fill,
                          [&](sdbus::MethodReply& reply) {
                            Rows page;
                            reply >> page >> from;
                            rows += page.size();
                          }),
              "");
    ++pages;
  } while (from != 0);
  EXPECT_EQ(rows, control.sas.size());
  EXPECT_EQ(pages, 3U);
  EXPECT_LE(control.largest_page, dbus::Manager::largest_page);
}

TEST_F(Bus, RowsHaveTheirFields) {
  start();
  polkit->otherwise = Verdict::yes;
  Client client(drive);
  std::map<std::string, sdbus::Variant> sa;
  ASSERT_EQ(client.call(
                "GetIkeSa", [](sdbus::MethodCall& call) { call << uint64_t{2}; },
                [&](sdbus::MethodReply& reply) { reply >> sa; }),
            "");
  EXPECT_EQ(sa["Id"].get<uint64_t>(), 2U);
  EXPECT_EQ(sa["Policy"].get<std::string>(), "office");
  EXPECT_EQ(sa["State"].get<std::string>(), "ESTABLISHED");
  EXPECT_EQ(sa["RemoteId"].get<std::string>(), "FQDN/b.example.com");
  EXPECT_EQ(sa["SpiInitiator"].get<uint64_t>(), 0xae359801eca3edf8U);
  EXPECT_EQ(sa["ChildSas"].get<uint64_t>(), 1U);
  EXPECT_FALSE(sa.contains("Waiting"));
  Rows children;
  const auto first = [](sdbus::MethodCall& call) { call << uint64_t{0} << uint32_t{1}; };
  ASSERT_EQ(
      client.call("ListChildSas", first, [&](sdbus::MethodReply& reply) { reply >> children; }),
      "");
  ASSERT_EQ(children.size(), 1U);
  EXPECT_EQ(children[0]["IkeSa"].get<uint64_t>(), 1U);
  EXPECT_EQ(children[0]["SpiIn"].get<uint32_t>(), 0xc821c2edU);
  EXPECT_EQ(children[0]["BytesOut"].get<uint64_t>(), 1680U);
  EXPECT_THAT(children[0]["RemoteSelectors"].get<std::vector<std::string>>(),
              ElementsAre("10.2.0.0/24", "10.3.0.0/24[tcp/80]"));
  Rows policies;
  ASSERT_EQ(
      client.call("ListPolicies", first, [&](sdbus::MethodReply& reply) { reply >> policies; }),
      "");
  ASSERT_EQ(policies.size(), 1U);
  EXPECT_EQ(policies[0]["Name"].get<std::string>(), "branch");
  EXPECT_EQ(policies[0]["LastError"].get<std::string>(), control.policies[0].last_error);
}

TEST_F(Bus, ErrorsHaveNamesAndSayWhatToDo) {
  start();
  polkit->otherwise = Verdict::yes;
  Client client(drive);
  const auto gone = [](sdbus::MethodCall& call) { call << uint64_t{99}; };
  EXPECT_EQ(client.call("GetIkeSa", gone), "org.iked1.Error.NoSuchSa");
  EXPECT_THAT(client.error_text, HasSubstr("there is no IKE SA 99"));
  EXPECT_EQ(client.call("CloseIkeSa", gone), "org.iked1.Error.NoSuchSa");
  const auto word = [](const char* text) {
    return [text](sdbus::MethodCall& call) { call << std::string(text); };
  };
  EXPECT_EQ(client.call("ResetId", word("b.example.com")), "org.iked1.Error.NoSuchSa");
  EXPECT_EQ(client.call("Reset", word("bogus")), "org.freedesktop.DBus.Error.InvalidArgs");
  EXPECT_EQ(client.error_text,
            "unknown reset target 'bogus'; expected all, ca, policy, sa or user");
  EXPECT_EQ(client.call("SetVerbosity", word("loud")), "org.freedesktop.DBus.Error.InvalidArgs");
  control.outcome = fail("/etc/iked.conf:3:1: unknown keyword\nnothing has changed");
  EXPECT_EQ(client.call("Reload"), "org.iked1.Error.ConfigInvalid");
  EXPECT_EQ(client.error_text, "/etc/iked.conf:3:1: unknown keyword\nnothing has changed");
  EXPECT_EQ(client.call("Reset", word("ca")), "org.iked1.Error.Failed");
}

TEST_F(Bus, CheckConfigTellsWhatItFound) {
  start();
  polkit->otherwise = Verdict::yes;
  control.report->valid = false;
  control.report->findings = {{true, "/etc/iked.conf:3:1", "unknown keyword"}};
  Client client(drive);
  bool valid = true;
  std::vector<sdbus::Struct<std::string, std::string, std::string>> findings;
  ASSERT_EQ(client.call("CheckConfig", {},
                        [&](sdbus::MethodReply& reply) { reply >> valid >> findings; }),
            "");
  EXPECT_FALSE(valid);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(std::get<0>(findings[0]), "error");
  EXPECT_EQ(std::get<1>(findings[0]), "/etc/iked.conf:3:1");
  EXPECT_EQ(std::get<2>(findings[0]), "unknown keyword");
}

TEST_F(Bus, PropertiesNeedNoRights) {
  start();
  Client client(drive);
  EXPECT_EQ(client.property("Version"), "1.2.3");
  EXPECT_EQ(client.property("IsActive"), "true");
  EXPECT_EQ(client.property("IsCoupled"), "true");
  EXPECT_EQ(client.property("IsReloading"), "false");
  EXPECT_EQ(client.property("ConfigFile"), "/etc/iked.conf");
  EXPECT_EQ(client.property("ConfigLoadedTimestamp"), "1700000000000000");
  EXPECT_EQ(client.property("IkeSaCount"), "3");
  EXPECT_THAT(polkit->asked, IsEmpty());
}

TEST_F(Bus, ChangedPropertiesAreSignalled) {
  start();
  Client client(drive);
  std::map<std::string, sdbus::Variant> changed;
  client.proxy()
      .uponSignal("PropertiesChanged")
      .onInterface("org.freedesktop.DBus.Properties")
      .call([&](const std::string&, const std::map<std::string, sdbus::Variant>& values,
                const std::vector<std::string>&) { changed = values; });
  listen(client);
  service->settle();
  control.state.passive = true;
  control.state.reloading = true;
  service->settle();
  drive.until([&] { return !heard.empty(); });
  EXPECT_EQ(changed.size(), 2U);
  EXPECT_FALSE(changed["IsActive"].get<bool>());
  EXPECT_TRUE(changed["IsReloading"].get<bool>());
  EXPECT_THAT(heard, ElementsAre("reloading"));
}

// ---- signals about SAs

TEST_F(Bus, SubscribersHearOfSasAndOthersDoNot) {
  start();
  Client client(drive), other(drive);
  polkit->verdicts[{client.name(), "org.iked1.read"}] = Verdict::yes;
  listen(client);
  bool leaked = false;
  other.proxy()
      .uponSignal("IkeSaStateChanged")
      .onInterface("org.iked1.Manager")
      .call([&](uint64_t, const std::string&, const std::string&, const std::string&,
                const std::string&) { leaked = true; });
  other.proxy().finishRegistration();
  ASSERT_EQ(client.call("Subscribe"), "");
  EXPECT_EQ(other.call("Subscribe"), denied);
  service->tell({SaChangeKind::failed, 7, "office", "192.0.2.2:500", "wrong key"});
  service->settle();
  drive.until([&] { return !heard.empty(); });
  EXPECT_EQ(other.property("IkeSaCount"), "3");  // what was sent before would have arrived
  EXPECT_FALSE(leaked);
  EXPECT_THAT(heard, ElementsAre("7 office 192.0.2.2:500 failed wrong key"));

  ASSERT_EQ(client.call("Unsubscribe"), "");
  service->tell({SaChangeKind::up, 8, "office", "192.0.2.2:500", ""});
  EXPECT_EQ(client.property("IkeSaCount"), "3");
  EXPECT_EQ(heard.size(), 1U);
}

TEST_F(Bus, TenThousandSasAreNoStorm) {
  start();
  polkit->otherwise = Verdict::yes;
  Client client(drive);
  listen(client);
  ASSERT_EQ(client.call("Subscribe"), "");
  for (uint64_t id = 1; id <= 10'000; ++id) {
    service->tell({SaChangeKind::up, id, "office", "192.0.2.2:500", ""});
  }
  service->settle();
  now += dbus::ChangeLimit::sum_interval;
  drive.until([&] { return !heard.empty() && heard.back().ends_with("changes"); });
  EXPECT_EQ(heard.size(), dbus::ChangeLimit::burst + 1);
  EXPECT_EQ(heard.back(), std::to_string(10'000 - dbus::ChangeLimit::burst) + " changes");
}

TEST_F(Bus, SubscriberWhoLeavesIsForgotten) {
  start();
  polkit->otherwise = Verdict::yes;
  for (size_t i = 0; i < 2 * dbus::Manager::most_subscribers; ++i) {
    Client client(drive);
    ASSERT_EQ(client.call("Subscribe"), "") << i;
  }
}

// ---- the bus

TEST_F(Bus, WorksOnWithoutABus) {
  drive.until([&] { return log.count({"no org.iked1 for now"}) > 0; });
  EXPECT_FALSE(service->connected());
  service->tell({SaChangeKind::up, 1, "office", "192.0.2.2:500", ""});
  service->settle();
  ASSERT_TRUE(service->next_deadline());
  EXPECT_GT(*service->next_deadline(), now);
}

TEST_F(Bus, ComesBackAfterARestartOfTheBus) {
  start();
  polkit->otherwise = Verdict::yes;
  control.answer_later = true;
  {
    Client client(drive);
    client.send("Reload");
    drive.until([&] { return control.waiting.size() == 1; });
    bus.stop();
    drive.until([&] { return !service->connected(); });
    EXPECT_EQ(log.count({"D-Bus: the connection broke: Failed to process bus requests"}), 1U)
        << log.all();
  }
  EXPECT_EQ(service->open_calls(), 0U);
  control.waiting[0]("reloaded");  // nobody is there to hear it
  polkit.reset();
  bus.start();
  polkit.emplace(drive);
  polkit->otherwise = Verdict::yes;
  now += dbus::Service::longest_retry;
  drive.until([&] { return service->connected(); });
  control.answer_later = false;
  Client client(drive);
  EXPECT_EQ(client.call("Reload"), "");
}

// systemd holds the socket while dbus-daemon starts: connecting must not wait for that.
TEST_F(Bus, BusThatIsMuteBlocksNothing) {
  bus.start_mute();
  service->on_deadline();
  EXPECT_FALSE(service->connected());
  const std::optional<Time> deadline = service->next_deadline();
  ASSERT_TRUE(deadline);
  EXPECT_EQ(*deadline, now + dbus::Service::probe_patience);
  now = *deadline;
  service->on_deadline();
  EXPECT_TRUE(log.count({"the bus does not answer"}) > 0);
  bus.start();
  polkit.emplace(drive);
  now += dbus::Service::longest_retry;
  drive.until([&] { return service->connected(); });
}

TEST_F(Bus, NameThatIsTakenIsTriedAgain) {
  bus.start();
  polkit.emplace(drive);
  {
    Client squatter(drive);
    squatter.connection().requestName("org.iked1");
    drive.until([&] { return log.count({"no org.iked1 for now"}) > 0; });
    EXPECT_FALSE(service->connected());
  }
  now += dbus::Service::longest_retry;
  drive.until([&] { return service->connected(); });
}

// ---- other users

TEST_F(Bus, LogLevelIsForRootToSet) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be another user";
  start();
  const std::string set =
      "busctl set-property org.iked1 /org/freedesktop/LogControl1 org.freedesktop.LogControl1 "
      "LogLevel s debug";
  const log::Level before = log::level();
  auto [status, said] = drive.run(set, 65534);
  EXPECT_NE(status, 0);
  EXPECT_THAT(said, HasSubstr("Access denied"));
  EXPECT_EQ(log::level(), before);
  std::tie(status, said) = drive.run(set);
  EXPECT_EQ(status, 0) << said;
  EXPECT_EQ(log::level(), log::Level::debug);
  std::tie(status, said) = drive.run(
      "busctl get-property org.iked1 /org/freedesktop/LogControl1 org.freedesktop.LogControl1 "
      "LogLevel LogTarget SyslogIdentifier",
      65534);
  EXPECT_EQ(said, "s \"debug\"\ns \"console\"\ns \"iked\"\n");
  std::tie(status, said) = drive.run(
      "busctl set-property org.iked1 /org/freedesktop/LogControl1 org.freedesktop.LogControl1 "
      "LogLevel s loud");
  EXPECT_NE(status, 0);
  EXPECT_THAT(said, HasSubstr("unknown level 'loud'"));
  log::set_level(before);
}

TEST_F(Bus, AnotherUserIsAskedForLikeEverybody) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be another user";
  start();
  for (const Verdict verdict : {Verdict::no, Verdict::yes}) {
    polkit->otherwise = verdict;
    const auto [status, said] =
        drive.run("busctl call org.iked1 /org/iked1 org.iked1.Manager Reload", 65534);
    EXPECT_EQ(status == 0, verdict == Verdict::yes) << said;
  }
}

}  // namespace
}  // namespace iked::test
