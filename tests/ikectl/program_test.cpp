// SPDX-License-Identifier: ISC
// The program as users and scripts meet it: arguments in; exit code, standard output and standard
// error out.
#include <gmock/gmock.h>
#include <sys/wait.h>

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
  EXPECT_EQ(done.code, 1);
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
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, StartsWith("ikectl: connect: /run/iked.sock: No such file or directory\n"));
}

TEST_F(ProgramTest, WrongUseExitsWithOneAndPrintsNothingToStandardOutput) {
  start();
  for (const char* words : {"", "re", "show", "show sa extra", "-x show sa"}) {
    const Outcome done = ask(words);
    EXPECT_EQ(done.code, 1) << words;
    EXPECT_EQ(done.out, "") << words;
    EXPECT_NE(done.err, "") << words;
  }
  EXPECT_EQ(ask("-x").err, "usage: ikectl [-q] [-s socket] command [arg ...]\n");
  stop();
  EXPECT_THAT(fake.calls, IsEmpty());
}

TEST_F(ProgramTest, WithoutArgumentsPrintsItsUsage) {
  const Outcome done = execute(IKECTL_PROGRAM);
  EXPECT_EQ(done.code, 1);
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
