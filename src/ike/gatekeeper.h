// SPDX-License-Identifier: ISC
// What a stranger may make us do: how many half-open IKE SAs there may be, when an address must
// first be proven by a cookie, how many unprotected answers we give. RFC7296 2.6, 2.21.4, 1.5
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "base/ip.h"
#include "base/secret.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/rng.h"

namespace iked::ike {

/// So many per second on average, and at most as many at once.
class RateLimit {
 public:
  explicit RateLimit(unsigned per_second) : per_second_(per_second), tokens_(per_second) {}
  bool allow(Time now);

 private:
  unsigned per_second_;
  double tokens_;
  Time last_{};
};

class Gatekeeper {
 public:
  struct Limits {
    size_t cookies_from = 64;          // half-open SAs from which on a cookie is wanted
    size_t half_open = 4096;           // in all
    size_t half_open_per_source = 64;  // of those with a cookie, per IPv4 address or IPv6 /64
  };

  Gatekeeper(Limits limits, Rng& rng);
  /// From now on; what is open stays.
  void set_cookies_from(size_t half_open) { limits_.cookies_from = half_open; }

  /// admit_proven: by a good cookie, so that the source address is true.
  enum class Verdict { admit, admit_proven, demand_cookie, refuse };

  /// For the first message of a peer. `cookie` is what it brought, empty if none. RFC7296 2.6: a
  /// wrong one is to be ignored "as if no cookie had been included". Keeps nothing of the message.
  Verdict admit(const IpAddress& source, IkeSpi spi_i, ByteView nonce_i, ByteView cookie, Time now);

  /// RFC7296 2.6: <Version of Secret> | Hash(Ni | IPi | SPIi | <Secret>), the hash being an HMAC.
  /// 33 octets; good for one to two minutes.
  Bytes cookie(const IpAddress& source, IkeSpi spi_i, ByteView nonce_i, Time now);

  /// We could not keep up with what was admitted: everybody needs a cookie for the next while.
  void overloaded(Time now);

  /// One half-open SA more or less. Only those with a proven source count against that source: what
  /// is sent in somebody's name shall not lock him out.
  void opened(const IpAddress& source, bool proven);
  void closed(const IpAddress& source, bool proven);
  size_t half_open() const { return half_open_; }

  /// Whether one more unprotected answer may be sent (INVALID_IKE_SPI and the like).
  bool may_answer(Time now) { return answers_.allow(now); }
  /// Whether one more log line about unauthenticated input may be written.
  bool may_log(Time now) { return log_lines_.allow(now); }

 private:
  struct Secret {
    uint8_t version = 0;
    SecretBytes octets;
  };
  void rotate(Time now);
  Bytes cookie_with(const Secret& secret, const IpAddress& source, IkeSpi spi_i,
                    ByteView nonce_i) const;
  bool cookie_is_good(const IpAddress& source, IkeSpi spi_i, ByteView nonce_i,
                      ByteView cookie) const;

  Limits limits_;
  Rng& rng_;
  Secret current_;
  Secret previous_;
  Time rotate_at_{};
  Time cookies_until_{};  // after an overload
  size_t half_open_ = 0;
  std::unordered_map<uint64_t, size_t> per_source_;  // by keyed hash of the address
  uint64_t hash_seed_;
  RateLimit answers_{10};
  RateLimit log_lines_{20};
};

}  // namespace iked::ike
