// SPDX-License-Identifier: ISC
// A day in the life of a swarm: hosts with tunnels to some of the others on a bad network, one
// behind a NAT that reboots, two that move, restarts, reloads, and rekeys every minute in some of
// the tunnels (in all of them it would take minutes to simulate). The seed replays everything.
// IKED_SWARM=HOSTS,DAYS,SEEDS asks for more: see docs/HACKING.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <deque>

#include "support/log_capture.h"
#include "support/message_rules.h"
#include "support/pair.h"

namespace iked::test {
namespace {

struct Size {
  size_t hosts = 16;
  int days = 1;
  uint64_t seeds = 20;
};

Size wanted_size() {
  Size size;
  const char* text = std::getenv("IKED_SWARM");
  if (text != nullptr) {
    unsigned long hosts = 0, seeds = 0;
    int days = 0;
    if (std::sscanf(text, "%lu,%d,%lu", &hosts, &days, &seeds) == 3) size = {hosts, days, seeds};
  }
  return size;
}

class SwarmDay : public ::testing::TestWithParam<uint64_t> {
 protected:
  static constexpr size_t callers = 3;  // 0 is behind a NAT, 1 and 2 move
  static constexpr size_t busy_in = 8;  // one tunnel in so many has rekeys every minute
  static constexpr size_t trace_lines = 40;

  struct Tunnel {
    size_t caller = 0;
    size_t called = 0;
    bool both_call = false;
    bool busy = false;
  };

  static std::string address(size_t i) { return fmt::format("192.0.{}.{}", i / 250, i % 250 + 1); }
  static std::string network(size_t i) { return fmt::format("10.{}.{}.0/24", i / 250, i % 250); }
  static std::string id(size_t i) { return fmt::format("h{}.example.com", i); }

  // Each host that stays has tunnels to the next and to one further away, each caller to three.
  void make_tunnels() {
    const size_t stay = size_.hosts - callers;
    for (size_t i = 0; i < stay; ++i) {
      tunnels_.push_back({callers + i, callers + (i + 1) % stay, i % 2 == 0, false});
      if (i % 4 == 0) tunnels_.push_back({callers + i, callers + (i + 5) % stay, true, false});
    }
    for (size_t i = 0; i < callers; ++i) {
      for (size_t k = 0; k < 3; ++k) tunnels_.push_back({i, callers + (4 * k + i) % stay});
    }
    for (size_t t = 0; t < tunnels_.size(); t += busy_in) tunnels_[t].busy = true;
    tunnels_[tunnels_.size() - 3 * callers].busy = true;  // one through the NAT
    tunnels_.back().busy = true;                          // and one that moves
  }

  Config config_for(size_t i) const {
    std::vector<Policy> policies;
    for (const Tunnel& t : tunnels_) {
      if (t.caller != i && t.called != i) continue;
      const size_t j = t.caller == i ? t.called : t.caller;
      Policy policy = psk_policy(fmt::format("to-{}", j), address(i), address(j), network(i),
                                 network(j), id(i), id(j));
      policy.active = t.caller == i || t.both_call;
      if (i < callers) policy.local = AnyHost{};
      if (j < callers) policy.peer = AnyHost{};
      policy.ike_lifetime = t.busy ? 10min : 4h;
      policy.child_lifetime = t.busy ? 5min : 1h;
      const auto changed = changed_.find(i);
      if (changed != changed_.end() && policies.empty()) policy.child_bytes += changed->second;
      policies.push_back(std::move(policy));
    }
    Config config = config_of(std::move(policies));
    config.dpd_check_interval = 5min;
    return config;
  }

