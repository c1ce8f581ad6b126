// SPDX-License-Identifier: ISC
#include "ikectl/complete.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/log.h"
#include "control/background_server.h"
#include "control/fake_control.h"
#include "control/scratch.h"
#include "ikectl/ca_words.h"

namespace iked::ikectl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The last word is the one to complete: empty behind a space.
std::vector<std::string> split(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  if (line.empty() || line.ends_with(' ')) words.emplace_back();
  return words;
}

std::vector<std::string> completed(const std::string& line) {
  const LiveNames live{
      .policies =
          [] {
            return std::vector<std::string>{"office", "branch"};
          },
      .identities = [] { return std::vector<std::string>{"FQDN/b.example.com"}; },
      .authorities =
          [](const std::string& folder) {
            return std::vector<std::string>{folder == "/etc/ssl" ? "vpn" : "other"};
          },
      .hosts =
          [](const std::string& folder, const std::string& ca) {
            return std::vector<std::string>{ca + ".example", "2001:db8::1", folder};
          }};
  const auto words = split(line);
  return complete(std::vector<std::string_view>(words.begin(), words.end()), live);
}

TEST(Complete, FirstWordIsACommand) {
  EXPECT_THAT(completed(""), testing::IsSupersetOf({"active", "ca", "log", "reload", "show"}));
  EXPECT_THAT(completed("rel"), ElementsAre("reload"));
  EXPECT_THAT(completed("frob"), IsEmpty());
}

TEST(Complete, NextWordsFollowFromTheFirst) {
  EXPECT_THAT(completed("log "), ElementsAre("brief", "verbose"));
  EXPECT_THAT(completed("show "), testing::IsSupersetOf({"ca", "policy", "sa"}));
  EXPECT_THAT(completed("show p"), ElementsAre("policy"));
  EXPECT_THAT(completed("show sa "), IsEmpty());
  EXPECT_THAT(completed("frob "), IsEmpty());
}

TEST(Complete, CommandsOfAnAuthority) {
  EXPECT_THAT(completed("ca "), ElementsAre("vpn"));
  EXPECT_THAT(completed("ca --ca-directory /pki "), ElementsAre("other"));
  EXPECT_THAT(completed("ca vpn "),
              ElementsAre("certificate", "create", "crl", "delete", "export", "install", "key"));
  EXPECT_THAT(completed("ca vpn certificate v"), ElementsAre("vpn.example"));
  EXPECT_THAT(completed("ca vpn certificate 2001:db8::"), ElementsAre("2001:db8::1"));
  EXPECT_THAT(completed("ca --root /r vpn key /"), ElementsAre("/r/etc/ssl"));
  EXPECT_THAT(completed("ca vpn key h "), ElementsAre("create", "delete", "import", "install"));
  EXPECT_THAT(completed("ca vpn certificate h create "),
              ElementsAre("client", "ocsp", "peer", "server"));
  EXPECT_THAT(completed("ca vpn certificate h export p"),
              ElementsAre("password", "peer", "pkcs12"));
  EXPECT_THAT(completed("show ca "), ElementsAre("vpn"));
  EXPECT_THAT(completed("show ca vpn "), ElementsAre("certificates"));
  EXPECT_THAT(completed("show ca vpn certificates v"), ElementsAre("vpn.example"));
}

TEST(Complete, FilesAreLeftToTheShell) {
  EXPECT_THAT(completed("ca vpn install "), ElementsAre("<path>"));
  EXPECT_THAT(completed("ca vpn certificate h install ./x"), ElementsAre("<path>"));
  EXPECT_THAT(completed("ca vpn key h import "), ElementsAre("<path>"));
  EXPECT_THAT(completed("ca --password-file "), ElementsAre("<path>"));
}

TEST(Complete, OptionsOfAnAuthorityAndTheirValues) {
  EXPECT_THAT(completed("ca vpn create --k"), ElementsAre("--key-type"));
  EXPECT_EQ(completed("ca --").size(), ca_options().size());
  EXPECT_THAT(completed("ca vpn create --key-type ed"), ElementsAre("ed25519", "ed448"));
  EXPECT_THAT(completed("ca vpn create --days "), IsEmpty());
}

TEST(Complete, ManualHasAllOptionsOfAnAuthority) {
  std::ostringstream page;
  page << std::ifstream(IKED_SOURCE_DIR "/data/man/ikectl.8").rdbuf();
  for (const CaOption& option : ca_options()) {
    // "--days" is "Fl -days" in mdoc.
    EXPECT_THAT(page.str(), testing::HasSubstr("Fl " + std::string(option.name.substr(1))));
  }
}

