// SPDX-License-Identifier: ISC
#include "ike/window.h"

#include <algorithm>

#include "base/check.h"

namespace iked::ike {

std::optional<Duration> pause_after(size_t n, Duration total) {
  constexpr Duration longest = 60s;
  Duration pause = std::min(Duration(1s), total / 30);
  for (Duration left = total; left > Duration(0); pause = std::min(pause * 2, longest)) {
    // What is left for half a pause more is better spent waiting in this one.
    const Duration now = left < pause * 3 / 2 ? left : pause;
    if (--n == 0) return now;
    left -= now;
  }
  return std::nullopt;
}

Window::Verdict Window::classify_request(MessageId id) const {
  if (id.value == expected_request_) return answering_ ? Verdict::in_progress : Verdict::fresh;
  // RFC7296 2.3: our window is 1: nobody may be ahead by more.
  if (id.value > expected_request_) return Verdict::ahead;
  if (id.value + uint64_t{1} == expected_request_ && !last_response_.empty()) {
    return Verdict::repeated;
  }
  return Verdict::stale;
}

void Window::begin_request(MessageId id) {
  IKED_CHECK(id.value == expected_request_ && !answering_);
  answering_ = true;
}

void Window::forget_request() {
  IKED_CHECK(answering_);
  answering_ = false;
}

void Window::answered(Datagrams response) {
  IKED_CHECK(answering_);
  answering_ = false;
  ++expected_request_;
  last_response_ = std::move(response);
  for (Bytes& datagram : last_response_) datagram.shrink_to_fit();
  response_repeated_ = 0;
}

std::optional<MessageId> Window::next_own_id() const {
  // RFC7296 2.2: "In the unlikely event that Message IDs grow too large to fit in 32 bits, the IKE
  // SA MUST be closed or rekeyed."
  if (next_own_ > 0xffffffffU) return std::nullopt;
  return MessageId{static_cast<uint32_t>(next_own_)};
}

void Window::sent(MessageId id, ExchangeType exchange, Datagrams request, Time now, Duration wait) {
  if (outstanding_) {
    // RFC7296 2.2: no other exchange has a second request with the same ID.
    IKED_CHECK(outstanding_->id == id && id == MessageId{0} &&
               exchange == ExchangeType::IKE_SA_INIT &&
               outstanding_->exchange == ExchangeType::IKE_SA_INIT);
  } else {
    IKED_CHECK(id.value == next_own_);
    ++next_own_;
  }
  outstanding_ =
      Outstanding{id, exchange, std::move(request), wait, 1, now + pause_after(1, wait).value()};
}

bool Window::expects_response(MessageId id, ExchangeType exchange) const {
  return outstanding_ && outstanding_->id == id && outstanding_->exchange == exchange;
}

void Window::response_accepted() {
  outstanding_.reset();
}

std::optional<Time> Window::retransmit_at() const {
  if (!outstanding_) return std::nullopt;
  return outstanding_->next;
}

const Datagrams* Window::retransmit(Time now) {
  IKED_CHECK(outstanding_.has_value());
  const auto pause = pause_after(outstanding_->transmissions + 1, outstanding_->wait);
  if (!pause) return nullptr;
  outstanding_->next = now + *pause;
  ++outstanding_->transmissions;
  return &outstanding_->request;
}

const Datagrams* Window::start_over(Time now) {
  if (!outstanding_) return nullptr;
  outstanding_->transmissions = 1;
  outstanding_->next = now + pause_after(1, outstanding_->wait).value();
  return &outstanding_->request;
}

void Window::postpone(Time until) {
  IKED_CHECK(outstanding_.has_value());
  outstanding_->next = std::max(outstanding_->next, until);
}

void Window::recut_request(Datagrams request) {
  IKED_CHECK(outstanding_.has_value());
  outstanding_->request = std::move(request);
}

}  // namespace iked::ike
