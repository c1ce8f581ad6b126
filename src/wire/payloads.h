// SPDX-License-Identifier: ISC
// The payloads of RFC 7296 as plain values: what stands on the wire, no more. Each has a parser for
// its body (without the generic header) and an encoder that appends a body. Whether a payload is
// wanted where it stands is ike/'s question.
#pragma once

#include <array>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ip.h"
#include "base/result.h"
#include "model/iana.h"
#include "model/identity.h"
#include "model/ids.h"
#include "model/traffic_selector.h"

namespace iked::wire {

/// RFC7296 3.3.2. An attribute we do not know makes a transform unacceptable (3.3.6), so it is
/// remembered; so does a Key Length that is zero, doubled or in the wrong format (3.3.5). Only what
/// is acceptable is ever sent: encode writes no attribute for `unknown_attribute`.
struct Transform {
  TransformType type = TransformType::ENCR;
  uint16_t id = 0;
  std::optional<uint16_t> key_bits;
  bool unknown_attribute = false;
  friend bool operator==(const Transform&, const Transform&) = default;
};

/// How many proposals one SA payload may have; more does not parse.
constexpr size_t max_proposals = 64;

/// RFC7296 3.3.1. Transforms keep their order: the sender's preference.
struct ProposalPayload {
  uint8_t number = 1;
  ProtocolId protocol = ProtocolId::IKE;
  Bytes spi;  // 0 or 8 octets for IKE, 4 for AH and ESP, any number for what we do not know
  std::vector<Transform> transforms;
  friend bool operator==(const ProposalPayload&, const ProposalPayload&) = default;
};

/// RFC7296 3.3. At least one proposal with at least one transform each; at most max_proposals, each
/// with at most 255 transforms, which is all their count can say.
struct SaPayload {
  static constexpr PayloadType type = PayloadType::SA;
  std::vector<ProposalPayload> proposals;
  friend bool operator==(const SaPayload&, const SaPayload&) = default;
};

/// RFC7296 3.4
struct KePayload {
  static constexpr PayloadType type = PayloadType::KE;
  KeId group = KeId::NONE;
  Bytes data;
  friend bool operator==(const KePayload&, const KePayload&) = default;
};

/// RFC7296 3.5. `body` is the payload without its generic header exactly as it came, because AUTH
/// covers it, reserved octets included (2.15). encode uses `identity` and ignores `body`.
template <PayloadType kType>
struct IdPayload {
  static constexpr PayloadType type = kType;
  Identity identity;
  Bytes body;
  friend bool operator==(const IdPayload&, const IdPayload&) = default;
};
using IdiPayload = IdPayload<PayloadType::IDi>;
using IdrPayload = IdPayload<PayloadType::IDr>;

/// RFC7296 3.6. What `data` holds is the encoding's; it is not looked at, but a hash and URL has a
/// hash of 20 octets and something after it, else it does not parse.
struct CertPayload {
  static constexpr PayloadType type = PayloadType::CERT;
  CertEncoding encoding = CertEncoding::X509_SIGNATURE;
  Bytes data;
  friend bool operator==(const CertPayload&, const CertPayload&) = default;
};

/// SHA-1 of a Subject Public Key Info. RFC7296 3.7
using KeyHash = std::array<uint8_t, 20>;

/// RFC7296 3.7. X.509 certificates in any form (4, 12, 13) and OCSP responses (14) are asked for by
/// `authorities`, none of them meaning any; everything else by `opaque`.
struct CertreqPayload {
  static constexpr PayloadType type = PayloadType::CERTREQ;
  CertEncoding encoding = CertEncoding::X509_SIGNATURE;
  std::vector<KeyHash> authorities;
  Bytes opaque;
  friend bool operator==(const CertreqPayload&, const CertreqPayload&) = default;
};

/// RFC7296 3.8
struct AuthPayload {
  static constexpr PayloadType type = PayloadType::AUTH;
  AuthMethod method = AuthMethod::SHARED_KEY_MIC;
  Bytes data;
  friend bool operator==(const AuthPayload&, const AuthPayload&) = default;
};

/// RFC7296 3.9: 16 to 256 octets, else it does not parse.
struct NoncePayload {
  static constexpr PayloadType type = PayloadType::NONCE;
  Bytes nonce;
  friend bool operator==(const NoncePayload&, const NoncePayload&) = default;
};

/// RFC7296 3.10. Without a SPI `protocol` is NONE, whatever the sender wrote. A SPI of any length
/// is kept, also with notifies that should have none: ike/ looks at it where it means something.
struct NotifyPayload {
  static constexpr PayloadType type = PayloadType::NOTIFY;
  NotifyType notify{};
  ProtocolId protocol = ProtocolId::NONE;
  Bytes spi;
  Bytes data;
  friend bool operator==(const NotifyPayload&, const NotifyPayload&) = default;
};

/// RFC7296 3.11. For IKE there are no SPIs: the message's own SA is meant.
struct DeletePayload {
  static constexpr PayloadType type = PayloadType::DELETE;
  ProtocolId protocol = ProtocolId::IKE;
  std::vector<ChildSpi> spis;
  friend bool operator==(const DeletePayload&, const DeletePayload&) = default;
};

/// RFC7296 3.12
struct VendorPayload {
  static constexpr PayloadType type = PayloadType::VENDOR;
  Bytes id;
  friend bool operator==(const VendorPayload&, const VendorPayload&) = default;
};

/// RFC7296 3.13. Selectors of an unknown type are skipped and counted. At most 255 of both, which
/// is all the count can say.
template <PayloadType kType>
struct TsPayload {
  static constexpr PayloadType type = kType;
  TrafficSelectors selectors;
  size_t skipped = 0;
  friend bool operator==(const TsPayload&, const TsPayload&) = default;
};
using TsiPayload = TsPayload<PayloadType::TSi>;
using TsrPayload = TsPayload<PayloadType::TSr>;

/// INTERNAL_IP4_SUBNET. That the bits of the netmask are in one row is not checked.
struct CfgSubnet4 {
  IpAddress address;
  IpAddress netmask;
  friend bool operator==(const CfgSubnet4&, const CfgSubnet4&) = default;
};

/// INTERNAL_IP6_ADDRESS and INTERNAL_IP6_SUBNET. Unlike an IpPrefix it keeps its host bits.
struct CfgPrefix6 {
  IpAddress address;
  uint8_t length = 0;  // 0..128
  friend bool operator==(const CfgPrefix6&, const CfgPrefix6&) = default;
};

/// An empty value is a monostate whatever its type. IpAddress is for the addresses and the netmask,
/// the list for SUPPORTED_ATTRIBUTES, Bytes for text and what we do not know.
using CfgValue = std::variant<std::monostate, IpAddress, CfgSubnet4, CfgPrefix6,
                              std::vector<CfgAttributeType>, Bytes>;

/// RFC7296 3.15.1
struct CfgAttribute {
  CfgAttributeType type{};
  CfgValue value;
  friend bool operator==(const CfgAttribute&, const CfgAttribute&) = default;
};

/// How many attributes one CP payload may have; more does not parse.
constexpr size_t max_cfg_attributes = 1024;

/// RFC7296 3.15. Attributes that we do not know are kept, so that they can be ignored. Any may be
/// empty, but for an INTERNAL_IP6_SUBNET in what is neither CFG_REQUEST nor CFG_ACK.
struct CpPayload {
  static constexpr PayloadType type = PayloadType::CP;
  CfgType cfg = CfgType::CFG_REQUEST;
  std::vector<CfgAttribute> attributes;
  friend bool operator==(const CpPayload&, const CpPayload&) = default;
};

/// RFC7296 3.16. SUCCESS and FAILURE have neither `method` nor `data`; another code does not parse.
struct EapPayload {
  static constexpr PayloadType type = PayloadType::EAP;
  EapCode code = EapCode::REQUEST;
  uint8_t identifier = 0;
  EapType method{};
  Bytes data;
  friend bool operator==(const EapPayload&, const EapPayload&) = default;
};

using Payload =
    std::variant<SaPayload, KePayload, IdiPayload, IdrPayload, CertPayload, CertreqPayload,
                 AuthPayload, NoncePayload, NotifyPayload, DeletePayload, VendorPayload, TsiPayload,
                 TsrPayload, CpPayload, EapPayload>;
using Payloads = std::vector<Payload>;

PayloadType type_of(const Payload& payload);

Result<SaPayload> parse_sa(ByteView body);
Result<KePayload> parse_ke(ByteView body);
Result<IdiPayload> parse_idi(ByteView body);
Result<IdrPayload> parse_idr(ByteView body);
Result<CertPayload> parse_cert(ByteView body);
Result<CertreqPayload> parse_certreq(ByteView body);
Result<AuthPayload> parse_auth(ByteView body);
Result<NoncePayload> parse_nonce(ByteView body);
Result<NotifyPayload> parse_notify(ByteView body);
Result<DeletePayload> parse_delete(ByteView body);
Result<VendorPayload> parse_vendor(ByteView body);
Result<TsiPayload> parse_tsi(ByteView body);
Result<TsrPayload> parse_tsr(ByteView body);
Result<CpPayload> parse_cp(ByteView body);
Result<EapPayload> parse_eap(ByteView body);

/// Appends the body alone; the generic header is the message encoder's. What does not fit the
/// fields of RFC 7296 (over 64 KiB, over 255 transforms or selectors, a configuration value of
/// another length than its type's) is a broken invariant.
void encode_body(const Payload& payload, Bytes& out);

/// The octets that AUTH covers for an ID of our own: RFC7296 2.15 RestOfInitIDPayload.
Bytes id_body(const Identity& identity);

}  // namespace iked::wire
