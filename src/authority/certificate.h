// SPDX-License-Identifier: ISC
// X.509 certificates as an authority makes and reads them. That a peer's certificate is to be
// trusted is decided elsewhere: these are our own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authority/failure.h"
#include "authority/handles.h"
#include "authority/key.h"
#include "authority/names.h"
#include "base/bytes.h"

namespace iked::authority {

/// Seconds since 1970, UTC.
using UnixTime = int64_t;
inline constexpr UnixTime one_day = 86400;

/// "Nov 22 14:48:07 2026 GMT"
std::string to_text(UnixTime time);

class Certificate {
 public:
  /// The first certificate in the text. `path` is for messages.
  static Outcome<Certificate> from_pem(ByteView pem, const std::string& path);
  explicit Certificate(Handle<gnutls_x509_crt_int> handle) : handle_(std::move(handle)) {}

  Bytes pem() const;
  Bytes der() const;
  std::string subject() const;             // RFC 4514: "CN=a.example.com"
  Bytes serial() const;                    // without leading zeros
  std::vector<std::string> names() const;  // of the subjectAltName: "IP:192.0.2.1", "DNS:...", ...
  UnixTime not_before() const;
  UnixTime not_after() const;
  Bytes sha256() const;
  Bytes key_id() const;  // as PrivateKey::id()
  /// What it calls its key, by which others refer to it. Not always the same as key_id(): programs
  /// compute it differently. Empty if it does not say.
  Bytes subject_key_id() const;
  bool is_ca() const;
  /// The signature is checked, not only the name.
  bool is_issued_by(const Certificate& issuer) const;
  /// Everything in it, for people to read.
  std::string full_text() const;

  gnutls_x509_crt_int* handle() const { return handle_.get(); }

 private:
  Handle<gnutls_x509_crt_int> handle_;
};

/// What a certificate may be used for. An IKE peer does not look at it much (RFC 4945 5.1.3), but
/// some do, and other programs that happen to trust the same authority do.
enum class Profile { peer, server, client, ocsp };

struct ProfileName {
  std::string_view word;
  Profile profile;
};
std::span<const ProfileName> profile_names();
Outcome<Profile> parse_profile(std::string_view word);

inline constexpr unsigned most_days = 36500;

/// What an authority's own certificate says.
struct AuthorityTerms {
  std::string common_name;
  std::string subject = {};  // RFC 4514, in place of the common name
  unsigned days = 3650;
};

/// What a certificate for a host says.
struct CertificateTerms {
  Host host;
  std::vector<Host> more_names = {};
  Profile profile = Profile::peer;
  std::string subject = {};  // RFC 4514; else the name of the host
  unsigned days = 365;
  std::string crl_url = {};
  std::string ocsp_url = {};
};

/// Self-signed. `now` and what follows from it are the only times in it.
Outcome<Certificate> issue_authority(const AuthorityTerms& terms, const PrivateKey& key,
                                     UnixTime now);
/// For the public half of `key`, never valid for longer than the issuer is.
Outcome<Certificate> issue_certificate(const CertificateTerms& terms, const PrivateKey& key,
                                       const Certificate& issuer, const PrivateKey& issuer_key,
                                       UnixTime now);

/// How far everything is dated back, for peers whose clock is behind.
inline constexpr UnixTime dated_back = 3600;

}  // namespace iked::authority
