// SPDX-License-Identifier: ISC
// The program as users and scripts meet it: arguments in; exit code, standard output and standard
// error out.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/log.h"
#include "control/background_server.h"
#include "control/fake_control.h"
#include "control/scratch.h"
#include "ikectl/keywords.h"
#include "ikectl/show.h"

namespace iked::ikectl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    log::set_sink([](const log::Record&) {});
  }
  void TearDown() override {
    stop();
    log::set_sink({});
  }

  void start() { server.emplace(path, fake); }
  /// After this the fake is the test's alone.
  void stop() { server.reset(); }

  Outcome execute(const std::string& command) const {
    const std::string errors = scratch / "stderr";
    Outcome outcome;
    FILE* pipe = popen((command + " 2>" + errors).c_str(), "r");
    if (pipe == nullptr) return outcome;
    char buffer[4096];
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      outcome.out.append(buffer, got);
    }
    const int status = pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::ostringstream text;
    text << std::ifstream(errors).rdbuf();
    outcome.err = text.str();
    return outcome;
  }
  Outcome ask(const std::string& words) const {
    return execute(std::string(IKECTL_PROGRAM) + " -s " + path + " " + words);
  }

  const control::Scratch scratch;
  const std::string path = scratch / "sock";
  /// Empty when it fits, else what is wrong.
  std::string validate(const std::string& text, bool whole = false) const {
    std::ofstream(scratch / "json") << text;
    const Outcome outcome =
        execute("python3 " IKED_SOURCE_DIR "/tests/ikectl/validate.py " IKED_SOURCE_DIR
                "/docs/ikectl.schema.json " +
                std::string(whole ? "--whole" : "") + " <" + (scratch / "json"));
    return outcome.code == 0 ? "" : "does not fit: " + outcome.out + outcome.err;
  }

  control::FakeControl fake;
  std::optional<control::BackgroundServer> server;
};

TEST_F(ProgramTest, ShowSaPrintsEachSa) {
  fake.add_sas(200);
  start();
  const Outcome shown = ask("show sa");
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.err, "");
  stop();
  std::string expected;
  for (const auto& sa : fake.sas) expected += to_lines(sa);
  EXPECT_EQ(shown.out, expected);
}

TEST_F(ProgramTest, ShowSaOfAnIdleDaemonPrintsNothing) {
  start();
  const Outcome shown = ask("show sa");
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.out + shown.err, "");
}

/// Whether each line is a document that fits docs/ikectl.schema.json.
#define EXPECT_FITS(outcome, ...) EXPECT_EQ(validate((outcome).out, ##__VA_ARGS__), "")

TEST_F(ProgramTest, TableIsForPeopleAndLinesAreForScripts) {
  fake.add_sas(2);
  start();
  EXPECT_THAT(ask("show sa").out, StartsWith("iked_sas: 1 "));
  const Outcome shown = ask("--table show sa");
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.out, StartsWith("ID  POLICY  FROM, TO "));
  EXPECT_EQ(ask("show sa --table").out, shown.out);
  // A terminal gets it without being asked, with colours.
  const std::string on_a_terminal =
      "script -qec '" IKECTL_PROGRAM " -s " + path + " show sa' /dev/null";
  if (execute("script --version").code != 0) GTEST_SKIP() << "no script(1)";
  EXPECT_THAT(execute(on_a_terminal).out, HasSubstr("\x1b[32mESTABLISHED\x1b[0m"));
  EXPECT_THAT(execute("NO_COLOR=1 " + on_a_terminal).out, testing::Not(HasSubstr("\x1b[")));
}

TEST_F(ProgramTest, EverythingIsJsonOnDemand) {
  fake.add_sas(130);
  fake.sas.front().remote_id = "FQDN/\"x\"\\\n\xff\x80";
  fake.policies = {control::policy_row(), PolicyRow{.name = "b", .peer = "any", .state = "up"}};
  fake.failed = {control::failure_row()};
  fake.outcome = "one\ntwo\n";
  fake.before_end = [this] { server->tell(control::event_row()); };
  start();
  EXPECT_FITS(ask("--json show sa"), true);
  EXPECT_FITS(ask("show policy --json"), true);
  EXPECT_FITS(ask("show stats --json"));
  EXPECT_FITS(ask("show certstore --json"));
  EXPECT_FITS(ask("why branch --json"));
  EXPECT_FITS(ask("why b --json"));
  EXPECT_FITS(ask("why nobody --json"));
  for (const char* words : {"active", "couple", "reload", "reset all", "log brief", "load /x",
                            "disconnect branch", "reset id FQDN/nobody"}) {
    EXPECT_FITS(ask(std::string(words) + " --json"));
  }
  const Outcome connected = ask("connect branch --json");
  EXPECT_FITS(connected);
  EXPECT_THAT(connected.out, HasSubstr("\"event\":\"child-sa-up\""));
  EXPECT_THAT(connected.out, testing::EndsWith("{\"version\":1,\"done\":{\"text\":\"done\"}}\n"));
}

