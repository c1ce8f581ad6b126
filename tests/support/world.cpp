// SPDX-License-Identifier: ISC
#include "support/world.h"

#include <algorithm>
#include <tuple>

#include "base/overloaded.h"
#include "crypto/algorithms.h"
#include "crypto/keys.h"
#include "crypto/prf.h"
#include "crypto/signature.h"

namespace iked::test {
namespace {

// A key exchange that costs nothing: the public value is a hash of the private one, the secret a
// hash of both public values.
Bytes cheap_public(KeId group, const SecretBytes& random) {
  Bytes value = crypto::keyed_digest(as_bytes("public"), {random.reveal()});
  value.resize(crypto::ike_ke(group)->public_value, 0x5a);
  return value;
}

ike::JobResult cheap_key_exchange(const ike::KeyExchangeJob& job) {
  ike::KeyExchangeResult result;
  Bytes own = cheap_public(job.group, job.random);
  if (job.peer_value) {
    const auto& [low, high] = std::minmax(own, *job.peer_value);
    Bytes shared = crypto::keyed_digest(as_bytes("shared"), {ByteView(low), ByteView(high)});
    shared.resize(crypto::ike_ke(job.group)->shared, 0xa5);
    result.shared = SecretBytes(ByteView(shared));
  }
  result.public_value = std::move(own);
  return ike::KeyExchangeOutcome(std::move(result));
}

ike::JobResult psk_auth(const Node& node, const PskAuthRequest& request) {
  // The keeper gives none for another policy's secret, so that it has to be told the right one.
  if (request.policy.empty()) return Result<PskAuthValues>(fail("no policy is named"));
  const auto psk = node.psks.find(request.secret);
  if (psk == node.psks.end()) return Result<PskAuthValues>(fail("no such secret"));
  const SecretBytes secret(as_bytes(psk->second));
  return Result<PskAuthValues>(
      PskAuthValues{crypto::psk_auth_value(request.prf, secret, request.own_octets),
                    crypto::psk_auth_value(request.prf, secret, request.peer_octets)});
}

Result<Bytes> signature(const Node& node, const SignRequest& request) {
  const auto key = crypto::PrivateKey::parse_pem(SecretBytes(as_bytes(node.private_key)));
  if (!key) return fail("no private key");
  if (key->public_key().spki() != request.public_key) return fail("another private key");
  return key->sign(request.scheme, request.octets);
}

Result<ike::ResolveResult> resolve(const Node& node, const ike::ResolveJob& job) {
  ike::ResolveResult result;
  for (const std::string& name : job.names) {
    const auto found = node.names.find(name);
    if (found == node.names.end()) {
      return fail("no address found for {}", name);
    }
    result.addresses[name] = found->second;
  }
  if (node.reachable_network && !std::holds_alternative<AnyHost>(job.peer)) {
    result.source = node.address;
  }
  return result;
}

}  // namespace

void SeededRng::fill(std::span<uint8_t> out) {
  for (size_t i = 0; i < out.size(); i += 8) {
    const uint64_t value = next();
    for (size_t j = i; j < std::min(i + 8, out.size()); ++j) {
      out[j] = static_cast<uint8_t>(value >> (8 * (j - i)));
    }
  }
}

uint64_t SeededRng::next() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

// ---- Node

Node::Node(World& w, std::string n, IpAddress a, Config config, ike::EngineOptions o)
    : world(w), name(std::move(n)), address(a), rng(w.rng.next()), options(o) {
  FakeKernel* const coupled = config.decouple ? nullptr : &kernel;
  credentials = config.credentials;
  settings = config.settings;
  engine = std::make_unique<ike::Engine>(std::move(config), options, coupled, rng);
}

Result<Verified> Node::verify(const PeerProof& proof) const {
  return pki::PeerVerifier(credentials, settings).verify(proof, clock);
}

void Node::start() {
  ike::Effects effects;
  engine->start(world.now, effects);
  world.apply(*this, effects);
}

void Node::command(const ike::Command& c) {
  ike::Effects effects;
  engine->on_command(c, world.now, effects);
  world.apply(*this, effects);
}

void Node::kernel_event(const KernelEvent& event) {
  ike::Effects effects;
  engine->on_kernel_event(event, world.now, effects);
  world.apply(*this, effects);
}

void Node::move_to(std::string_view to) {
  address = *IpAddress::parse(to);
  network_change();
}

void Node::network_change() {
  std::vector<IpAddress> own = more_addresses;
  own.push_back(address);
  ike::Effects effects;
  engine->on_network_change(own, world.now, effects);
  world.apply(*this, effects);
}

ike::ReloadSummary Node::reload(Config config) {
  ike::Effects effects;
  const auto summary = engine->reload(std::move(config), world.now, effects);
  world.apply(*this, effects);
  return summary;
}

void Node::restart(Config config, bool wipe_kernel) {
  if (wipe_kernel) {
    kernel.wipe();
  } else {
    kernel.leave_behind();
  }
  ++starts;
  FakeKernel* const coupled = config.decouple ? nullptr : &kernel;
  engine = std::make_unique<ike::Engine>(std::move(config), options, coupled, rng);
  start();
}

std::vector<IkeSaRow> Node::sas() const {
  return engine->list_sas(0, 100000, world.now).rows;
}

std::vector<IkeSaRow> Node::established() const {
  std::vector<IkeSaRow> rows = sas();
  std::erase_if(rows, [](const IkeSaRow& row) { return row.state != "ESTABLISHED"; });
  return rows;
}

std::optional<PolicyRow> Node::policy(const std::string& wanted) const {
  for (const PolicyRow& row : engine->list_policies(0, 100000, world.now).rows) {
    if (row.name == wanted) return row;
  }
  return std::nullopt;
}

// ---- World

Node& World::add(std::string name, std::string_view address, Config config,
                 ike::EngineOptions options) {
  nodes_.push_back(std::make_unique<Node>(*this, std::move(name), *IpAddress::parse(address),
                                          std::move(config), options));
  nodes_.back()->number = nodes_.size() - 1;
  deadline_of_.emplace_back();
  return *nodes_.back();
}

void World::forget_last_node() {
  if (const auto at = deadline_of_.back()) deadlines_.erase({*at, nodes_.size() - 1});
  deadline_of_.pop_back();
  nodes_.pop_back();
}

void World::note_deadline(const Node& node) {
  std::optional<Time>& known = deadline_of_[node.number];
  const auto at = node.engine->next_deadline();
  if (at == known) return;
  if (known) deadlines_.erase({*known, node.number});
  if (at) deadlines_.insert({*at, node.number});
  known = at;
}

void World::run_first() {
  auto first = events_.extract(events_.begin());
  now = std::max(now, first.value().at);
  first.value().run();
}

void World::settle() {
  while (!events_.empty()) run_first();
}

void World::advance(Duration duration) {
  const Time end = now + duration;
  // A test may have done something to an engine that the world did not see.
  for (const auto& node : nodes_) note_deadline(*node);
  for (;;) {
    Node* due = nullptr;
    Time next = end;
    if (!deadlines_.empty() && deadlines_.begin()->first < end) {
      next = deadlines_.begin()->first;
      due = nodes_[deadlines_.begin()->second].get();
    }
    if (!events_.empty() && events_.begin()->at <= next) {
      run_first();
      continue;
    }
    if (due == nullptr) break;
    now = std::max(now, next);
    ike::Effects effects;
    due->engine->on_deadline(now, effects);
    apply(*due, effects);
  }
  now = end;
}

void World::apply(Node& node, ike::Effects& effects) {
  for (ike::Effect& effect : effects.take()) {
    std::visit(overloaded{
                   [&](ike::SendDatagram& send) { transmit(std::move(send.datagram)); },
                   [&](ike::SendKeepalive& send) {
                     keepalives.push_back({now, send});
                   },
                   [&](ike::StartJob& job) { start_job(node, std::move(job)); },
                   [&](ike::Publish& publish) { node.events.push_back(std::move(publish)); },
               },
               effect);
  }
  note_deadline(node);
}

void World::start_job(Node& node, ike::StartJob start) {
  // Jobs end in an order that comes from the seed.
  Duration takes = std::chrono::microseconds(rng.below(2000));
  if (std::holds_alternative<ike::ResolveJob>(start.job)) takes += look_up_takes;
  auto job = std::make_shared<ike::StartJob>(std::move(start));
  at(now + takes, [this, &node, job, asked = node.starts] {
    if (node.starts != asked) return;  // the process died meanwhile
    ike::JobResult result = std::visit(
        overloaded{
            [&](const ike::KeyExchangeJob& ke) {
              if (node.refuse_key_exchanges > 0) {
                --node.refuse_key_exchanges;
                return ike::JobResult(ike::KeyExchangeOutcome(std::unexpected(
                    ike::KeyExchangeFailure{ike::KeyExchangeFailure::Fault::ours, "too busy"})));
              }
              return real_key_exchange ? ike::JobResult(ike::run(ke)) : cheap_key_exchange(ke);
            },
            [&](const ike::PskAuthJob& psk) { return psk_auth(node, psk.request); },
            [&](const ike::SignJob& sign) { return ike::JobResult(signature(node, sign.request)); },
            [&](const ike::VerifyJob& verify) { return ike::JobResult(node.verify(verify.proof)); },
            [&](const ike::ResolveJob& names) { return ike::JobResult(resolve(node, names)); },
        },
        job->job);
    ike::Effects effects;
    node.engine->on_job_done({job->id, std::move(result)}, now, effects);
    apply(node, effects);
  });
}

// From inside the NAT to outside: source changed. False: the NAT drops it.
bool World::translate(Datagram& datagram) {
  if (!nat_) return true;
  const auto& [inside, outside] = *nat_;
  if (datagram.local.address == inside) {
    auto [mapping, fresh] = mappings_.try_emplace(datagram.local, next_port_);
    if (fresh) ++next_port_;
    datagram.local = {outside, mapping->second};
    return true;
  }
  if (datagram.remote.address == outside) {
    for (const auto& [endpoint, port] : mappings_) {
      if (port != datagram.remote.port) continue;
      datagram.remote = endpoint;
      return true;
    }
    return false;
  }
  return true;
}

void World::transmit(Datagram datagram) {
  if (!can_send(datagram.local.address)) return;
  if (keep_sent) sent.push_back(datagram);
  if (on_the_way) {
    auto changed = on_the_way(std::move(datagram));
    if (!changed) return;
    datagram = std::move(*changed);
  }
  if (!translate(datagram)) return;
  if (link.drop_next > 0) {
    --link.drop_next;
    return;
  }
  if (rng.chance(link.loss)) return;
  bool twice = rng.chance(link.duplication);
  if (link.duplicate_next > 0) {
    --link.duplicate_next;
    twice = true;
  }
  // From here on it is seen from the receiver's side.
  std::swap(datagram.local, datagram.remote);
  if (twice) deliver_later(datagram);
  deliver_later(std::move(datagram));
}

// A host sends from its own addresses only.
bool World::can_send(const IpAddress& from) const {
  return (nat_ && nat_->second == from) ||
         std::ranges::any_of(nodes_, [&](const auto& node) { return node->has(from); });
}

void World::deliver_later(Datagram datagram) {
  Duration takes = link.latency;
  if (link.jitter > 0ms)
    takes += Duration(static_cast<int64_t>(rng.below(static_cast<uint64_t>(link.jitter.count()))));
  auto arriving = std::make_shared<Datagram>(std::move(datagram));
  at(now + takes, [this, arriving] { deliver(std::move(*arriving)); });
}

void World::deliver(Datagram datagram) {
  for (const auto& node : nodes_) {
    if (!node->has(datagram.local.address)) continue;
    datagram.natt = datagram.local.port == node->options.natt_port;
    if (!datagram.natt && datagram.local.port != node->options.ike_port) return;
    ike::Effects effects;
    node->engine->on_datagram(std::move(datagram), now, effects);
    apply(*node, effects);
    return;
  }
}

void World::nat(const Node& inside, std::string_view outside) {
  nat_ = {inside.address, *IpAddress::parse(outside)};
}

wire::Header header_of(const Datagram& datagram) {
  return wire::parse_header(datagram.octets).value_or(wire::Header{});
}

}  // namespace iked::test
