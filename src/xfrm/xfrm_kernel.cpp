// SPDX-License-Identifier: ISC
#include "xfrm/xfrm_kernel.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "model/reqid_range.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/tables.h"

namespace iked::xfrm {
namespace {

constexpr size_t kDatagramsPerRead = 1000;

std::string describe(const KernelSa& sa, const char* direction) {
  return fmt::format("cannot install the {} {} ({})", direction, to_string(sa.key),
                     to_string(sa.suite));
}

// What to do about a refused SA, where the errno tells.
const char* cure(const Outcome& outcome) {
  switch (outcome.error) {
    case ENOSYS:
    case ENOENT:
      return "; the kernel lacks this algorithm: load its module, or choose another one";
    case EPROTONOSUPPORT:
      return "; the kernel lacks ESP: load the modules esp4 and esp6";
    case EPERM:
      return "; iked needs CAP_NET_ADMIN";
    default:
      return "";
  }
}

std::string why_policy_failed(RequestSocket& socket, const PlacedPolicy& placed,
                              const Outcome& outcome) {
  const std::string what = to_string(placed);
  if (outcome.error != EEXIST) {
    return fmt::format("cannot install the {}: {}", what, to_string(outcome));
  }
  const auto other = find_policy(socket, placed);
  if (other && is_own(other->reqid)) {
    return fmt::format(
        "the kernel already has an {} of another tunnel of iked (reqid {:#x}): two tunnels cannot "
        "have the same flow",
        what, other->reqid.value);
  }
  return fmt::format(
      "the kernel already has an {}{}, made by another program: iked leaves it alone; remove it "
      "there or change this flow",
      what, other ? fmt::format(" (reqid {})", other->reqid.value) : "");
}

// One installation while it is under way: batch position 0 is the inbound SA, 1 the outbound one,
// the policies follow.
struct Installation {
  const ChildInstall& child;
  std::vector<PlacedPolicy> policies;
  std::vector<Outcome> outcomes;

  bool has(size_t position) const { return outcomes[position].ok(); }

  std::optional<size_t> first_failure() const {
    const auto failed = std::ranges::find_if_not(outcomes, &Outcome::ok);
    if (failed == outcomes.end()) return std::nullopt;
    return static_cast<size_t>(failed - outcomes.begin());
  }

