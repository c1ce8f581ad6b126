// SPDX-License-Identifier: ISC
#include "wire/samples.h"

#include "wire/notify_data.h"

namespace iked::wire {
namespace {

Transform encr(EncrId id, std::optional<uint16_t> key_bits = {}) {
  return {TransformType::ENCR, static_cast<uint16_t>(id), key_bits};
}
Transform prf(PrfId id) {
  return {TransformType::PRF, static_cast<uint16_t>(id)};
}
Transform integ(IntegId id) {
  return {TransformType::INTEG, static_cast<uint16_t>(id)};
}
Transform ke(KeId id) {
  return {TransformType::KE, static_cast<uint16_t>(id)};
}
Transform esn(EsnId id) {
  return {TransformType::ESN, static_cast<uint16_t>(id)};
}

SaPayload ike_offer() {
  ProposalPayload aead{1, ProtocolId::IKE, {}, {}};
  aead.transforms = {encr(EncrId::AES_GCM_16, 256),
                     encr(EncrId::AES_GCM_16, 128),
                     encr(EncrId::CHACHA20_POLY1305),
                     prf(PrfId::HMAC_SHA2_256),
                     prf(PrfId::HMAC_SHA2_512),
                     ke(KeId::CURVE25519),
                     ke(KeId::ECP_256),
                     ke(KeId::MODP_2048)};
  ProposalPayload cbc{2, ProtocolId::IKE, {}, {}};
  cbc.transforms = {encr(EncrId::AES_CBC, 256), integ(IntegId::HMAC_SHA2_256_128),
                    prf(PrfId::HMAC_SHA2_256), ke(KeId::CURVE25519)};
  return {{aead, cbc}};
}

SaPayload esp_offer(uint8_t spi) {
  ProposalPayload aead{1, ProtocolId::ESP, {0xc0, 0, 0, spi}, {}};
  aead.transforms = {encr(EncrId::AES_GCM_16, 256), esn(EsnId::ESN), esn(EsnId::NO_ESN)};
  ProposalPayload cbc{2, ProtocolId::ESP, {0xc0, 0, 0, spi}, {}};
  cbc.transforms = {encr(EncrId::AES_CBC, 128), integ(IntegId::HMAC_SHA2_256_128),
                    esn(EsnId::NO_ESN)};
  return {{aead, cbc}};
}

template <typename P>
P id_payload(std::string_view text) {
  P id;
  id.identity = *Identity::parse(text);
  id.body = id_body(id.identity);
  return id;
}

TrafficSelector selector(std::string_view prefix, uint8_t protocol = 0) {
  return TrafficSelector::of(*IpPrefix::parse(prefix), protocol);
}

Header header(ExchangeType exchange, uint32_t message_id) {
  Header h;
  h.spi_i = IkeSpi{0x0102030405060708};
  h.spi_r = IkeSpi{0x1112131415161718};
  h.exchange = exchange;
  h.from_initiator = true;
  h.message_id = MessageId{message_id};
  return h;
}

}  // namespace

Bytes counting(size_t size, uint8_t first) {
  Bytes octets(size);
  for (size_t i = 0; i < size; ++i) octets[i] = static_cast<uint8_t>(first + i);
  return octets;
}

Sample sa_init_request() {
  Sample sample{"sa_init_request", header(ExchangeType::IKE_SA_INIT, 0), {}};
  sample.header.spi_r = {};
  sample.payloads = {
      ike_offer(),
      KePayload{KeId::CURVE25519, counting(32)},
      NoncePayload{counting(32, 0x40)},
      NotifyPayload{NotifyType::NAT_DETECTION_SOURCE_IP, {}, {}, counting(20)},
      NotifyPayload{NotifyType::NAT_DETECTION_DESTINATION_IP, {}, {}, counting(20, 20)},
      VendorPayload{to_bytes(as_bytes("a vendor"))},
  };
  return sample;
}

Sample cookie_response() {
  Sample sample{"cookie_response", header(ExchangeType::IKE_SA_INIT, 0), {}};
  sample.header.from_initiator = false;
  sample.header.response = true;
  sample.payloads = {NotifyPayload{NotifyType::COOKIE, {}, {}, counting(24)}};
  return sample;
}

Sample auth_request() {
  Sample sample{"auth_request", header(ExchangeType::IKE_AUTH, 1), {}};
  TrafficSelector web = selector("2001:db8::/64", 6);
  web.first_port = web.last_port = 443;
  TrafficSelector opaque = selector("192.0.2.0/24", 17);
  opaque.first_port = 65535;
  opaque.last_port = 0;
  sample.payloads = {
      id_payload<IdiPayload>("a.example.com"),
      id_payload<IdrPayload>("192.0.2.2"),
      AuthPayload{AuthMethod::SHARED_KEY_MIC, counting(32)},
      NotifyPayload{NotifyType::INITIAL_CONTACT, {}, {}, {}},
      CertreqPayload{CertEncoding::X509_SIGNATURE, {KeyHash{1, 2, 3}, KeyHash{4, 5, 6}}, {}},
      esp_offer(1),
      TsiPayload{{selector("10.1.0.0/24"), web}, 0},
      TsrPayload{{selector("10.2.0.0/16"), opaque}, 0},
  };
  return sample;
}

Sample rekey_request() {
  Sample sample{"rekey_request", header(ExchangeType::CREATE_CHILD_SA, 2), {}};
  sample.payloads = {
      NotifyPayload{NotifyType::REKEY_SA, ProtocolId::ESP, {0xc0, 0, 0, 1}, {}},
      esp_offer(2),
      NoncePayload{counting(16)},
      KePayload{KeId::ECP_256, counting(64)},
      TsiPayload{{selector("10.1.0.0/24")}, 0},
      TsrPayload{{selector("::/0")}, 0},
  };
  return sample;
}

Sample delete_request() {
  Sample sample{"delete_request", header(ExchangeType::INFORMATIONAL, 3), {}};
  sample.payloads = {
      DeletePayload{ProtocolId::ESP, {ChildSpi{0xc0000001}, ChildSpi{0xc0000002}}},
      DeletePayload{ProtocolId::IKE, {}},
  };
  return sample;
}

Sample cert_request() {
  Sample sample{"cert_request", header(ExchangeType::IKE_AUTH, 1), {}};
  using enum CfgAttributeType;
  sample.payloads = {
      id_payload<IdiPayload>("a.example.com"),
      CertPayload{CertEncoding::X509_SIGNATURE, counting(60)},
      CertPayload{CertEncoding::RAW_PUBLIC_KEY, counting(44)},
      CertreqPayload{CertEncoding::X509_SIGNATURE, {KeyHash{1, 2, 3}}, {}},
      CertreqPayload{CertEncoding::RAW_PUBLIC_KEY, {}, {}},
      CertreqPayload{CertEncoding::PGP, {}, counting(7)},
      CpPayload{CfgType::CFG_REQUEST,
                {{INTERNAL_IP4_ADDRESS, {}},
                 {INTERNAL_IP4_DNS, {}},
                 {INTERNAL_IP6_ADDRESS, CfgPrefix6{*IpAddress::parse("2001:db8::1"), 64}},
                 {INTERNAL_IP6_SUBNET, {}},
                 {SUPPORTED_ATTRIBUTES, {}},
                 {APPLICATION_VERSION, to_bytes(as_bytes("a version"))}}},
      EapPayload{EapCode::RESPONSE, 1, EapType::IDENTITY, to_bytes(as_bytes("alice"))},
  };
  return sample;
}

Sample config_response() {
  Sample sample{"config_response", header(ExchangeType::IKE_AUTH, 1), {}};
  sample.header.from_initiator = false;
  sample.header.response = true;
  Bytes hash_and_url = counting(20);
  append(hash_and_url, as_bytes("http://ca.example.com/1"));
  const auto address = [](std::string_view text) { return *IpAddress::parse(text); };
  using enum CfgAttributeType;
  sample.payloads = {
      CertPayload{CertEncoding::HASH_AND_URL_X509, hash_and_url},
      CpPayload{CfgType::CFG_REPLY,
                {{INTERNAL_IP4_ADDRESS, address("10.9.0.2")},
                 {INTERNAL_IP4_NETMASK, address("255.255.255.0")},
                 {INTERNAL_IP4_DNS, address("10.9.0.1")},
                 {INTERNAL_IP4_NBNS, address("10.9.0.1")},
                 {INTERNAL_IP4_DHCP, address("10.9.0.1")},
                 {INTERNAL_IP6_ADDRESS, CfgPrefix6{address("2001:db8::2"), 128}},
                 {INTERNAL_IP6_DNS, address("2001:db8::53")},
                 {INTERNAL_IP6_DHCP, address("2001:db8::67")},
                 {INTERNAL_IP4_SUBNET, CfgSubnet4{address("10.0.0.0"), address("255.0.0.0")}},
                 {INTERNAL_IP6_SUBNET, CfgPrefix6{address("2001:db8::"), 32}},
                 {SUPPORTED_ATTRIBUTES, std::vector{INTERNAL_IP4_ADDRESS, INTERNAL_IP4_DNS}},
                 {INTERNAL_DNS_DOMAIN, to_bytes(as_bytes("example.com"))},
                 {CfgAttributeType{0x7fff}, counting(3)}}},
      EapPayload{EapCode::SUCCESS, 1, {}, {}},
  };
  return sample;
}

Sample notify_request() {
  Sample sample{"notify_request", header(ExchangeType::INFORMATIONAL, 5), {}};
  const NamedChild child{ProtocolId::ESP, ChildSpi{0xc0000001}};
  const IpAddress four = *IpAddress::parse("192.0.2.1");
  const IpAddress six = *IpAddress::parse("2001:db8::1");
  using enum NotifyType;
  sample.payloads = {
      make_notify(UNSUPPORTED_CRITICAL_PAYLOAD, PayloadType{200}),
      make_notify(INVALID_MESSAGE_ID, MessageId{7}),
      make_notify(INVALID_SPI, child.spi),
      make_notify(INVALID_KE_PAYLOAD, KeId::CURVE25519),
      make_notify(INVALID_SELECTORS, WrongPacket{child, counting(20)}),
      make_notify(CHILD_SA_NOT_FOUND, child),
      make_notify(SET_WINDOW_SIZE, WindowSize{4}),
      make_notify(IPCOMP_SUPPORTED, Compression{0x1234, IpcompId::DEFLATE, {}}),
      make_notify(NAT_DETECTION_SOURCE_IP, counting(20)),
      make_notify(NAT_DETECTION_DESTINATION_IP, counting(20)),
      make_notify(COOKIE, counting(24)),
      make_notify(USE_TRANSPORT_MODE),
      make_notify(REKEY_SA, NamedChild{ProtocolId::AH, ChildSpi{0xc0000002}}),
      make_notify(ADDITIONAL_IP4_ADDRESS, four),
      make_notify(ADDITIONAL_IP6_ADDRESS, six),
      make_notify(COOKIE2, counting(8)),
      make_notify(NO_NATS_ALLOWED, SeenPath{{four, 500}, {four, 4500}}),
      make_notify(NO_NATS_ALLOWED, SeenPath{{six, 500}, {six, 4500}}),
      make_notify(AUTH_LIFETIME, std::chrono::seconds(3600)),
      make_notify(REDIRECT, Gateway{std::string("b.example.com"), counting(16)}),
      make_notify(REDIRECT, Gateway{six, {}}),
      make_notify(REDIRECTED_FROM, Gateway{four, {}}),
      make_notify(SIGNATURE_HASH_ALGORITHMS, std::vector{HashId::SHA2_256, HashId::SHA2_512}),
  };
  return sample;
}

Sample empty_request() {
  return {"empty_request", header(ExchangeType::INFORMATIONAL, 4), {}};
}

std::vector<Sample> all_samples() {
  return {sa_init_request(), cookie_response(), auth_request(),   rekey_request(), delete_request(),
          cert_request(),    config_response(), notify_request(), empty_request()};
}

}  // namespace iked::wire