TEST_F(ProgramTest, IdleDaemonGivesAnEmptyList) {
  start();
  EXPECT_EQ(ask("--json show sa").out, "{\"version\":1,\"sas\":[]}\n");
}

TEST_F(ProgramTest, SchemaIsNotToBeFooled) {
  EXPECT_NE(validate("{\"version\":1,\"sas\":[{\"id\":1}]}\n"), "");
  EXPECT_NE(validate("{\"version\":2,\"done\":{\"text\":\"\"}}\n"), "");
  EXPECT_NE(validate("{\"version\":1,\"done\":{\"text\":\"\",\"more\":1}}\n"), "");
  EXPECT_NE(validate(""), "");
}

TEST_F(ProgramTest, ConnectShowsWhatHappensAndEndsWithTheOutcome) {
  fake.before_end = [this] {
    EventRow other = control::event_row();
    other.policy = "other";
    server->tell(other);
    server->tell(control::event_row());
  };
  fake.ends_with = "connected to 198.51.100.7:500";
  start();
  const Outcome done = ask("connect branch");
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, testing::MatchesRegex(
                            "[0-9:]+ branch: child SA up\nconnected to 198.51.100.7:500\n"));
  stop();
  fake.ends_with =
      std::unexpected(ControlError{FailureKind::authentication, "wrong key: write the same"});
  start();
  const Outcome refused = ask("connect branch");
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.err, "ikectl: wrong key: write the same\n");
}

TEST_F(ProgramTest, WhyNamesCauseAndCure) {
  fake.policies = {control::policy_row()};
  fake.failed = {control::failure_row()};
  start();
  const Outcome told = ask("why branch");
  EXPECT_EQ(told.code, 0);
  EXPECT_EQ(told.out,
            "branch is down, next try in 42s\n"
            "1m15s ago, when we called 198.51.100.7:500:\n"
            "  no answer from 198.51.100.7:500 to IKE_SA_INIT: is the peer up?\n");
}

TEST_F(ProgramTest, WhatIsNotThereExitsWithFour) {
  start();
  const Outcome unknown = ask("why nobody");
  EXPECT_EQ(unknown.code, 4);
  EXPECT_THAT(unknown.err, StartsWith("ikectl: there is no policy 'nobody'"));
  EXPECT_EQ(ask("reset id FQDN/nobody").code, 4);
  stop();
  fake.ends_with =
      std::unexpected(ControlError{FailureKind::no_such_policy, "there is no policy 'x'"});
  start();
  for (const char* words : {"connect x", "disconnect x"}) EXPECT_EQ(ask(words).code, 4) << words;
}

TEST_F(ProgramTest, LoadSaysWhatIsWrongWithTheFileAndFails) {
  fake.ends_with =
      std::unexpected(ControlError{FailureKind::config_invalid, "/etc/iked/b.conf:1:1: no"});
  start();
  const Outcome refused = ask("load /etc/iked/b.conf");
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.err, "/etc/iked/b.conf:1:1: no\n");
  stop();
  EXPECT_THAT(fake.calls, ElementsAre("load /etc/iked/b.conf"));
}

TEST_F(ProgramTest, StatisticsHaveTheOldLabels) {
  fake.more_counters = {{"IkeSasCreated", 1}, {"MessagesNotIke", 2}, {"RequestsStale", 3}};
  start();
  const Outcome shown = ask("show stats");
  EXPECT_THAT(shown.out, StartsWith("ike:\n\t1 IKE SA created\n\t0 IKE SAs established\n"));
  EXPECT_THAT(shown.out, HasSubstr("\n\t5 messages dropped\n"));
  EXPECT_EQ(std::ranges::count(shown.out, '\n'), 27);
  EXPECT_EQ(ask("-q show stats").out, "ike:\n\t1 IKE SA created\n\t5 messages dropped\n");
}

TEST_F(ProgramTest, MetricsTellWhatIsConfiguredButDown) {
  fake.policies = {control::policy_row()};
  start();
  const Outcome shown = ask("show stats --openmetrics");
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.out,
            "# TYPE iked_ike_sas gauge\niked_ike_sas 0\n"
            "# TYPE iked_policy_up gauge\n"
            "# HELP iked_policy_up 1 when the policy has an established IKE SA, else 0\n"
            "iked_policy_up{policy=\"branch\",peer=\"gw.example.com\",wanted=\"yes\"} 0\n# EOF\n");
  EXPECT_EQ(ask("show sa --openmetrics").code, 2);
  EXPECT_EQ(ask("show policy --table").code, 2);
}