  Error error(RequestSocket& socket, size_t position) const {
    const Outcome& outcome = outcomes[position];
    if (position >= 2) return {why_policy_failed(socket, policies[position - 2], outcome)};
    const std::string what =
        position == 0 ? describe(child.inbound, "inbound") : describe(child.outbound, "outbound");
    return {fmt::format("{}: {}{}", what, to_string(outcome), cure(outcome))};
  }
};

void undo(RequestSocket& socket, const Installation& installation, bool with_direction) {
  std::vector<PlacedPolicy> made;
  for (size_t i = installation.policies.size(); i-- > 0;) {
    if (installation.has(i + 2)) made.push_back(installation.policies[i]);
  }
  delete_own_policies(socket, made);
  const ChildInstall& child = installation.child;
  if (installation.has(1)) {
    delete_own_sas(socket, {child.outbound.key}, child.outbound.mark);
  }
  if (!installation.has(0)) return;
  delete_own_sas(socket, {child.inbound.key}, child.inbound.mark);
  Batch again;
  const uint32_t spi = child.inbound.key.spi.value;
  put_allocate_spi(again, child.inbound.key, child.inbound.reqid, {spi, spi}, with_direction);
  if (const auto done = socket.run(again); !done || !done->front().ok()) {
    log::warn("cannot keep SPI {:#x} reserved", spi);
  }
}

}  // namespace

XfrmKernel::XfrmKernel(std::unique_ptr<Sockets> sockets) : sockets_(std::move(sockets)) {}
XfrmKernel::~XfrmKernel() = default;

Result<std::unique_ptr<XfrmKernel>> XfrmKernel::open() {
  auto requests = RequestSocket::open();
  if (!requests) return fail(requests);
  auto events = EventSocket::open();
  if (!events) return fail(events);
  auto kernel = std::make_unique<XfrmKernel>(
      std::make_unique<Sockets>(Sockets{std::move(*requests), std::move(*events)}));
  if (auto learnt = kernel->learn_capabilities(); !learnt) return fail(learnt);
  return kernel;
}

int XfrmKernel::event_fd() const {
  return sockets_->events.fd();
}

void XfrmKernel::read_events(std::vector<KernelEvent>& out) {
  bool lost = false;
  for (size_t i = 0; i < kDatagramsPerRead; ++i) {
    const auto datagram = sockets_->events.next();
    if (datagram && datagram->empty()) return;
    if (datagram) {
      parse_events(*datagram, out);
    } else if (!std::exchange(lost, true)) {
      log::warn("{}", datagram.error().text);
      out.emplace_back(ResyncEvent{});
    }
  }
}

Result<ChildSpi> XfrmKernel::allocate_spi(const IpAddress& source, const IpAddress& destination,
                                          ProtocolId protocol, Reqid reqid) {
  if (source.family() != destination.family()) {
    return fail("no SPI for {} -> {}: two address families", source, destination);
  }
  Batch batch;
  put_allocate_spi(batch, {source, destination, protocol, {}}, reqid, SpiRange{},
                   capabilities_.sa_direction);
  ChildSpi spi;
  auto outcomes = sockets_->requests.run(batch, [&](size_t, const Message& message) {
    if (const auto record = parse_sa(message)) spi = record->key.spi;
  });
  if (!outcomes) return fail("{}", outcomes.error().text);
  const Outcome& outcome = outcomes->front();
  if (!outcome.ok()) {
    return fail("no SPI for {} -> {}: {}", source, destination, to_string(outcome));
  }
  if (!spi) return fail("no SPI for {} -> {} in the kernel's answer", source, destination);
  return spi;
}

Result<void> XfrmKernel::install(const ChildInstall& child) {
  RequestSocket& socket = sockets_->requests;
  const bool with_direction = capabilities_.sa_direction;
  auto placed = place(child.policies);
  if (!placed) return fail(placed);
  Batch batch;
  auto written = put_sa(batch, SaVerb::update, child.inbound, SaDirection::in, with_direction);
  if (!written) return written;
  written = put_sa(batch, SaVerb::add, child.outbound, SaDirection::out, with_direction);
  if (!written) return written;
  for (const PlacedPolicy& policy : *placed) put_policy(batch, *policy.policy, policy.selector);

  auto outcomes = socket.run(batch);
  if (!outcomes) {
    // Nobody knows how far it came.
    undo(socket, {child, std::move(*placed), std::vector<Outcome>(batch.count())}, with_direction);
    return fail(outcomes);
  }
  Installation installation{child, std::move(*placed), std::move(*outcomes)};
  if (installation.outcomes[0].error == ESRCH) {
    // The kernel keeps an SPI for xfrm_acq_expires seconds only, 30 as a rule; an exchange with a
    // slow peer takes longer.
    Batch late;
    written = put_sa(late, SaVerb::add, child.inbound, SaDirection::in, with_direction);
    if (auto added = socket.run(late); written && added) {
      installation.outcomes[0] = std::move(added->front());
    }
  }
  const auto failed = installation.first_failure();
  if (!failed) return {};
  Error error = installation.error(socket, *failed);
  undo(socket, installation, with_direction);
  return std::unexpected(std::move(error));
}

void XfrmKernel::remove(const ChildRemoval& child) {
  if (auto placed = place(child.policies)) {
    delete_own_policies(sockets_->requests, {placed->rbegin(), placed->rend()});
  }
  std::vector<SaKey> keys;
  for (const SaKey* key : {&child.outbound, &child.inbound}) {
    if (key->spi) keys.push_back(*key);
  }
  delete_own_sas(sockets_->requests, keys, child.mark);
}

Result<std::optional<SaUsage>> XfrmKernel::usage(const SaKey& sa) {
  auto asked = find_own_sa(sockets_->requests, sa);
  if (!asked) return fail(asked);
  const std::optional<FoundSa>& found = *asked;
  if (!found) return std::nullopt;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return usage_of(found->record, std::chrono::duration_cast<std::chrono::seconds>(now));
}

}  // namespace iked::xfrm
