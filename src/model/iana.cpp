// SPDX-License-Identifier: ISC
#include "model/iana.h"

#include <fmt/format.h>

#include <string_view>

namespace iked {
namespace {

template <typename Enum>
struct Named {
  Enum id;
  std::string_view word;
};

template <typename Enum, size_t N>
std::string lookup(const Named<Enum> (&table)[N], Enum id, std::string_view what) {
  for (const Named<Enum>& row : table) {
    if (row.id == id) return std::string(row.word);
  }
  return fmt::format("{} {}", what, static_cast<unsigned>(id));
}

constexpr Named<ExchangeType> exchange_type_names[] = {
    {ExchangeType::IKE_SA_INIT, "IKE_SA_INIT"},
    {ExchangeType::IKE_AUTH, "IKE_AUTH"},
    {ExchangeType::CREATE_CHILD_SA, "CREATE_CHILD_SA"},
    {ExchangeType::INFORMATIONAL, "INFORMATIONAL"},
};

constexpr Named<PayloadType> payload_type_names[] = {
    {PayloadType::NONE, "NONE"},       {PayloadType::SA, "SA"},
    {PayloadType::KE, "KE"},           {PayloadType::IDi, "IDi"},
    {PayloadType::IDr, "IDr"},         {PayloadType::CERT, "CERT"},
    {PayloadType::CERTREQ, "CERTREQ"}, {PayloadType::AUTH, "AUTH"},
    {PayloadType::NONCE, "NONCE"},     {PayloadType::NOTIFY, "NOTIFY"},
    {PayloadType::DELETE, "DELETE"},   {PayloadType::VENDOR, "VENDOR"},
    {PayloadType::TSi, "TSi"},         {PayloadType::TSr, "TSr"},
    {PayloadType::SK, "SK"},           {PayloadType::CP, "CP"},
    {PayloadType::EAP, "EAP"},         {PayloadType::SKF, "SKF"},
};

constexpr Named<ProtocolId> protocol_id_names[] = {
    {ProtocolId::NONE, "NONE"},
    {ProtocolId::IKE, "IKE"},
    {ProtocolId::AH, "AH"},
    {ProtocolId::ESP, "ESP"},
};

constexpr Named<NotifyType> notify_type_names[] = {
    {NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, "UNSUPPORTED_CRITICAL_PAYLOAD"},
    {NotifyType::INVALID_IKE_SPI, "INVALID_IKE_SPI"},
    {NotifyType::INVALID_MAJOR_VERSION, "INVALID_MAJOR_VERSION"},
    {NotifyType::INVALID_SYNTAX, "INVALID_SYNTAX"},
    {NotifyType::INVALID_MESSAGE_ID, "INVALID_MESSAGE_ID"},
    {NotifyType::INVALID_SPI, "INVALID_SPI"},
    {NotifyType::NO_PROPOSAL_CHOSEN, "NO_PROPOSAL_CHOSEN"},
    {NotifyType::INVALID_KE_PAYLOAD, "INVALID_KE_PAYLOAD"},
    {NotifyType::AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED"},
    {NotifyType::SINGLE_PAIR_REQUIRED, "SINGLE_PAIR_REQUIRED"},
    {NotifyType::NO_ADDITIONAL_SAS, "NO_ADDITIONAL_SAS"},
    {NotifyType::INTERNAL_ADDRESS_FAILURE, "INTERNAL_ADDRESS_FAILURE"},
    {NotifyType::FAILED_CP_REQUIRED, "FAILED_CP_REQUIRED"},
    {NotifyType::TS_UNACCEPTABLE, "TS_UNACCEPTABLE"},
    {NotifyType::INVALID_SELECTORS, "INVALID_SELECTORS"},
    {NotifyType::UNACCEPTABLE_ADDRESSES, "UNACCEPTABLE_ADDRESSES"},
    {NotifyType::UNEXPECTED_NAT_DETECTED, "UNEXPECTED_NAT_DETECTED"},
    {NotifyType::TEMPORARY_FAILURE, "TEMPORARY_FAILURE"},
    {NotifyType::CHILD_SA_NOT_FOUND, "CHILD_SA_NOT_FOUND"},
    {NotifyType::INITIAL_CONTACT, "INITIAL_CONTACT"},
    {NotifyType::SET_WINDOW_SIZE, "SET_WINDOW_SIZE"},
    {NotifyType::ADDITIONAL_TS_POSSIBLE, "ADDITIONAL_TS_POSSIBLE"},
    {NotifyType::IPCOMP_SUPPORTED, "IPCOMP_SUPPORTED"},
    {NotifyType::NAT_DETECTION_SOURCE_IP, "NAT_DETECTION_SOURCE_IP"},
    {NotifyType::NAT_DETECTION_DESTINATION_IP, "NAT_DETECTION_DESTINATION_IP"},
    {NotifyType::COOKIE, "COOKIE"},
    {NotifyType::USE_TRANSPORT_MODE, "USE_TRANSPORT_MODE"},
    {NotifyType::HTTP_CERT_LOOKUP_SUPPORTED, "HTTP_CERT_LOOKUP_SUPPORTED"},
    {NotifyType::REKEY_SA, "REKEY_SA"},
    {NotifyType::ESP_TFC_PADDING_NOT_SUPPORTED, "ESP_TFC_PADDING_NOT_SUPPORTED"},
    {NotifyType::NON_FIRST_FRAGMENTS_ALSO, "NON_FIRST_FRAGMENTS_ALSO"},
    {NotifyType::MOBIKE_SUPPORTED, "MOBIKE_SUPPORTED"},
    {NotifyType::ADDITIONAL_IP4_ADDRESS, "ADDITIONAL_IP4_ADDRESS"},
    {NotifyType::ADDITIONAL_IP6_ADDRESS, "ADDITIONAL_IP6_ADDRESS"},
    {NotifyType::NO_ADDITIONAL_ADDRESSES, "NO_ADDITIONAL_ADDRESSES"},
    {NotifyType::UPDATE_SA_ADDRESSES, "UPDATE_SA_ADDRESSES"},
    {NotifyType::COOKIE2, "COOKIE2"},
    {NotifyType::NO_NATS_ALLOWED, "NO_NATS_ALLOWED"},
    {NotifyType::AUTH_LIFETIME, "AUTH_LIFETIME"},
    {NotifyType::MULTIPLE_AUTH_SUPPORTED, "MULTIPLE_AUTH_SUPPORTED"},
    {NotifyType::ANOTHER_AUTH_FOLLOWS, "ANOTHER_AUTH_FOLLOWS"},
    {NotifyType::REDIRECT_SUPPORTED, "REDIRECT_SUPPORTED"},
    {NotifyType::REDIRECT, "REDIRECT"},
    {NotifyType::REDIRECTED_FROM, "REDIRECTED_FROM"},
    {NotifyType::EAP_ONLY_AUTHENTICATION, "EAP_ONLY_AUTHENTICATION"},
    {NotifyType::FRAGMENTATION_SUPPORTED, "FRAGMENTATION_SUPPORTED"},
    {NotifyType::SIGNATURE_HASH_ALGORITHMS, "SIGNATURE_HASH_ALGORITHMS"},
};

constexpr Named<AuthMethod> auth_method_names[] = {
    {AuthMethod::RSA_SIGNATURE, "RSA_SIGNATURE"},
    {AuthMethod::SHARED_KEY_MIC, "SHARED_KEY_MIC"},
    {AuthMethod::DSS_SIGNATURE, "DSS_SIGNATURE"},
    {AuthMethod::ECDSA_256, "ECDSA_256"},
    {AuthMethod::ECDSA_384, "ECDSA_384"},
    {AuthMethod::ECDSA_521, "ECDSA_521"},
    {AuthMethod::NULL_AUTH, "NULL_AUTH"},
    {AuthMethod::DIGITAL_SIGNATURE, "DIGITAL_SIGNATURE"},
};

constexpr Named<IdType> id_type_names[] = {
    {IdType::IPV4_ADDR, "IPV4_ADDR"},     {IdType::FQDN, "FQDN"},
    {IdType::RFC822_ADDR, "RFC822_ADDR"}, {IdType::IPV6_ADDR, "IPV6_ADDR"},
    {IdType::DER_ASN1_DN, "DER_ASN1_DN"}, {IdType::DER_ASN1_GN, "DER_ASN1_GN"},
    {IdType::KEY_ID, "KEY_ID"},
};

constexpr Named<CertEncoding> cert_encoding_names[] = {
    {CertEncoding::PKCS7_X509, "PKCS7_X509"},
    {CertEncoding::PGP, "PGP"},
    {CertEncoding::DNS_SIGNED_KEY, "DNS_SIGNED_KEY"},
    {CertEncoding::X509_SIGNATURE, "X509_SIGNATURE"},
    {CertEncoding::KERBEROS_TOKEN, "KERBEROS_TOKEN"},
    {CertEncoding::CRL, "CRL"},
    {CertEncoding::ARL, "ARL"},
    {CertEncoding::SPKI, "SPKI"},
    {CertEncoding::X509_ATTRIBUTE, "X509_ATTRIBUTE"},
    {CertEncoding::RAW_RSA_KEY, "RAW_RSA_KEY"},
    {CertEncoding::HASH_AND_URL_X509, "HASH_AND_URL_X509"},
    {CertEncoding::HASH_AND_URL_BUNDLE, "HASH_AND_URL_BUNDLE"},
    {CertEncoding::OCSP_CONTENT, "OCSP_CONTENT"},
    {CertEncoding::RAW_PUBLIC_KEY, "RAW_PUBLIC_KEY"},
};

constexpr Named<CfgType> cfg_type_names[] = {
    {CfgType::CFG_REQUEST, "CFG_REQUEST"},
    {CfgType::CFG_REPLY, "CFG_REPLY"},
    {CfgType::CFG_SET, "CFG_SET"},
    {CfgType::CFG_ACK, "CFG_ACK"},
};

constexpr Named<CfgAttributeType> cfg_attribute_type_names[] = {
    {CfgAttributeType::INTERNAL_IP4_ADDRESS, "INTERNAL_IP4_ADDRESS"},
    {CfgAttributeType::INTERNAL_IP4_NETMASK, "INTERNAL_IP4_NETMASK"},
    {CfgAttributeType::INTERNAL_IP4_DNS, "INTERNAL_IP4_DNS"},
    {CfgAttributeType::INTERNAL_IP4_NBNS, "INTERNAL_IP4_NBNS"},
    {CfgAttributeType::INTERNAL_IP4_DHCP, "INTERNAL_IP4_DHCP"},
    {CfgAttributeType::APPLICATION_VERSION, "APPLICATION_VERSION"},
    {CfgAttributeType::INTERNAL_IP6_ADDRESS, "INTERNAL_IP6_ADDRESS"},
    {CfgAttributeType::INTERNAL_IP6_DNS, "INTERNAL_IP6_DNS"},
    {CfgAttributeType::INTERNAL_IP6_DHCP, "INTERNAL_IP6_DHCP"},
    {CfgAttributeType::INTERNAL_IP4_SUBNET, "INTERNAL_IP4_SUBNET"},
    {CfgAttributeType::SUPPORTED_ATTRIBUTES, "SUPPORTED_ATTRIBUTES"},
    {CfgAttributeType::INTERNAL_IP6_SUBNET, "INTERNAL_IP6_SUBNET"},
    {CfgAttributeType::INTERNAL_DNS_DOMAIN, "INTERNAL_DNS_DOMAIN"},
    {CfgAttributeType::INTERNAL_DNSSEC_TA, "INTERNAL_DNSSEC_TA"},
};

constexpr Named<PrfId> prf_id_words[] = {
    {PrfId::NONE, "none"},
    {PrfId::HMAC_MD5, "hmac-md5"},
    {PrfId::HMAC_SHA1, "hmac-sha1"},
    {PrfId::AES128_XCBC, "aes-xcbc"},
    {PrfId::HMAC_SHA2_256, "hmac-sha2-256"},
    {PrfId::HMAC_SHA2_384, "hmac-sha2-384"},
    {PrfId::HMAC_SHA2_512, "hmac-sha2-512"},
    {PrfId::AES128_CMAC, "aes-cmac"},
};

constexpr Named<IntegId> integ_id_words[] = {
    {IntegId::NONE, "none"},
    {IntegId::HMAC_MD5_96, "hmac-md5"},
    {IntegId::HMAC_SHA1_96, "hmac-sha1"},
    {IntegId::AES_XCBC_96, "aes-xcbc"},
    {IntegId::HMAC_SHA1_160, "hmac-sha1-160"},
    {IntegId::AES_CMAC_96, "aes-cmac"},
    {IntegId::HMAC_SHA2_256_128, "hmac-sha2-256"},
    {IntegId::HMAC_SHA2_384_192, "hmac-sha2-384"},
    {IntegId::HMAC_SHA2_512_256, "hmac-sha2-512"},
};

constexpr Named<KeId> ke_id_words[] = {
    {KeId::NONE, "none"},
    {KeId::MODP_768, "modp768"},
    {KeId::MODP_1024, "modp1024"},
    {KeId::EC2N_155, "ec155"},
    {KeId::EC2N_185, "ec185"},
    {KeId::MODP_1536, "modp1536"},
    {KeId::MODP_2048, "modp2048"},
    {KeId::MODP_3072, "modp3072"},
    {KeId::MODP_4096, "modp4096"},
    {KeId::MODP_6144, "modp6144"},
    {KeId::MODP_8192, "modp8192"},
    {KeId::ECP_256, "ecp256"},
    {KeId::ECP_384, "ecp384"},
    {KeId::ECP_521, "ecp521"},
    {KeId::MODP_1024_160, "modp1024-160"},
    {KeId::MODP_2048_224, "modp2048-224"},
    {KeId::MODP_2048_256, "modp2048-256"},
    {KeId::ECP_192, "ecp192"},
    {KeId::ECP_224, "ecp224"},
    {KeId::BRAINPOOL_224, "brainpool224"},
    {KeId::BRAINPOOL_256, "brainpool256"},
    {KeId::BRAINPOOL_384, "brainpool384"},
    {KeId::BRAINPOOL_512, "brainpool512"},
    {KeId::CURVE25519, "curve25519"},
    {KeId::CURVE448, "curve448"},
};

constexpr Named<EsnId> esn_id_words[] = {
    {EsnId::NO_ESN, "noesn"},
    {EsnId::ESN, "esn"},
};

// Words that take the key length into their middle have a "{}".
constexpr Named<EncrId> encr_id_words[] = {
    {EncrId::NONE, "none"},
    {EncrId::DES, "des"},
    {EncrId::TDES, "3des"},
    {EncrId::CAST, "cast"},
    {EncrId::BLOWFISH, "blowfish"},
    {EncrId::ENCR_NULL, "null"},
    {EncrId::AES_CBC, "aes-{}"},
    {EncrId::AES_CTR, "aes-{}-ctr"},
    {EncrId::AES_CCM_8, "aes-{}-ccm-8"},
    {EncrId::AES_CCM_12, "aes-{}-ccm-12"},
    {EncrId::AES_CCM_16, "aes-{}-ccm"},
    {EncrId::AES_GCM_8, "aes-{}-gcm-8"},
    {EncrId::AES_GCM_12, "aes-{}-gcm-12"},
    {EncrId::AES_GCM_16, "aes-{}-gcm"},
    {EncrId::NULL_AUTH_AES_GMAC, "aes-{}-gmac"},
    {EncrId::CAMELLIA_CBC, "camellia-{}"},
    {EncrId::CHACHA20_POLY1305, "chacha20-poly1305"},
};

}  // namespace

std::string to_string(ExchangeType id) {
  return lookup(exchange_type_names, id, "exchange");
}
std::string to_string(PayloadType id) {
  return lookup(payload_type_names, id, "payload");
}
std::string to_string(ProtocolId id) {
  return lookup(protocol_id_names, id, "protocol");
}
std::string to_string(NotifyType id) {
  return lookup(notify_type_names, id, "notify");
}
std::string to_string(AuthMethod id) {
  return lookup(auth_method_names, id, "authentication method");
}
std::string to_string(IdType id) {
  return lookup(id_type_names, id, "ID type");
}
std::string to_string(CertEncoding id) {
  return lookup(cert_encoding_names, id, "certificate encoding");
}
std::string to_string(CfgType id) {
  return lookup(cfg_type_names, id, "CFG type");
}
std::string to_string(CfgAttributeType id) {
  return lookup(cfg_attribute_type_names, id, "configuration attribute");
}
std::string to_string(PrfId id) {
  return lookup(prf_id_words, id, "prf");
}
std::string to_string(IntegId id) {
  return lookup(integ_id_words, id, "auth");
}
std::string to_string(KeId id) {
  return lookup(ke_id_words, id, "group");
}
std::string to_string(EsnId id) {
  return lookup(esn_id_words, id, "esn");
}

std::string to_string(EncrId id, unsigned key_bits) {
  std::string word = lookup(encr_id_words, id, "enc");
  if (const size_t hole = word.find("{}"); hole != std::string::npos) {
    word.replace(hole, 2, std::to_string(key_bits));
  }
  return word;
}

}  // namespace iked
