// SPDX-License-Identifier: ISC
// A stream of packets through a tunnel of two simulated hosts, as the kernels would carry it: each
// is sent on the youngest outbound SA of the policy's reqid, and arrives when the other side has
// the inbound SA with the same key by then.
#pragma once

#include <algorithm>
#include <set>

#include "support/world.h"

namespace iked::test {

class Traffic {
 public:
  Traffic(World& world, Node& a, Node& b) : world_(world), a_(a), b_(b) {}

  /// Lets the world run for so long, with a packet either way every `pause`; those under way at the
  /// end arrive.
  void run(Duration duration, Duration pause = 10ms) {
    for (const Time end = world_.now + duration; world_.now < end;) {
      world_.advance(pause);
      send(a_, b_);
      send(b_, a_);
    }
    world_.advance(1s);
  }

  size_t sent = 0;
  size_t arrived = 0;
  size_t without_sa = 0;          // the policy held them back
  size_t repeated_sequences = 0;  // a key and number that were used before
  size_t lost() const { return sent - arrived; }

 private:
  static std::optional<SaKey> outbound(const Node& from) {
    std::optional<SaKey> best;
    uint64_t youngest = 0;
    for (const KernelPolicy& policy : from.kernel.policies) {
      if (policy.direction != PolicyDirection::out) continue;
      for (const auto& [key, sa] : from.kernel.sas) {
        if (sa.inbound || sa.reqid != policy.reqid || sa.order <= youngest) continue;
        youngest = sa.order;
        best = key;
      }
    }
    return best;
  }

  void send(Node& from, Node& to) {
    ++sent;
    const auto name = outbound(from);
    if (!name) {
      ++without_sa;
      return;
    }
    FakeKernel::Sa& sa = from.kernel.sas[*name];
    ++sa.usage.packets;
    if (!seen_.insert({sa.encr_key, ++sa.sequence}).second) ++repeated_sequences;
    world_.later(world_.link.latency, [this, &to, key = *name, encr_key = sa.encr_key] {
      // As kernels do: by destination and SPI, wherever it comes from.
      const auto found = std::ranges::find_if(to.kernel.sas, [&](const auto& entry) {
        return entry.second.inbound && entry.first.destination == key.destination &&
               entry.first.spi == key.spi && entry.first.protocol == key.protocol;
      });
      if (found == to.kernel.sas.end()) return;
      if (found->second.encr_key != encr_key) return;
      ++found->second.usage.packets;
      ++arrived;
    });
  }

  World& world_;
  Node& a_;
  Node& b_;
  std::set<std::pair<Bytes, uint64_t>> seen_;
};

}  // namespace iked::test
