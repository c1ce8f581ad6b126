// SPDX-License-Identifier: ISC
// What ikectl does with real daemons: two of them with a cable between, decoupled from the kernel.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>

#include "daemon/network.h"

namespace iked::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string policy(int own, int peer, const std::string& psk) {
  return fmt::format(
      "set decouple\n"
      "ikev2 \"site\" passive esp from 10.{}.0.0/24 to 10.{}.0.0/24 local 192.0.2.{} peer "
      "192.0.2.{} psk \"{}\"\n",
      own, peer, own, peer, psk);
}

class Ikectl : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_make_networks()) GTEST_SKIP() << "needs root, for network namespaces";
    cable.emplace();
  }
  /// Both daemons serve.
  void start(const std::string& psk_of_west = "2fXq8vTn5Lw0") {
    east.emplace(iked("iked-east", policy(2, 1, "2fXq8vTn5Lw0")), in(cable->east));
    east->wait_for("iked started");
    west.emplace(iked("iked-west", policy(1, 2, psk_of_west)), in(cable->west));
    west->wait_for("iked started");
  }
  std::vector<std::string> iked(const std::string& side, const std::string& config) {
    return {IKED_PROGRAM, "-d",
            "-f",         folder.write(side + ".conf", config),
            "-s",         folder / (side + ".sock")};
  }
  static SpawnOptions in(const Network& network) {
    SpawnOptions options;
    options.network_of = network.holder();
    return options;
  }
  int ask(const std::string& side, std::vector<std::string> words) {
    words.insert(words.begin(), {IKECTL_PROGRAM, "-s", folder / ("iked-" + side + ".sock")});
    return run(words, &said);
  }

  Folder folder;
  std::optional<Cable> cable;
  std::optional<Process> east, west;
  std::string said;  // by ikectl, both streams
};

TEST_F(Ikectl, ConnectShowsTheExchangeAndDisconnectEndsIt) {
  start();
  EXPECT_EQ(ask("west", {"connect", "site"}), 0) << said;
  EXPECT_THAT(said, AllOf(HasSubstr("site: calling 192.0.2.2 from 192.0.2.1"),
                          HasSubstr("site: IKE_SA_INIT done"), HasSubstr("site: IKE SA up"),
                          HasSubstr("site: child SA up"),
                          testing::EndsWith("\nconnected to 192.0.2.2:4500\n")));
  EXPECT_EQ(ask("west", {"connect", "site"}), 0);
  EXPECT_EQ(said, "it is connected already\n");
  EXPECT_EQ(ask("west", {"show", "policy"}), 0);
  EXPECT_THAT(said, HasSubstr("policy site passive peer 192.0.2.2 up"));
  EXPECT_EQ(ask("west", {"why", "site"}), 0);
  EXPECT_THAT(said, HasSubstr("nothing has gone wrong"));
  EXPECT_EQ(ask("west", {"disconnect", "site"}), 0) << said;
  east->wait_for("IKE SA down: the peer deleted it");
  EXPECT_EQ(ask("west", {"connect", "nowhere"}), 4);
}

TEST_F(Ikectl, FailureIsExplainedOnBothSides) {
  start("7hRb1cKs9Zm4");
  EXPECT_EQ(ask("west", {"connect", "site", "--json"}), 1) << said;
  EXPECT_THAT(said, AllOf(HasSubstr("\"event\":\"ike-sa-failed\""),
                          HasSubstr("\"error\":{\"kind\":\"authentication\"")));
  for (const char* side : {"west", "east"}) {
    EXPECT_EQ(ask(side, {"why", "site"}), 0) << said;
    EXPECT_THAT(said, AllOf(HasSubstr("site is down"), HasSubstr("psk"), HasSubstr("same")))
        << side;
  }
  EXPECT_EQ(ask("east", {"why", "192.0.2.1"}), 0);
  EXPECT_THAT(said, HasSubstr("wrong pre-shared key"));
}

TEST_F(Ikectl, LoadTakesConfigurationsAndNothingElse) {
  start();
  const std::string other = folder.write("iked-other.conf",
                                         "set decouple\nikev2 \"night\" passive "
                                         "esp from 10.1.0.0/24 to 10.3.0.0/24 "
                                         "peer 192.0.2.3 psk \"a\"\n");
  EXPECT_EQ(ask("west", {"load", other}), 0) << said;
  EXPECT_THAT(said, HasSubstr("policies: 0 kept, 1 added, 1 removed"));
  EXPECT_EQ(ask("west", {"show", "policy"}), 0);
  EXPECT_THAT(said, HasSubstr("policy night passive"));
  EXPECT_EQ(ask("west", {"load", folder.write("secret.key", "key\n")}), 1);
  EXPECT_THAT(said, AllOf(HasSubstr("may not be loaded"), HasSubstr("copy it there")));
  EXPECT_EQ(ask("west", {"reload"}), 0) << said;
  EXPECT_EQ(ask("west", {"show", "policy"}), 0);
  EXPECT_THAT(said, HasSubstr("policy site passive"));
  EXPECT_EQ(ask("west", {"reset", "policy"}), 0) << said;
  EXPECT_EQ(ask("west", {"show", "policy"}), 0);
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace iked::test
