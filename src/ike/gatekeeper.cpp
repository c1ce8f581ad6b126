// SPDX-License-Identifier: ISC
#include "ike/gatekeeper.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/prf.h"

namespace iked::ike {
namespace {

// RFC7296 2.6: "The responder should change the value of <secret> frequently", and the one before
// stays good for cookies on their way: a cookie lives at most twice as long.
constexpr Duration secret_life = 60s;

// How long a cookie is wanted after an overload. Long enough for the repetitions of a request that
// was not answered, short enough that quiet times are not bothered with an old storm.
constexpr Duration overload_lasts = 30s;

// One IPv6 host has a whole /64 to send from.
IpAddress source_network(const IpAddress& source) {
  return source.is_v4() ? source : source.with_bits_from(64, false);
}

}  // namespace

bool RateLimit::allow(Time now) {
  const std::chrono::duration<double> passed = now - last_;
  last_ = now;
  tokens_ = std::min<double>(per_second_, tokens_ + passed.count() * per_second_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Gatekeeper::Gatekeeper(Limits limits, Rng& rng)
    : limits_(limits), rng_(rng), hash_seed_(rng.u64()) {
  current_.octets = SecretBytes(32);
  rng_.fill(current_.octets.reveal_writable());
}

Gatekeeper::Verdict Gatekeeper::admit(const IpAddress& source, IkeSpi spi_i, ByteView nonce_i,
                                      ByteView cookie, Time now) {
  const auto count = per_source_.find(hash_of(source_network(source), hash_seed_));
  const bool crowded = count != per_source_.end() && count->second >= limits_.half_open_per_source;
  const bool calm = half_open_ < limits_.cookies_from && now >= cookies_until_;
  if (calm && !crowded) return Verdict::admit;
  rotate(now);
  // Nobody is refused for what others may have sent in his name: the cookie first.
  if (!cookie_is_good(source, spi_i, nonce_i, cookie)) return Verdict::demand_cookie;
  return crowded || half_open_ >= limits_.half_open ? Verdict::refuse : Verdict::admit_proven;
}

Bytes Gatekeeper::cookie(const IpAddress& source, IkeSpi spi_i, ByteView nonce_i, Time now) {
  rotate(now);
  return cookie_with(current_, source, spi_i, nonce_i);
}

void Gatekeeper::overloaded(Time now) {
  cookies_until_ = now + overload_lasts;
}

void Gatekeeper::opened(const IpAddress& source, bool proven) {
  ++half_open_;
  if (proven) ++per_source_[hash_of(source_network(source), hash_seed_)];
}

void Gatekeeper::closed(const IpAddress& source, bool proven) {
  IKED_CHECK(half_open_ > 0);
  --half_open_;
  if (!proven) return;
  const auto count = per_source_.find(hash_of(source_network(source), hash_seed_));
  IKED_CHECK(count != per_source_.end());
  if (--count->second == 0) per_source_.erase(count);
}

void Gatekeeper::rotate(Time now) {
  if (now < rotate_at_) return;
  // After a quiet time the current secret is an old one, too.
  const bool overdue = now >= rotate_at_ + secret_life;
  rotate_at_ = now + secret_life;
  const auto version = static_cast<uint8_t>(current_.version + 1);
  previous_ = overdue ? Secret{} : std::move(current_);
  current_.version = version;
  current_.octets = SecretBytes(32);
  rng_.fill(current_.octets.reveal_writable());
}

Bytes Gatekeeper::cookie_with(const Secret& secret, const IpAddress& source, IkeSpi spi_i,
                              ByteView nonce_i) const {
  // The length of the nonce makes sure that no octet of it passes for one of the address.
  Bytes fixed;
  put_u16(fixed, static_cast<uint16_t>(nonce_i.size()));
  append(fixed, source.octets());
  put_u64(fixed, spi_i.value);
  Bytes cookie{secret.version};
  append(cookie, crypto::keyed_digest(secret.octets.reveal(), {ByteView(fixed), nonce_i}));
  return cookie;
}

bool Gatekeeper::cookie_is_good(const IpAddress& source, IkeSpi spi_i, ByteView nonce_i,
                                ByteView cookie) const {
  if (cookie.empty()) return false;
  for (const Secret* secret : {&current_, &previous_}) {
    if (secret->octets.empty() || secret->version != cookie[0]) continue;
    return equal_constant_time(cookie, cookie_with(*secret, source, spi_i, nonce_i));
  }
  return false;
}

}  // namespace iked::ike
