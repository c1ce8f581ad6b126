// SPDX-License-Identifier: ISC
// The numbers of IANA's "IKEv2 Parameters" registry, spelled as the RFCs spell them. An enum may
// hold a number that has no name here: it came from the wire. What we can do with a number is
// crypto/'s and ike/'s business.
#pragma once

#include <cstdint>
#include <string>

namespace iked {

// RFC7296 3.1
enum class ExchangeType : uint8_t {
  IKE_SA_INIT = 34,
  IKE_AUTH = 35,
  CREATE_CHILD_SA = 36,
  INFORMATIONAL = 37,
};

// RFC7296 3.2
enum class PayloadType : uint8_t {
  NONE = 0,
  SA = 33,
  KE = 34,
  IDi = 35,
  IDr = 36,
  CERT = 37,
  CERTREQ = 38,
  AUTH = 39,
  NONCE = 40,
  NOTIFY = 41,
  DELETE = 42,
  VENDOR = 43,
  TSi = 44,
  TSr = 45,
  SK = 46,
  CP = 47,
  EAP = 48,
  SKF = 53,  // RFC 7383
};

// RFC7296 3.3.1
enum class ProtocolId : uint8_t { NONE = 0, IKE = 1, AH = 2, ESP = 3 };

// RFC7296 3.3.2
enum class TransformType : uint8_t { ENCR = 1, PRF = 2, INTEG = 3, KE = 4, ESN = 5 };

enum class EncrId : uint16_t {
  NONE = 0,
  DES = 2,
  TDES = 3,
  CAST = 6,
  BLOWFISH = 7,
  ENCR_NULL = 11,
  AES_CBC = 12,
  AES_CTR = 13,
  AES_CCM_8 = 14,
  AES_CCM_12 = 15,
  AES_CCM_16 = 16,
  AES_GCM_8 = 18,
  AES_GCM_12 = 19,
  AES_GCM_16 = 20,
  NULL_AUTH_AES_GMAC = 21,
  CAMELLIA_CBC = 23,
  CHACHA20_POLY1305 = 28,
};

enum class PrfId : uint16_t {
  NONE = 0,
  HMAC_MD5 = 1,
  HMAC_SHA1 = 2,
  AES128_XCBC = 4,
  HMAC_SHA2_256 = 5,
  HMAC_SHA2_384 = 6,
  HMAC_SHA2_512 = 7,
  AES128_CMAC = 8,
};

enum class IntegId : uint16_t {
  NONE = 0,
  HMAC_MD5_96 = 1,
  HMAC_SHA1_96 = 2,
  AES_XCBC_96 = 5,
  HMAC_SHA1_160 = 7,
  AES_CMAC_96 = 8,
  HMAC_SHA2_256_128 = 12,
  HMAC_SHA2_384_192 = 13,
  HMAC_SHA2_512_256 = 14,
};

enum class KeId : uint16_t {
  NONE = 0,
  MODP_768 = 1,
  MODP_1024 = 2,
  EC2N_155 = 3,
  EC2N_185 = 4,
  MODP_1536 = 5,
  MODP_2048 = 14,
  MODP_3072 = 15,
  MODP_4096 = 16,
  MODP_6144 = 17,
  MODP_8192 = 18,
  ECP_256 = 19,
  ECP_384 = 20,
  ECP_521 = 21,
  MODP_1024_160 = 22,
  MODP_2048_224 = 23,
  MODP_2048_256 = 24,
  ECP_192 = 25,
  ECP_224 = 26,
  BRAINPOOL_224 = 27,
  BRAINPOOL_256 = 28,
  BRAINPOOL_384 = 29,
  BRAINPOOL_512 = 30,
  CURVE25519 = 31,
  CURVE448 = 32,
};

enum class EsnId : uint16_t { NO_ESN = 0, ESN = 1 };

// RFC7296 3.3.5
enum class AttributeType : uint16_t { KEY_LENGTH = 14 };

// RFC7296 3.5
enum class IdType : uint8_t {
  IPV4_ADDR = 1,
  FQDN = 2,
  RFC822_ADDR = 3,
  IPV6_ADDR = 5,
  DER_ASN1_DN = 9,
  DER_ASN1_GN = 10,
  KEY_ID = 11,
};

// RFC7296 3.6
enum class CertEncoding : uint8_t {
  PKCS7_X509 = 1,
  PGP = 2,
  DNS_SIGNED_KEY = 3,
  X509_SIGNATURE = 4,
  KERBEROS_TOKEN = 6,
  CRL = 7,
  ARL = 8,
  SPKI = 9,
  X509_ATTRIBUTE = 10,
  RAW_RSA_KEY = 11,
  HASH_AND_URL_X509 = 12,
  HASH_AND_URL_BUNDLE = 13,
  OCSP_CONTENT = 14,    // RFC 4806
  RAW_PUBLIC_KEY = 15,  // RFC 7670
};

// RFC7296 3.8
enum class AuthMethod : uint8_t {
  RSA_SIGNATURE = 1,
  SHARED_KEY_MIC = 2,
  DSS_SIGNATURE = 3,
  ECDSA_256 = 9,
  ECDSA_384 = 10,
  ECDSA_521 = 11,
  NULL_AUTH = 13,
  DIGITAL_SIGNATURE = 14,
};

// RFC7296 3.10.1. Below 16384 a notify tells of an error, from there on of a status.
enum class NotifyType : uint16_t {
  UNSUPPORTED_CRITICAL_PAYLOAD = 1,
  INVALID_IKE_SPI = 4,
  INVALID_MAJOR_VERSION = 5,
  INVALID_SYNTAX = 7,
  INVALID_MESSAGE_ID = 9,
  INVALID_SPI = 11,
  NO_PROPOSAL_CHOSEN = 14,
  INVALID_KE_PAYLOAD = 17,
  AUTHENTICATION_FAILED = 24,
  SINGLE_PAIR_REQUIRED = 34,
  NO_ADDITIONAL_SAS = 35,
  INTERNAL_ADDRESS_FAILURE = 36,
  FAILED_CP_REQUIRED = 37,
  TS_UNACCEPTABLE = 38,
  INVALID_SELECTORS = 39,
  UNACCEPTABLE_ADDRESSES = 40,
  UNEXPECTED_NAT_DETECTED = 41,
  TEMPORARY_FAILURE = 43,
  CHILD_SA_NOT_FOUND = 44,
  INITIAL_CONTACT = 16384,
  SET_WINDOW_SIZE = 16385,
  ADDITIONAL_TS_POSSIBLE = 16386,
  IPCOMP_SUPPORTED = 16387,
  NAT_DETECTION_SOURCE_IP = 16388,
  NAT_DETECTION_DESTINATION_IP = 16389,
  COOKIE = 16390,
  USE_TRANSPORT_MODE = 16391,
  HTTP_CERT_LOOKUP_SUPPORTED = 16392,
  REKEY_SA = 16393,
  ESP_TFC_PADDING_NOT_SUPPORTED = 16394,
  NON_FIRST_FRAGMENTS_ALSO = 16395,
  MOBIKE_SUPPORTED = 16396,
  ADDITIONAL_IP4_ADDRESS = 16397,
  ADDITIONAL_IP6_ADDRESS = 16398,
  NO_ADDITIONAL_ADDRESSES = 16399,
  UPDATE_SA_ADDRESSES = 16400,
  COOKIE2 = 16401,
  NO_NATS_ALLOWED = 16402,
  AUTH_LIFETIME = 16403,
  MULTIPLE_AUTH_SUPPORTED = 16404,
  ANOTHER_AUTH_FOLLOWS = 16405,
  REDIRECT_SUPPORTED = 16406,
  REDIRECT = 16407,
  REDIRECTED_FROM = 16408,
  EAP_ONLY_AUTHENTICATION = 16417,
  FRAGMENTATION_SUPPORTED = 16430,
  SIGNATURE_HASH_ALGORITHMS = 16431,
};

inline bool is_error(NotifyType type) {
  return static_cast<uint16_t>(type) < 16384;
}

// RFC7296 2.22
enum class IpcompId : uint8_t { OUI = 1, DEFLATE = 2, LZS = 3, LZJH = 4 };

// RFC7427 7
enum class HashId : uint16_t { SHA1 = 1, SHA2_256 = 2, SHA2_384 = 3, SHA2_512 = 4, IDENTITY = 5 };

// RFC5685 6
enum class GatewayType : uint8_t { IPV4 = 1, IPV6 = 2, FQDN = 3 };

// RFC7296 3.13.1
enum class TsType : uint8_t { IPV4_ADDR_RANGE = 7, IPV6_ADDR_RANGE = 8 };

// RFC7296 3.15
enum class CfgType : uint8_t { CFG_REQUEST = 1, CFG_REPLY = 2, CFG_SET = 3, CFG_ACK = 4 };

// RFC7296 3.15.1
enum class CfgAttributeType : uint16_t {
  INTERNAL_IP4_ADDRESS = 1,
  INTERNAL_IP4_NETMASK = 2,
  INTERNAL_IP4_DNS = 3,
  INTERNAL_IP4_NBNS = 4,
  INTERNAL_IP4_DHCP = 6,
  APPLICATION_VERSION = 7,
  INTERNAL_IP6_ADDRESS = 8,
  INTERNAL_IP6_DNS = 10,
  INTERNAL_IP6_DHCP = 12,
  INTERNAL_IP4_SUBNET = 13,
  SUPPORTED_ATTRIBUTES = 14,
  INTERNAL_IP6_SUBNET = 15,
  INTERNAL_DNS_DOMAIN = 25,  // RFC 8598
  INTERNAL_DNSSEC_TA = 26,   // RFC 8598
};

// RFC7296 3.16
enum class EapCode : uint8_t { REQUEST = 1, RESPONSE = 2, SUCCESS = 3, FAILURE = 4 };
enum class EapType : uint8_t { IDENTITY = 1, NOTIFICATION = 2, NAK = 3 };

// The registry's spelling, or "exchange 99" and the like for a number without a name.
std::string to_string(ExchangeType);
std::string to_string(PayloadType);
std::string to_string(ProtocolId);
std::string to_string(NotifyType);
std::string to_string(AuthMethod);
std::string to_string(IdType);
std::string to_string(CertEncoding);
std::string to_string(CfgType);
std::string to_string(CfgAttributeType);

// The words of iked.conf for algorithms: "aes-256-gcm", "hmac-sha2-256", "curve25519"; a number
// without a word prints as "enc 99". `key_bits` is 0 where the algorithm has one key length only.
std::string to_string(EncrId, unsigned key_bits);
std::string to_string(PrfId);
std::string to_string(IntegId);
std::string to_string(KeId);
std::string to_string(EsnId);

}  // namespace iked
