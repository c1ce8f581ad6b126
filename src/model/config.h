// SPDX-License-Identifier: ISC
// A whole configuration: immutable, without secrets, the same for every part of the program.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/credentials.h"
#include "model/policy.h"

namespace iked {

/// Who asks a server whether a certificate is revoked, and how old the answer may be.
struct Ocsp {
  std::string url;
  std::chrono::seconds tolerate{0};             // by how much clocks may differ; 0 = not looked at
  std::optional<std::chrono::seconds> max_age;  // nothing = any age
  friend bool operator==(const Ocsp&, const Ocsp&) = default;
};

/// When IPv6 that no tunnel carries is blocked.
enum class Ipv6Block : uint8_t { automatic, always, never };

/// What is overlooked in certificates. All false is strict.
struct CertificateLeniency {
  bool unknown_eku = false;  // a critical extended key usage that nobody knows
  bool date = false;         // not valid yet, or no longer
  friend bool operator==(const CertificateLeniency&, const CertificateLeniency&) = default;
};

/// The `set` words, but for the oldest three, which are in Config. The initial values are the
/// defaults of iked.conf(5).
struct Settings {
  bool fragmentation = false;          // RFC 7383
  uint16_t fragmentation_mtu = 1350;   // octets of the IP packet, 576 to 9216
  bool mobike = true;                  // RFC 4555
  bool vendor_id = true;               // say who we are
  bool enforce_single_ike_sa = false;  // a new IKE SA of a peer ends its older ones
  bool sticky_address = false;         // the same pool address for the same dstid
  bool cert_partial_chain = false;     // an intermediate in ca/ is enough
  std::optional<Ocsp> ocsp = {};
  CertificateLeniency cert_leniency = {};
  Ipv6Block ipv6_block = Ipv6Block::automatic;
  uint16_t min_threads = 1;                     // of the worker pool
  uint16_t max_threads = 0;                     // 0 = as many as there are processors
  std::chrono::seconds response_wait_time{30};  // over all retransmissions of a request
  std::chrono::seconds retry_first{2};          // pause before an active policy calls again ...
  std::chrono::seconds retry_longest{60};       // ... doubled each time up to this
  uint32_t cookie_threshold = 64;               // half-open SAs from which on a cookie is wanted
  std::optional<std::string> log_file = {};
  bool ignore_errors = false;                      // leave out broken policies, keep the rest
  std::optional<std::string> keystore = {};        // a pkcs11 URI without a PIN
  std::optional<std::string> preshared_file = {};  // IDs and their keys
  std::optional<uint16_t> coexist_port = {};       // where an IKEv1 daemon listens on 127.0.0.1
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// One whom a policy with `eap` lets in.
struct EapUser {
  std::string name;
  SecretId password;
  Location where = {};
  friend bool operator==(const EapUser&, const EapUser&) = default;
};

struct Config {
  std::vector<std::string> files;               // those read, for Location
  bool passive = false;                         // `set passive`: answer, never ask first
  bool decouple = false;                        // `set decouple`: leave the kernel alone
  std::chrono::seconds dpd_check_interval{60};  // 0 = never
  Identity default_id;           // the host's name: who we are where a policy has no srcid
  std::vector<Policy> policies;  // in file order
  Settings settings = {};
  std::vector<EapUser> users = {};  // by first appearance; names are unique
  std::map<std::string, Location, std::less<>> written = {};  // settings that a file has, by word
  Credentials credentials = {};                               // not of the file, but read with it
  size_t policies_left_out = 0;  // broken ones, under `set ignore_errors yes`
};

/// "FILE:LINE", for messages that send a person to the place.
std::string to_string(const Config& config, const Location& where);

}  // namespace iked
