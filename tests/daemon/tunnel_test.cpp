// SPDX-License-Identifier: ISC
// Two daemons in two network namespaces with a cable between them, decoupled from the kernel: the
// whole program but for IPsec itself.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <optional>

#include "daemon/network.h"

namespace iked::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string policy(const std::string& mode, int own, int peer, const std::string& more) {
  return fmt::format(
      "set decouple\n"
      "ikev2 \"site\" {} esp from 10.{}.0.0/24 to 10.{}.0.0/24 local 192.0.2.{} peer 192.0.2.{} "
      "{}\n",
      mode, own, peer, own, peer, more);
}

class Tunnel : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_make_networks()) GTEST_SKIP() << "needs root, for network namespaces";
    cable.emplace();
  }

  std::vector<std::string> iked(const std::string& side, const std::string& config,
                                const std::string& flags = "-d") {
    return {IKED_PROGRAM, flags,
            "-f",         folder.write(side + ".conf", config),
            "-s",         folder / (side + ".sock")};
  }
  std::string show_sa(const std::string& side) {
    std::string output;
    EXPECT_EQ(run({IKECTL_PROGRAM, "-s", folder / (side + ".sock"), "show", "sa"}, &output), 0);
    return output;
  }
  SpawnOptions in(const Network& network) const {
    SpawnOptions options;
    options.network_of = network.holder();
    return options;
  }

  Folder folder;
  std::optional<Cable> cable;
};

TEST_F(Tunnel, ComesUpAndIsShownOnBothSides) {
  Process east(iked("east", policy("passive", 2, 1, "psk \"2fXq8vTn5Lw0\"")), in(cable->east));
  east.wait_for("iked started");
  Process west(iked("west", policy("active", 1, 2, "psk \"2fXq8vTn5Lw0\"")), in(cable->west));
  west.wait_for("child SA up");
  east.wait_for("child SA up");
  EXPECT_THAT(show_sa("west"), AllOf(HasSubstr("ESTABLISHED i"), HasSubstr("192.0.2.2:4500"),
                                     HasSubstr("10.1.0.0/24 -> 10.2.0.0/24")));
  EXPECT_THAT(show_sa("east"), AllOf(HasSubstr("ESTABLISHED r"), HasSubstr("192.0.2.1:4500"),
                                     HasSubstr("10.2.0.0/24 -> 10.1.0.0/24")));
}

TEST_F(Tunnel, SigtermDeletesItOnThePeer) {
  Process east(iked("east", policy("passive", 2, 1, "psk \"2fXq8vTn5Lw0\"")), in(cable->east));
  east.wait_for("iked started");
  Process west(iked("west", policy("active", 1, 2, "psk \"2fXq8vTn5Lw0\"")), in(cable->west));
  west.wait_for("child SA up");
  east.wait_for("child SA up");
  west.signal(SIGTERM);
  EXPECT_EQ(west.wait(), 0) << west.output();
  east.wait_for("IKE SA down: the peer deleted it");
  EXPECT_THAT(show_sa("east"), Not(HasSubstr("ESTABLISHED")));
}

TEST_F(Tunnel, EnforcedNatTraversalUsesPort4500Only) {
  Process east(iked("east", policy("passive", 2, 1, "psk \"2fXq8vTn5Lw0\""), "-dt"),
               in(cable->east));
  east.wait_for("iked started");
  Process west(iked("west", policy("active", 1, 2, "psk \"2fXq8vTn5Lw0\""), "-dt"),
               in(cable->west));
  west.wait_for("child SA up");
  EXPECT_THAT(show_sa("west"), HasSubstr("192.0.2.2:4500"));
}

TEST_F(Tunnel, PassiveStartOverridesActivePoliciesUntilIkectlActive) {
  Process east(iked("east", policy("passive", 2, 1, "psk \"2fXq8vTn5Lw0\"")), in(cable->east));
  east.wait_for("iked started");
  Process west(iked("west", policy("active", 1, 2, "psk \"2fXq8vTn5Lw0\""), "-dS"),
               in(cable->west));
  west.wait_for("iked started");
  EXPECT_THAT(show_sa("west"), Not(HasSubstr("192.0.2.2")));
  EXPECT_EQ(run({IKECTL_PROGRAM, "-s", folder / "west.sock", "active"}), 0);
  west.wait_for("child SA up");
}

TEST_F(Tunnel, ResetBringsItUpAgain) {
  Process east(iked("east", policy("passive", 2, 1, "psk \"2fXq8vTn5Lw0\"")), in(cable->east));
  east.wait_for("iked started");
  Process west(iked("west", policy("active", 1, 2, "psk \"2fXq8vTn5Lw0\"")), in(cable->west));
  west.wait_for("child SA up");
  EXPECT_EQ(run({IKECTL_PROGRAM, "-s", folder / "west.sock", "reset", "sa"}), 0);
  west.wait_for("child SA up");
  EXPECT_THAT(show_sa("west"), HasSubstr("ESTABLISHED"));
}

TEST_F(Tunnel, WrongSharedKeyIsToldOnBothSides) {
  Process east(iked("east", policy("passive", 2, 1, "psk \"2fXq8vTn5Lw0\"")), in(cable->east));
  east.wait_for("iked started");
  Process west(iked("west", policy("active", 1, 2, "psk \"7hRb1cKs9Zm4\"")), in(cable->west));
  west.wait_for("AUTHENTICATION_FAILED");
  EXPECT_THAT(east.wait_for("psk"), AllOf(HasSubstr("192.0.2.1"), HasSubstr("site")));
}

TEST_F(Tunnel, PeerThatStartsLateIsFoundByRetransmission) {
  Process west(iked("west", policy("active", 1, 2, "psk \"2fXq8vTn5Lw0\"")), in(cable->west));
  west.wait_for("iked started");
  Process east(iked("east", policy("passive", 2, 1, "psk \"2fXq8vTn5Lw0\"")), in(cable->east));
  east.wait_for("child SA up");
  west.wait_for("child SA up");
}

TEST_F(Tunnel, SilentNameServerDoesNotHoldUpTheEnd) {
  Process name_server({"python3", "-c",
                       "import socket\n"
                       "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                       "s.bind(('127.0.0.1', 53))\n"
                       "print('bound', flush=True)\n"
                       "s.recv(1000)\n"
                       "print('asked', flush=True)\n"
                       "while True: s.recv(1000)\n"},
                      in(cable->west));
  name_server.wait_for("bound");
  // A mount namespace of its own, so that its resolv.conf is nobody else's.
  std::string command = "mount --bind " + folder.write("resolv.conf", "nameserver 127.0.0.1\n") +
                        " /etc/resolv.conf && exec";
  for (const std::string& word :
       iked("west",
            "set decouple\nikev2 \"site\" active esp from 10.1.0.0/24 to 10.2.0.0/24 "
            "peer gateway.example psk \"2fXq8vTn5Lw0\"\n")) {
    command += " " + word;
  }
  SpawnOptions options = in(cable->west);
  options.environment["RES_OPTIONS"] = "timeout:30 attempts:5";
  Process west({"unshare", "--mount", "sh", "-c", command}, options);
  name_server.wait_for("asked");
  west.signal(SIGTERM);
  EXPECT_EQ(west.wait(), 0);
  EXPECT_THAT(west.output(), HasSubstr("without waiting for a name look-up"));
}

}  // namespace
}  // namespace iked::test
