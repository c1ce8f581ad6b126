// SPDX-License-Identifier: ISC
// The names against IANA's registry "Internet Key Exchange Version 2 (IKEv2) Parameters", written
// down here a second time from the RFCs.
#include "model/iana.h"

#include <gtest/gtest.h>

#include <set>

namespace iked {
namespace {

template <typename Enum>
struct Row {
  unsigned number;
  Enum id;
  const char* name;
};

template <typename Enum, size_t N>
void expect_rows(const Row<Enum> (&rows)[N]) {
  for (const Row<Enum>& row : rows) {
    EXPECT_EQ(static_cast<unsigned>(row.id), row.number) << row.name;
    EXPECT_EQ(to_string(row.id), row.name);
  }
}

TEST(Iana, Exchanges) {
  expect_rows<ExchangeType>({{34, ExchangeType::IKE_SA_INIT, "IKE_SA_INIT"},
                             {35, ExchangeType::IKE_AUTH, "IKE_AUTH"},
                             {36, ExchangeType::CREATE_CHILD_SA, "CREATE_CHILD_SA"},
                             {37, ExchangeType::INFORMATIONAL, "INFORMATIONAL"}});
  EXPECT_EQ(to_string(ExchangeType{38}), "exchange 38");
}

TEST(Iana, Payloads) {
  expect_rows<PayloadType>({{0, PayloadType::NONE, "NONE"},
                            {33, PayloadType::SA, "SA"},
                            {34, PayloadType::KE, "KE"},
                            {35, PayloadType::IDi, "IDi"},
                            {36, PayloadType::IDr, "IDr"},
                            {37, PayloadType::CERT, "CERT"},
                            {38, PayloadType::CERTREQ, "CERTREQ"},
                            {39, PayloadType::AUTH, "AUTH"},
                            {40, PayloadType::NONCE, "NONCE"},
                            {41, PayloadType::NOTIFY, "NOTIFY"},
                            {42, PayloadType::DELETE, "DELETE"},
                            {43, PayloadType::VENDOR, "VENDOR"},
                            {44, PayloadType::TSi, "TSi"},
                            {45, PayloadType::TSr, "TSr"},
                            {46, PayloadType::SK, "SK"},
                            {47, PayloadType::CP, "CP"},
                            {48, PayloadType::EAP, "EAP"},
                            {53, PayloadType::SKF, "SKF"}});
  EXPECT_EQ(to_string(PayloadType{99}), "payload 99");
}

TEST(Iana, ProtocolsIdsAndMethods) {
  expect_rows<ProtocolId>({{0, ProtocolId::NONE, "NONE"},
                           {1, ProtocolId::IKE, "IKE"},
                           {2, ProtocolId::AH, "AH"},
                           {3, ProtocolId::ESP, "ESP"}});
  expect_rows<IdType>({{1, IdType::IPV4_ADDR, "IPV4_ADDR"},
                       {2, IdType::FQDN, "FQDN"},
                       {3, IdType::RFC822_ADDR, "RFC822_ADDR"},
                       {5, IdType::IPV6_ADDR, "IPV6_ADDR"},
                       {9, IdType::DER_ASN1_DN, "DER_ASN1_DN"},
                       {10, IdType::DER_ASN1_GN, "DER_ASN1_GN"},
                       {11, IdType::KEY_ID, "KEY_ID"}});
  expect_rows<AuthMethod>({{1, AuthMethod::RSA_SIGNATURE, "RSA_SIGNATURE"},
                           {2, AuthMethod::SHARED_KEY_MIC, "SHARED_KEY_MIC"},
                           {3, AuthMethod::DSS_SIGNATURE, "DSS_SIGNATURE"},
                           {9, AuthMethod::ECDSA_256, "ECDSA_256"},
                           {10, AuthMethod::ECDSA_384, "ECDSA_384"},
                           {11, AuthMethod::ECDSA_521, "ECDSA_521"},
                           {13, AuthMethod::NULL_AUTH, "NULL_AUTH"},
                           {14, AuthMethod::DIGITAL_SIGNATURE, "DIGITAL_SIGNATURE"}});
  EXPECT_EQ(to_string(ProtocolId{4}), "protocol 4");
  EXPECT_EQ(to_string(IdType{4}), "ID type 4");
  EXPECT_EQ(to_string(AuthMethod{201}), "authentication method 201");
}

TEST(Iana, Notifies) {
  expect_rows<NotifyType>(
      {{1, NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, "UNSUPPORTED_CRITICAL_PAYLOAD"},
       {4, NotifyType::INVALID_IKE_SPI, "INVALID_IKE_SPI"},
       {5, NotifyType::INVALID_MAJOR_VERSION, "INVALID_MAJOR_VERSION"},
       {7, NotifyType::INVALID_SYNTAX, "INVALID_SYNTAX"},
       {9, NotifyType::INVALID_MESSAGE_ID, "INVALID_MESSAGE_ID"},
       {11, NotifyType::INVALID_SPI, "INVALID_SPI"},
       {14, NotifyType::NO_PROPOSAL_CHOSEN, "NO_PROPOSAL_CHOSEN"},
       {17, NotifyType::INVALID_KE_PAYLOAD, "INVALID_KE_PAYLOAD"},
       {24, NotifyType::AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED"},
       {34, NotifyType::SINGLE_PAIR_REQUIRED, "SINGLE_PAIR_REQUIRED"},
       {35, NotifyType::NO_ADDITIONAL_SAS, "NO_ADDITIONAL_SAS"},
       {36, NotifyType::INTERNAL_ADDRESS_FAILURE, "INTERNAL_ADDRESS_FAILURE"},
       {37, NotifyType::FAILED_CP_REQUIRED, "FAILED_CP_REQUIRED"},
       {38, NotifyType::TS_UNACCEPTABLE, "TS_UNACCEPTABLE"},
       {39, NotifyType::INVALID_SELECTORS, "INVALID_SELECTORS"},
       {40, NotifyType::UNACCEPTABLE_ADDRESSES, "UNACCEPTABLE_ADDRESSES"},
       {41, NotifyType::UNEXPECTED_NAT_DETECTED, "UNEXPECTED_NAT_DETECTED"},
       {43, NotifyType::TEMPORARY_FAILURE, "TEMPORARY_FAILURE"},
       {44, NotifyType::CHILD_SA_NOT_FOUND, "CHILD_SA_NOT_FOUND"},
       {16384, NotifyType::INITIAL_CONTACT, "INITIAL_CONTACT"},
       {16385, NotifyType::SET_WINDOW_SIZE, "SET_WINDOW_SIZE"},
       {16388, NotifyType::NAT_DETECTION_SOURCE_IP, "NAT_DETECTION_SOURCE_IP"},
       {16389, NotifyType::NAT_DETECTION_DESTINATION_IP, "NAT_DETECTION_DESTINATION_IP"},
       {16390, NotifyType::COOKIE, "COOKIE"},
       {16391, NotifyType::USE_TRANSPORT_MODE, "USE_TRANSPORT_MODE"},
       {16393, NotifyType::REKEY_SA, "REKEY_SA"},
       {16396, NotifyType::MOBIKE_SUPPORTED, "MOBIKE_SUPPORTED"},
       {16401, NotifyType::COOKIE2, "COOKIE2"},
       {16430, NotifyType::FRAGMENTATION_SUPPORTED, "FRAGMENTATION_SUPPORTED"},
       {16431, NotifyType::SIGNATURE_HASH_ALGORITHMS, "SIGNATURE_HASH_ALGORITHMS"}});
  EXPECT_EQ(to_string(NotifyType{40960}), "notify 40960");
}

TEST(Iana, CertificatesAndConfiguration) {
  expect_rows<CertEncoding>({{1, CertEncoding::PKCS7_X509, "PKCS7_X509"},
                             {2, CertEncoding::PGP, "PGP"},
                             {3, CertEncoding::DNS_SIGNED_KEY, "DNS_SIGNED_KEY"},
                             {4, CertEncoding::X509_SIGNATURE, "X509_SIGNATURE"},
                             {6, CertEncoding::KERBEROS_TOKEN, "KERBEROS_TOKEN"},
                             {7, CertEncoding::CRL, "CRL"},
                             {8, CertEncoding::ARL, "ARL"},
                             {9, CertEncoding::SPKI, "SPKI"},
                             {10, CertEncoding::X509_ATTRIBUTE, "X509_ATTRIBUTE"},
                             {11, CertEncoding::RAW_RSA_KEY, "RAW_RSA_KEY"},
                             {12, CertEncoding::HASH_AND_URL_X509, "HASH_AND_URL_X509"},
                             {13, CertEncoding::HASH_AND_URL_BUNDLE, "HASH_AND_URL_BUNDLE"},
                             {14, CertEncoding::OCSP_CONTENT, "OCSP_CONTENT"},
                             {15, CertEncoding::RAW_PUBLIC_KEY, "RAW_PUBLIC_KEY"}});
  expect_rows<CfgType>({{1, CfgType::CFG_REQUEST, "CFG_REQUEST"},
                        {2, CfgType::CFG_REPLY, "CFG_REPLY"},
                        {3, CfgType::CFG_SET, "CFG_SET"},
                        {4, CfgType::CFG_ACK, "CFG_ACK"}});
  expect_rows<CfgAttributeType>(
      {{1, CfgAttributeType::INTERNAL_IP4_ADDRESS, "INTERNAL_IP4_ADDRESS"},
       {2, CfgAttributeType::INTERNAL_IP4_NETMASK, "INTERNAL_IP4_NETMASK"},
       {3, CfgAttributeType::INTERNAL_IP4_DNS, "INTERNAL_IP4_DNS"},
       {4, CfgAttributeType::INTERNAL_IP4_NBNS, "INTERNAL_IP4_NBNS"},
       {6, CfgAttributeType::INTERNAL_IP4_DHCP, "INTERNAL_IP4_DHCP"},
       {7, CfgAttributeType::APPLICATION_VERSION, "APPLICATION_VERSION"},
       {8, CfgAttributeType::INTERNAL_IP6_ADDRESS, "INTERNAL_IP6_ADDRESS"},
       {10, CfgAttributeType::INTERNAL_IP6_DNS, "INTERNAL_IP6_DNS"},
       {12, CfgAttributeType::INTERNAL_IP6_DHCP, "INTERNAL_IP6_DHCP"},
       {13, CfgAttributeType::INTERNAL_IP4_SUBNET, "INTERNAL_IP4_SUBNET"},
       {14, CfgAttributeType::SUPPORTED_ATTRIBUTES, "SUPPORTED_ATTRIBUTES"},
       {15, CfgAttributeType::INTERNAL_IP6_SUBNET, "INTERNAL_IP6_SUBNET"},
       {25, CfgAttributeType::INTERNAL_DNS_DOMAIN, "INTERNAL_DNS_DOMAIN"},
       {26, CfgAttributeType::INTERNAL_DNSSEC_TA, "INTERNAL_DNSSEC_TA"}});
  EXPECT_EQ(to_string(CertEncoding{201}), "certificate encoding 201");
  EXPECT_EQ(to_string(CfgType{5}), "CFG type 5");
  EXPECT_EQ(to_string(CfgAttributeType{5}), "configuration attribute 5");
}

TEST(Iana, ErrorsEndWhereStatusBegins) {
  EXPECT_TRUE(is_error(NotifyType{0}));
  EXPECT_TRUE(is_error(NotifyType::CHILD_SA_NOT_FOUND));
  EXPECT_TRUE(is_error(NotifyType{16383}));
  EXPECT_FALSE(is_error(NotifyType::INITIAL_CONTACT));
  EXPECT_FALSE(is_error(NotifyType{65535}));
}

TEST(Iana, AlgorithmsHaveTheWordsOfTheConfiguration) {
  expect_rows<PrfId>({{1, PrfId::HMAC_MD5, "hmac-md5"},
                      {2, PrfId::HMAC_SHA1, "hmac-sha1"},
                      {4, PrfId::AES128_XCBC, "aes-xcbc"},
                      {5, PrfId::HMAC_SHA2_256, "hmac-sha2-256"},
                      {6, PrfId::HMAC_SHA2_384, "hmac-sha2-384"},
                      {7, PrfId::HMAC_SHA2_512, "hmac-sha2-512"},
                      {8, PrfId::AES128_CMAC, "aes-cmac"}});
  expect_rows<IntegId>({{0, IntegId::NONE, "none"},
                        {1, IntegId::HMAC_MD5_96, "hmac-md5"},
                        {2, IntegId::HMAC_SHA1_96, "hmac-sha1"},
                        {5, IntegId::AES_XCBC_96, "aes-xcbc"},
                        {12, IntegId::HMAC_SHA2_256_128, "hmac-sha2-256"},
                        {13, IntegId::HMAC_SHA2_384_192, "hmac-sha2-384"},
                        {14, IntegId::HMAC_SHA2_512_256, "hmac-sha2-512"}});
  expect_rows<KeId>({{0, KeId::NONE, "none"},
                     {1, KeId::MODP_768, "modp768"},
                     {2, KeId::MODP_1024, "modp1024"},
                     {5, KeId::MODP_1536, "modp1536"},
                     {14, KeId::MODP_2048, "modp2048"},
                     {15, KeId::MODP_3072, "modp3072"},
                     {16, KeId::MODP_4096, "modp4096"},
                     {17, KeId::MODP_6144, "modp6144"},
                     {18, KeId::MODP_8192, "modp8192"},
                     {19, KeId::ECP_256, "ecp256"},
                     {20, KeId::ECP_384, "ecp384"},
                     {21, KeId::ECP_521, "ecp521"},
                     {25, KeId::ECP_192, "ecp192"},
                     {26, KeId::ECP_224, "ecp224"},
                     {27, KeId::BRAINPOOL_224, "brainpool224"},
                     {28, KeId::BRAINPOOL_256, "brainpool256"},
                     {29, KeId::BRAINPOOL_384, "brainpool384"},
                     {30, KeId::BRAINPOOL_512, "brainpool512"},
                     {31, KeId::CURVE25519, "curve25519"},
                     {32, KeId::CURVE448, "curve448"}});
  expect_rows<EsnId>({{0, EsnId::NO_ESN, "noesn"}, {1, EsnId::ESN, "esn"}});
  EXPECT_EQ(to_string(PrfId{9}), "prf 9");
  EXPECT_EQ(to_string(IntegId{15}), "auth 15");
  EXPECT_EQ(to_string(KeId{1035}), "group 1035");
  EXPECT_EQ(to_string(EsnId{2}), "esn 2");
}

TEST(Iana, CipherWordsTakeTheKeyLength) {
  struct Word {
    unsigned number;
    EncrId id;
    unsigned key_bits;
    const char* word;
  };
  const Word words[] = {{2, EncrId::DES, 0, "des"},
                        {3, EncrId::TDES, 0, "3des"},
                        {6, EncrId::CAST, 128, "cast"},
                        {7, EncrId::BLOWFISH, 160, "blowfish"},
                        {11, EncrId::ENCR_NULL, 0, "null"},
                        {12, EncrId::AES_CBC, 128, "aes-128"},
                        {12, EncrId::AES_CBC, 256, "aes-256"},
                        {13, EncrId::AES_CTR, 192, "aes-192-ctr"},
                        {16, EncrId::AES_CCM_16, 128, "aes-128-ccm"},
                        {19, EncrId::AES_GCM_12, 256, "aes-256-gcm-12"},
                        {20, EncrId::AES_GCM_16, 256, "aes-256-gcm"},
                        {21, EncrId::NULL_AUTH_AES_GMAC, 128, "aes-128-gmac"},
                        {23, EncrId::CAMELLIA_CBC, 256, "camellia-256"},
                        {28, EncrId::CHACHA20_POLY1305, 0, "chacha20-poly1305"}};
  for (const Word& word : words) {
    EXPECT_EQ(static_cast<unsigned>(word.id), word.number);
    EXPECT_EQ(to_string(word.id, word.key_bits), word.word);
  }
  EXPECT_EQ(to_string(EncrId{99}, 128), "enc 99");
}

// No two numbers may share a word: what the log says has to be the one thing to type.
TEST(Iana, NoWordMeansTwoThings) {
  std::set<std::string> encr, prf, integ, group;
  for (unsigned i = 0; i < 1200; ++i) {
    const auto n = static_cast<uint16_t>(i);
    EXPECT_TRUE(encr.insert(to_string(EncrId{n}, 128)).second) << i;
    EXPECT_TRUE(prf.insert(to_string(PrfId{n})).second) << i;
    EXPECT_TRUE(integ.insert(to_string(IntegId{n})).second) << i;
    EXPECT_TRUE(group.insert(to_string(KeId{n})).second) << i;
  }
}

}  // namespace
}  // namespace iked
