// SPDX-License-Identifier: ISC
// Sixteen hosts, each with a tunnel to every other, on a bad network for a simulated hour; now and
// then one of them restarts. The seed replays everything.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

constexpr size_t hosts = 16;

std::string address(size_t i) {
  return "192.0.2." + std::to_string(i + 1);
}
std::string network(size_t i) {
  return "10." + std::to_string(i + 1) + ".0.0/24";
}
std::string id(size_t i) {
  return "h" + std::to_string(i + 1) + ".example.com";
}

// In half of the pairs both sides call, in the others only one does.
Config config_for(size_t i) {
  std::vector<Policy> policies;
  for (size_t j = 0; j < hosts; ++j) {
    if (j == i) continue;
    Policy policy = psk_policy("to-" + std::to_string(j + 1), address(i), address(j), network(i),
                               network(j), id(i), id(j));
    policy.active = i < j || (i + j) % 2 == 0;
    policies.push_back(std::move(policy));
  }
  return config_of(std::move(policies));
}

class Swarm : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Swarm, EveryTunnelIsUpInTheEnd) {
  LogCapture log(log::Level::error);
  World world(GetParam());
  world.keep_sent = false;
  std::vector<Node*> nodes;
  for (size_t i = 0; i < hosts; ++i) {
    nodes.push_back(&world.add(id(i), address(i), config_for(i)));
    nodes.back()->psks[common_secret] = "the swarm's secret";
  }
  world.link.loss = 0.05;
  world.link.duplication = 0.02;
  world.link.jitter = 300ms;
  for (Node* node : nodes) node->start();
  for (int minute = 0; minute < 45; ++minute) {
    world.advance(1min);
    if (minute % 5 == 4) {
      const size_t i = world.rng.below(hosts);
      nodes[i]->restart(config_for(i), /*wipe_kernel=*/world.rng.chance(0.5));
    }
  }
  world.link = Link{};
  world.advance(15min);

  for (size_t i = 0; i < hosts; ++i) {
    std::map<std::string, size_t> tunnels;
    for (const IkeSaRow& sa : nodes[i]->established()) {
      EXPECT_EQ(sa.children.size(), 1U) << "seed " << GetParam();
      ++tunnels[sa.policy];
    }
    EXPECT_EQ(tunnels.size(), hosts - 1) << "seed " << GetParam() << " host " << i + 1;
    // No SA is in a kernel that no engine knows, and none is missing.
    size_t children = 0;
    for (const IkeSaRow& sa : nodes[i]->sas()) children += sa.children.size();
    EXPECT_EQ(nodes[i]->kernel.sas.size(), 2 * children) << "seed " << GetParam();
    EXPECT_EQ(nodes[i]->kernel.policies.size(), 3 * (hosts - 1)) << "seed " << GetParam();
    EXPECT_TRUE(nodes[i]->kernel.larval.empty()) << "seed " << GetParam();
  }
  EXPECT_TRUE(log.lines.empty()) << log.all();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Swarm, ::testing::Values(1, 2, 3, 20261122));

// The same seed gives the same messages.
TEST(World, ReplaysExactly) {
  LogCapture log(log::Level::error);
  std::vector<Bytes> runs[2];
  for (auto& run : runs) {
    Pair pair(77);
    pair.policy_b().active = true;
    pair.world.link.loss = 0.3;
    pair.world.link.jitter = 2s;
    pair.start();
    pair.world.advance(10min);
    for (const Datagram& datagram : pair.world.sent) run.push_back(datagram.octets);
  }
  EXPECT_FALSE(runs[0].empty());
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace iked::test