TEST_F(ProgramTest, ShowPolicySaysWhatIsDownAndWhy) {
  fake.policies = {control::policy_row(), PolicyRow{.name = "b", .peer = "any", .state = "up"}};
  start();
  const Outcome shown = ask("show policy");
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.out,
            "policy branch active peer gw.example.com down, next try in 42s, last error: no answer "
            "from 198.51.100.7:500\n"
            "policy b passive peer any up\n");
}

TEST_F(ProgramTest, ReloadPrintsTheDaemonsSummary) {
  fake.outcome = "2 policies, 1 changed";
  start();
  const Outcome done = ask("reload");
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, "2 policies, 1 changed\n");
  stop();
  EXPECT_THAT(fake.calls, ElementsAre("reload"));
}

TEST_F(ProgramTest, RefusedReloadPrintsTheDiagnosticsAndFails) {
  fake.outcome = fail("/etc/iked.conf:3:7: unknown word 'ikev3'\n  ikev3 esp\n  ^");
  start();
  const Outcome done = ask("reload");
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err, "/etc/iked.conf:3:7: unknown word 'ikev3'\n  ikev3 esp\n  ^\n");
}

TEST_F(ProgramTest, ResetSaysWhatOpenIkedSaysAndThenWhatWasDone) {
  fake.outcome = "3 IKE SAs are being deleted";
  start();
  const Outcome done = ask("reset sa");
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, "reset request sent.\n3 IKE SAs are being deleted\n");
  stop();
  EXPECT_THAT(fake.calls, ElementsAre("reset 3"));
}

TEST_F(ProgramTest, RefusedResetFails) {
  fake.outcome = fail("not while iked ends");
  start();
  const Outcome done = ask("reset sa");
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err, "ikectl: not while iked ends\n");
}

TEST_F(ProgramTest, ResetAllReachesTheDaemon) {
  fake.outcome = "";
  start();
  EXPECT_EQ(ask("reset all").out, "reset request sent.\n");
  stop();
  EXPECT_THAT(fake.calls, ElementsAre("reset 0"));
}

TEST_F(ProgramTest, ActiveAndPassiveAreSilent) {
  start();
  for (const char* word : {"active", "passive"}) {
    const Outcome done = ask(word);
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.out + done.err, "");
  }
  stop();
  EXPECT_THAT(fake.calls, ElementsAre("active", "passive"));
}

TEST_F(ProgramTest, LogSaysWhatOpenIkedSays) {
  fake.outcome = "";
  start();
  for (const char* words : {"log verbose", "log brief"}) {
    const Outcome done = ask(words);
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.out, "logging request sent.\n");
  }
  stop();
  EXPECT_THAT(fake.calls, ElementsAre("verbosity 2", "verbosity 0"));
}

TEST_F(ProgramTest, OptionQIsAccepted) {
  start();
  EXPECT_EQ(ask("-q show sa").code, 0);
}

TEST_F(ProgramTest, NoDaemonIsSaidWithWhatToDo) {
  const Outcome done = ask("show sa");
  EXPECT_EQ(done.code, 3);
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err, "ikectl: connect: " + path +
                          ": No such file or directory\n"
                          "Is iked running? If it listens elsewhere, name its socket with -s.\n");
}

TEST_F(ProgramTest, DefaultSocketIsBelowRun) {
  // In a /run of its own, so that a daemon of this host is left alone.
  const std::string in_empty_run =
      "unshare -rm sh -c 'mount -t tmpfs none /run && exec \"$0\" $*' ";
  if (execute(in_empty_run + "true").code != 0) GTEST_SKIP() << "no mount namespaces";
  const Outcome done = execute(in_empty_run + IKECTL_PROGRAM + " show sa");
  EXPECT_EQ(done.code, 3);
  EXPECT_THAT(done.err, StartsWith("ikectl: connect: /run/iked.sock: No such file or directory\n"));
}

TEST_F(ProgramTest, WrongUseExitsWithTwoAndPrintsNothingToStandardOutput) {
  start();
  for (const char* words : {"", "re", "show", "show sa extra", "-x show sa"}) {
    const Outcome done = ask(words);
    EXPECT_EQ(done.code, 2) << words;
    EXPECT_EQ(done.out, "") << words;
    EXPECT_NE(done.err, "") << words;
  }
  EXPECT_EQ(ask("-x").err,
            "usage: ikectl [-q] [-s socket] [--json | --table | --openmetrics] "
            "command [arg ...]\n");
  stop();
  EXPECT_THAT(fake.calls, IsEmpty());
}

TEST_F(ProgramTest, WithoutArgumentsPrintsItsUsage) {
  const Outcome done = execute(IKECTL_PROGRAM);
  EXPECT_EQ(done.code, 2);
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err, usage() + "\n");
}

TEST_F(ProgramTest, FullDiskIsNoticed) {
  fake.add_sas(1);
  start();
  const Outcome done = ask("show sa >/dev/full");
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, HasSubstr("No space left on device"));
}

}  // namespace
}  // namespace iked::ikectl
