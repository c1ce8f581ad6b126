// SPDX-License-Identifier: ISC
#include "ike/mobility.h"

#include <algorithm>

#include "ike/policy_set.h"
#include "wire/notify_data.h"

namespace iked::ike {
namespace {

// A list from the peer is bounded: nobody has so many ways to one host.
constexpr size_t most_addresses = 16;

}  // namespace

bool may_move(const Context& ctx, const PolicyEntry& entry) {
  return ctx.settings.mobike && entry.policy.mode == Mode::tunnel;
}

wire::Payloads mobility_offer(const Context& ctx, const SaState& state, const PolicyEntry& entry) {
  wire::Payloads payloads{wire::make_notify(NotifyType::MOBIKE_SUPPORTED)};
  const auto others = other_own_addresses(entry, state.path.local.address);
  if (!others.empty()) {
    for (auto& payload : additional_addresses(others)) payloads.push_back(std::move(payload));
  }
  if (ctx.options.no_natt) payloads.push_back(no_nats_allowed(state.path));
  return payloads;
}

wire::Payloads additional_addresses(const std::vector<IpAddress>& addresses) {
  if (addresses.empty()) return {wire::make_notify(NotifyType::NO_ADDITIONAL_ADDRESSES)};
  wire::Payloads payloads;
  for (const IpAddress& address : addresses) {
    payloads.push_back(wire::make_notify(
        address.is_v4() ? NotifyType::ADDITIONAL_IP4_ADDRESS : NotifyType::ADDITIONAL_IP6_ADDRESS,
        address));
  }
  return payloads;
}

std::optional<std::vector<IpAddress>> read_additional_addresses(const wire::Message& message) {
  std::vector<IpAddress> addresses;
  bool said = message.find_notify(NotifyType::NO_ADDITIONAL_ADDRESSES) != nullptr;
  for (const wire::Payload& payload : message.payloads) {
    const auto* notify = std::get_if<wire::NotifyPayload>(&payload);
    if (notify == nullptr || (notify->notify != NotifyType::ADDITIONAL_IP4_ADDRESS &&
                              notify->notify != NotifyType::ADDITIONAL_IP6_ADDRESS)) {
      continue;
    }
    said = true;
    const Result<IpAddress> address = wire::read_notify<IpAddress>(*notify);
    if (address && is_usable(*address) && addresses.size() < most_addresses) {
      addresses.push_back(*address);
    }
  }
  if (!said) return std::nullopt;
  return addresses;
}

wire::NotifyPayload no_nats_allowed(const Path& path) {
  return wire::make_notify(NotifyType::NO_NATS_ALLOWED, wire::SeenPath{path.local, path.remote});
}

bool nats_are_allowed(const wire::Message& message, const Path& path) {
  const auto* notify = message.find_notify(NotifyType::NO_NATS_ALLOWED);
  if (notify == nullptr) return true;
  const auto seen = wire::read_notify<wire::SeenPath>(*notify);
  return seen && *seen == wire::SeenPath{path.remote, path.local};
}

bool is_usable(const IpAddress& address) {
  const auto octets = address.octets();
  if (address.is_v4()) return octets[0] != 0 && octets[0] != 127 && octets[0] < 224;
  const bool zeros =
      std::all_of(octets.begin(), octets.end() - 1, [](uint8_t o) { return o == 0; });
  return octets[0] != 0xff && !(zeros && octets[15] <= 1);
}

std::vector<IpAddress> other_own_addresses(const PolicyEntry& entry, const IpAddress& in_use) {
  std::vector<IpAddress> others;
  for (const IpPrefix& own : entry.locals) {
    if (own.is_host() && own.address != in_use) others.push_back(own.address);
  }
  return others;
}

}  // namespace iked::ike
