// SPDX-License-Identifier: ISC
#include "ike/exchange/update_addresses.h"

#include "ike/ike_sa.h"
#include "ike/mobility.h"
#include "wire/notify_data.h"

namespace iked::ike {
namespace {

constexpr size_t cookie_size = 16;  // RFC4555 4.2.5: 8 to 64

// RFC4555 3.9: a NAT where none may be is believed after several tries only.
constexpr Duration nat_retry_pause = 2s;

void append_payloads(wire::Payloads& to, wire::Payloads more) {
  for (wire::Payload& payload : more) to.push_back(std::move(payload));
}

// What every message that can change addresses has: hashes of them where a NAT is welcome, the
// addresses themselves where none is.
void append_path(const Context& ctx, const IkeSa& sa, wire::Payloads& payloads) {
  const SaState& state = sa.state();
  if (ctx.options.no_natt || !state.nat.supported) {
    payloads.push_back(no_nats_allowed(state.path));
  } else {
    append_payloads(payloads, sa.nat_detection(ctx));
  }
}

// RFC4555 3.7: "If the values do not match, the IKE_SA MUST be closed."
bool cookie_fits(const wire::Message& answer, const Bytes& cookie) {
  const auto* copy = answer.find_notify(NotifyType::COOKIE2);
  return copy != nullptr && copy->data == cookie;
}

constexpr std::string_view wrong_cookie =
    "the answer to the return routability check has another COOKIE2 than the question";

std::string silence(const IkeSa& sa) {
  return fmt::format("no answer from {} after an address change", sa.state().path.remote);
}

}  // namespace

Step UpdateAddresses::start(Context& ctx, IkeSa& sa) {
  const SaState& state = sa.state();
  changes_ = state.mobility.changes;
  ++ctx.statistics.address_updates_sent;
  wire::Payloads payloads{wire::make_notify(NotifyType::UPDATE_SA_ADDRESSES)};
  append_path(ctx, sa, payloads);
  if (const auto others = other_own_addresses(sa.policy(ctx), state.path.local.address);
      !others.empty()) {
    append_payloads(payloads, additional_addresses(others));
  }
  if (state.mobility.unproven) {
    cookie_ = ctx.random(cookie_size);
    payloads.push_back(wire::make_notify(NotifyType::COOKIE2, cookie_));
  }
  return Send{std::move(payloads)};
}

Step UpdateAddresses::on_response(Context& ctx, IkeSa& sa, const wire::Message& message) {
  if (!cookie_.empty() && !cookie_fits(message, cookie_)) {
    sa.close(ctx, std::string(wrong_cookie));
    return Done{};
  }
  // RFC4555 3.5: the addresses changed again meanwhile, and another update is due.
  if (changes_ != sa.state().mobility.changes) return Done{};
  if (message.find_notify(NotifyType::UNEXPECTED_NAT_DETECTED) != nullptr) {
    log::warn(sa, "a NAT is between us and {}, and -T wants none; asking again",
              sa.state().path.remote);
    sa.want_address_work(ctx.now + nat_retry_pause);
    return Done{};
  }
  if (message.find_notify(NotifyType::UNACCEPTABLE_ADDRESSES) != nullptr) {
    log::warn(sa, "{} does not accept our new address {}: calling for a new IKE SA",
              sa.state().path.remote, sa.state().path.local);
    sa.wants_replacement = true;
    return Done{};
  }
  log::info(sa, "the peer follows us to {}", sa.state().path.local);
  sa.path_confirmed(ctx, message);
  return Done{};
}

std::string UpdateAddresses::on_no_answer(const IkeSa& sa) const {
  return silence(sa);
}

Step CheckRoutability::start(Context& ctx, IkeSa& sa) {
  if (!sa.state().mobility.unproven) return Done{};
  changes_ = sa.state().mobility.changes;
  cookie_ = ctx.random(cookie_size);
  return Send{{wire::make_notify(NotifyType::COOKIE2, cookie_)}};
}

Step CheckRoutability::on_response(Context& ctx, IkeSa& sa, const wire::Message& message) {
  if (!cookie_fits(message, cookie_)) {
    sa.close(ctx, std::string(wrong_cookie));
    return Done{};
  }
  if (changes_ == sa.state().mobility.changes) {
    sa.path_proven(ctx);
  } else {
    sa.want_address_work(ctx.now);  // it went to another address than the present one
  }
  return Done{};
}

std::string CheckRoutability::on_no_answer(const IkeSa& sa) const {
  return silence(sa);
}

Step AnnounceAddresses::start(Context& ctx, IkeSa& sa) {
  SaState& state = sa.state();
  state.mobility.announce = false;
  wire::Payloads payloads =
      additional_addresses(other_own_addresses(sa.policy(ctx), state.path.local.address));
  if (ctx.options.no_natt) payloads.push_back(no_nats_allowed(state.path));
  return Send{std::move(payloads)};
}

Step AnnounceAddresses::on_response(Context&, IkeSa& sa, const wire::Message&) {
  sa.state().mobility.confirmed = true;
  return Done{};
}

std::string AnnounceAddresses::on_no_answer(const IkeSa& sa) const {
  return silence(sa);
}

}  // namespace iked::ike
