// SPDX-License-Identifier: ISC
#include "pki/judge.h"

#include <algorithm>
#include <array>

namespace iked::pki {
namespace {

// Extended key usages (RFC5280 4.2.1.12, RFC4945 5.1.3.12). RFC4945 asks for one of the first two.
// Certificates for servers and clients are used for IKE everywhere; the last four are what IPsec
// had before RFC4945.
constexpr std::array good_purposes = {
    std::string_view("2.5.29.37.0"),         // anyExtendedKeyUsage
    std::string_view("1.3.6.1.5.5.7.3.17"),  // id-kp-ipsecIKE
    std::string_view("1.3.6.1.5.5.7.3.1"),   // serverAuth
    std::string_view("1.3.6.1.5.5.7.3.2"),   // clientAuth
    std::string_view("1.3.6.1.5.5.7.3.5"),   // ipsecEndSystem
    std::string_view("1.3.6.1.5.5.7.3.6"),   // ipsecTunnel
    std::string_view("1.3.6.1.5.5.7.3.7"),   // ipsecUser
    std::string_view("1.3.6.1.5.5.8.2.2"),   // iKEIntermediate
};
// Known to be for something else.
constexpr std::array other_purposes = {
    std::string_view("1.3.6.1.5.5.7.3.3"),  // codeSigning
    std::string_view("1.3.6.1.5.5.7.3.4"),  // emailProtection
    std::string_view("1.3.6.1.5.5.7.3.8"),  // timeStamping
    std::string_view("1.3.6.1.5.5.7.3.9"),  // OCSPSigning
};

Result<void> check_purposes(const Certificate& certificate, const ChainRequest& request) {
  const auto& purposes = certificate.extensions().purposes;
  // RFC4945 5.1.3.12: without the extension, continue; with id-kp-ipsecIKE or anyExtendedKeyUsage,
  // continue; otherwise reject.
  if (!purposes) return {};
  const auto is_good = [](std::string_view p) {
    return std::ranges::find(good_purposes, p) != good_purposes.end();
  };
  if (std::ranges::any_of(*purposes, is_good)) return {};
  const auto is_unknown = [](std::string_view p) {
    return std::ranges::find(other_purposes, p) == other_purposes.end();
  };
  const bool unknown = std::ranges::any_of(*purposes, is_unknown);
  if (unknown && request.leniency.unknown_eku) return {};
  return fail(
      "the certificate of {} is for other purposes than IKE (extended key usage {}); have it "
      "issued for ipsecIKE{}",
      certificate.subject(), purposes->empty() ? "without any" : purposes->front(),
      unknown ? ", or set certpolicy ignore_unknown_eku" : "");
}

Result<void> check_dates(const Certificate& certificate, const ChainRequest& request) {
  if (request.leniency.date) return {};
  if (request.now < certificate.not_before()) {
    return fail("the certificate of {} is not valid before {}; is our clock right?",
                certificate.subject(), to_text(certificate.not_before()));
  }
  if (request.now > certificate.not_after()) {
    return fail("the certificate of {} is not valid since {}; it must be renewed",
                certificate.subject(), to_text(certificate.not_after()));
  }
  return {};
}

/// What holds for all of them.
Result<void> check_any(const Certificate& certificate, const ChainRequest& request) {
  // RFC5280 4.2: "A certificate-using system MUST reject the certificate if it encounters a
  // critical extension it does not recognize".
  if (const auto& oid = certificate.extensions().unknown_critical) {
    return fail("the certificate of {} has the critical extension {}, which is not known here",
                certificate.subject(), *oid);
  }
  if (const auto& fault = certificate.key_fault()) {
    return fail("the key of {} {}", certificate.subject(), *fault);
  }
  return check_dates(certificate, request);
}

}  // namespace

Result<void> check_leaf(const Certificate& leaf, const ChainRequest& request) {
  if (!leaf.covers(request.peer)) {
    return fail(
        "the certificate of {} is not one for {}; the peer must use an identity that is in "
        "its subjectAltName, or the whole subject",
        leaf.subject(), printable(as_bytes(to_string(request.peer))));
  }
  if (auto good = check_any(leaf, request); !good) return good;
  // RFC4945 5.1.3.2: digitalSignature or nonRepudiation, if there is a keyUsage.
  if (!leaf.extensions().may_sign_data) {
    return fail(
        "the key usage of the certificate of {} does not let it sign; have it issued with "
        "digitalSignature",
        leaf.subject());
  }
  return check_purposes(leaf, request);
}

Result<void> check_authority(const Certificate& authority, const ChainRequest& request,
                             bool anchor) {
  // RFC5280 6.1.4 (k): "verify that the basicConstraints extension is present and that cA is set to
  // TRUE".
  if (!authority.extensions().is_ca) {
    return fail(
        "{} is no authority: its certificate does not have CA:TRUE, and may not issue others",
        authority.subject());
  }
  // RFC5280 6.1.4 (n): "If a key usage extension is present, verify that the keyCertSign bit is
  // set."
  if (!authority.extensions().may_sign_certificates) {
    return fail("the key usage of {} does not let it sign certificates", authority.subject());
  }
  if (auto good = check_any(authority, request); !good) return good;
  // An anchor is trusted for IKE by being where it is.
  return anchor ? Result<void>{} : check_purposes(authority, request);
}

}  // namespace iked::pki