  void SetUp() override {
    make_tunnels();
    world_.keep_sent = false;
    for (size_t i = 0; i < size_.hosts; ++i) {
      nodes_.push_back(&world_.add(id(i), address(i), config_for(i)));
      nodes_.back()->psks[common_secret] = "the swarm's secret";
      if (size_.hosts > 100) nodes_.back()->kernel.remembers = 2000;
    }
    world_.nat(*nodes_[0], "198.51.100.1");
    rules_.passive = [this](const IpAddress& from) {
      return passive_ && nodes_[*passive_]->has(from);
    };
    world_.on_the_way = [this](Datagram datagram) {
      rules_.look_at(datagram);
      return datagram;
    };
    bad_network();
    for (Node* node : nodes_) node->start();
  }

  void bad_network() {
    world_.link.loss = 0.05;
    world_.link.duplication = 0.02;
    world_.link.jitter = 300ms;
  }

  template <typename... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    trace_.push_back(
        fmt::format("{:>6} s ",
                    std::chrono::duration_cast<std::chrono::seconds>(world_.now - Time{}).count()) +
        fmt::format(text, std::forward<Args>(args)...));
    if (trace_.size() > trace_lines) trace_.pop_front();
  }

  std::string trace() const {
    std::string text = fmt::format("seed {}; what was done last:\n", GetParam());
    for (const std::string& line : trace_) text += line + "\n";
    return text;
  }

  // The kernel says that the youngest SA of this tunnel has had its time.
  void expire(size_t i, size_t j, bool hard) {
    std::optional<SaKey> youngest;
    uint64_t order = 0;
    for (const IkeSaRow& sa : nodes_[i]->established()) {
      if (sa.policy != fmt::format("to-{}", j)) continue;
      for (const auto& [key, kernel_sa] : nodes_[i]->kernel.sas) {
        const bool ours = std::ranges::any_of(
            sa.children, [&](const ChildRow& row) { return row.spi_in == key.spi.value; });
        if (!kernel_sa.inbound || !ours || kernel_sa.order < order) continue;
        order = kernel_sa.order;
        youngest = key;
      }
    }
    if (!youngest) return;
    if (hard) note("{} loses a child to {}", i, j);
    nodes_[i]->kernel_event(ExpireEvent{*youngest, hard});
  }

  void rekeys() {
    for (const Tunnel& t : tunnels_) {
      if (!t.busy) continue;
      const uint64_t who = world_.rng.below(4);
      const bool hard = world_.rng.chance(0.002);
      if (who != 1) expire(t.caller, t.called, hard);
      if (who == 3) world_.advance(std::chrono::milliseconds(world_.rng.below(100)));
      if (who == 1 || who == 3) expire(t.called, t.caller, false);
    }
  }

  void mishap() {
    const size_t i = world_.rng.below(size_.hosts);
    switch (world_.rng.below(7)) {
      case 0:
        note("{} restarts", i);
        end_passive(i);
        nodes_[i]->restart(config_for(i), /*wipe_kernel=*/world_.rng.chance(0.5));
        return;
      case 1:
        note("{} reloads", i);
        if (passive_ == i) passive_.reset();  // the configuration says active
        ++changed_[i];
        nodes_[i]->reload(config_for(i));
        return;
      case 2:
        note("the NAT reboots");
        world_.reboot_nat();
        return;
      case 3:
        move(1 + world_.rng.below(callers - 1));
        return;
      case 4:
        note("{} rekeys its IKE SAs", i);
        nodes_[i]->command(ike::RekeySas{});
        return;
      case 5:
        note("{} resets", i);
        nodes_[i]->command(ike::ResetSas{});
        return;
      default:
        if (passive_) {
          end_passive(*passive_);
        } else {
          note("{} becomes passive", i);
          nodes_[i]->command(ike::SetPassive{true});
          passive_ = i;
        }
        return;
    }
  }

  void move(size_t i) {
    ++moves_;
    const std::string to = fmt::format("203.0.{}.{}", moves_ / 250 + 113, moves_ % 250 + 1);
    note("{} moves to {}", i, to);
    nodes_[i]->move_to(to);
  }

  void end_passive(size_t i) {
    if (passive_ != i) return;
    note("{} becomes active", i);
    passive_.reset();
    nodes_[i]->command(ike::SetPassive{false});
  }

