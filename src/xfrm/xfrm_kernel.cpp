// SPDX-License-Identifier: ISC
#include "xfrm/xfrm_kernel.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/tables.h"

namespace iked::xfrm {
namespace {

constexpr size_t kDatagramsPerRead = 1000;

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