/// The scripts, with the program and a daemon behind it.
class CompletionScript : public testing::Test {
 protected:
  void SetUp() override {
    log::set_sink([](const log::Record&) {});
    fake.policies = {PolicyRow{.name = "branch"}, PolicyRow{.name = "office"}};
  }
  void TearDown() override { log::set_sink({}); }

  std::string output_of(const std::string& command) const {
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "";
    char buffer[4096];
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return output;
  }
  /// What bash would offer behind "ikectl " and this line.
  std::vector<std::string> in_bash(const std::string& line) const {
    std::ofstream(scratch / "script") << "source '" IKED_SOURCE_DIR
                                         "/data/completions/ikectl.bash'\n"
                                         "cd '"
                                      << scratch / "."
                                      << "'\n"
                                         "COMP_LINE='ikectl "
                                      << line
                                      << "' COMP_POINT=${#COMP_LINE}\n"
                                         "_ikectl "
                                      << IKECTL_PROGRAM
                                      << "\n"
                                         "printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    std::istringstream lines(output_of("bash --norc " + (scratch / "script")));
    std::vector<std::string> offered;
    for (std::string one; std::getline(lines, one);) offered.push_back(one);
    return offered;
  }

  const control::Scratch scratch;
  control::FakeControl fake;
};

TEST_F(CompletionScript, BashOffersWhatIkectlKnows) {
  EXPECT_THAT(in_bash("log "), ElementsAre("brief", "verbose"));
  EXPECT_THAT(in_bash("rel"), ElementsAre("reload"));
  EXPECT_THAT(in_bash("ca vpn certificate h create s"), ElementsAre("server"));
  EXPECT_THAT(in_bash("frob "), ElementsAre(""));
}

TEST_F(CompletionScript, BashCompletesFilesAndNamesWithColons) {
  std::ofstream(scratch / "some.key") << "";
  EXPECT_THAT(in_bash("ca vpn key h import so"), ElementsAre("some.key"));
  std::filesystem::create_directories(scratch / "etc/ssl/vpn");
  std::ofstream(scratch / "etc/ssl/vpn/ca.crt") << "";
  std::ofstream(scratch / "etc/ssl/vpn/2001:db8::1.crt") << "";
  const std::string root = "--root " + (scratch / ".");
  EXPECT_THAT(in_bash("ca " + root + " "), ElementsAre("vpn"));
  EXPECT_THAT(in_bash("ca " + root + " vpn key 2001:d"), ElementsAre("db8::1"));
}

TEST_F(CompletionScript, NothingIsDoneWhileCompleting) {
  const std::string path = scratch / "sock";
  {
    const control::BackgroundServer server(path, fake);
    for (const char* line : {"reload ", "reload", "reset all ", "active ", "passive", "couple "}) {
      in_bash("-s " + path + " " + line);
    }
  }
  EXPECT_THAT(fake.calls, IsEmpty());
  std::filesystem::create_directories(scratch / "etc/ssl/vpn");
  std::ofstream(scratch / "etc/ssl/vpn/ca.crt") << "";
  in_bash("ca --root " + (scratch / ".") + " vpn delete ");
  in_bash("ca --root " + (scratch / ".") + " new create");
  EXPECT_TRUE(std::filesystem::exists(scratch / "etc/ssl/vpn/ca.crt"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "etc/ssl/new"));
}

TEST_F(CompletionScript, ZshAcceptsItsOwn) {
  if (!std::filesystem::exists("/usr/bin/zsh")) GTEST_SKIP() << "no zsh";
  EXPECT_EQ(output_of("zsh -n " IKED_SOURCE_DIR "/data/completions/_ikectl"), "");
}

TEST_F(CompletionScript, FishOffersWhatIkectlKnows) {
  if (!std::filesystem::exists("/usr/bin/fish")) GTEST_SKIP() << "no fish";
  const std::string program(IKECTL_PROGRAM);
  const std::string ask = "HOME=" + (scratch / ".") +
                          " PATH=" + std::filesystem::path(program).parent_path().string() +
                          ":$PATH fish --no-config -c \"source " IKED_SOURCE_DIR
                          "/data/completions/ikectl.fish; complete -C 'ikectl ";
  EXPECT_EQ(output_of(ask + "log '\""), "brief\nverbose\n");
  EXPECT_EQ(output_of(ask + "ca vpn create --key-type ed2'\""), "ed25519\n");
}

}  // namespace
}  // namespace iked::ikectl