  // What must be true at any time: the kernel holds what the engine says and nothing else.
  void look() {
    for (size_t i = 0; i < size_.hosts; ++i) {
      const Node& node = *nodes_[i];
      std::set<uint32_t> said;
      for (const IkeSaRow& sa : node.sas()) {
        for (const ChildRow& row : sa.children) {
          if (row.coupled) said.insert(row.spi_in);
        }
      }
      std::set<uint32_t> held;
      for (const auto& [key, sa] : node.kernel.sas) {
        if (sa.inbound && !node.kernel.left_sas.contains(key)) held.insert(key.spi.value);
      }
      EXPECT_EQ(said, held) << "host " << i << " " << trace();
      EXPECT_TRUE(node.kernel.faults.empty())
          << "host " << i << ": " << node.kernel.faults[0] << " " << trace();
    }
    EXPECT_TRUE(rules_.faults.empty()) << rules_.faults[0] << " " << trace();
  }

  // Each tunnel once, the same at both ends.
  void look_at_the_end() {
    for (const Tunnel& t : tunnels_) {
      const auto a = of(t.caller, t.called);
      const auto b = of(t.called, t.caller);
      const std::string where = fmt::format("tunnel {} - {}, {}", t.caller, t.called, trace());
      ASSERT_EQ(a.size(), 1U) << where;
      ASSERT_EQ(b.size(), 1U) << where;
      EXPECT_EQ(a[0].spi_i, b[0].spi_i) << where;
      EXPECT_EQ(a[0].spi_r, b[0].spi_r) << where;
      EXPECT_NE(a[0].initiator, b[0].initiator) << where;
      ASSERT_EQ(a[0].children.size(), 1U) << where;
      ASSERT_EQ(b[0].children.size(), 1U) << where;
      EXPECT_EQ(a[0].children[0].spi_in, b[0].children[0].spi_out) << where;
      EXPECT_EQ(a[0].children[0].spi_out, b[0].children[0].spi_in) << where;
    }
    for (size_t i = 0; i < size_.hosts; ++i) {
      const size_t tunnels = nodes_[i]->sas().size();
      EXPECT_EQ(nodes_[i]->kernel.sas.size(), 2 * tunnels) << "host " << i << " " << trace();
      EXPECT_EQ(nodes_[i]->kernel.policies.size(), 3 * tunnels) << "host " << i << " " << trace();
      EXPECT_TRUE(nodes_[i]->kernel.larval.empty()) << "host " << i << " " << trace();
    }
  }

  std::vector<IkeSaRow> of(size_t i, size_t j) const {
    std::vector<IkeSaRow> rows = nodes_[i]->sas();
    std::erase_if(rows, [&](const IkeSaRow& row) { return row.policy != fmt::format("to-{}", j); });
    return rows;
  }

  LogCapture log{log::Level::error};
  Size size_ = wanted_size();
  World world_{GetParam()};
  MessageRules rules_;
  std::vector<Tunnel> tunnels_;
  std::vector<Node*> nodes_;
  std::map<size_t, uint64_t> changed_;
  std::optional<size_t> passive_;
  size_t moves_ = 0;
  std::deque<std::string> trace_;
};

TEST_P(SwarmDay, EndsWithEveryTunnelUpOnce) {
  const int minutes = size_.days * 24 * 60;
  for (int minute = 0; minute < minutes && !HasFailure(); ++minute) {
    world_.advance(1min);
    rekeys();
    if (minute % 10 == 9) mishap();
    if (minute % 30 == 29) look();
  }
  if (passive_) end_passive(*passive_);
  world_.link = Link{};
  world_.advance(20min);
  look();
  look_at_the_end();
  EXPECT_TRUE(log.lines.empty()) << log.all() << trace();
}

INSTANTIATE_TEST_SUITE_P(Seeds, SwarmDay,
                         ::testing::Range(uint64_t{1}, wanted_size().seeds + uint64_t{1}));

}  // namespace
}  // namespace iked::test
