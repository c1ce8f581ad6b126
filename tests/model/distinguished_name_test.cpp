// SPDX-License-Identifier: ISC
#include "model/distinguished_name.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace iked {
namespace {

std::string there_and_back(std::string_view text) {
  const auto der = distinguished_name(text);
  if (!der) return der.error().text;
  const auto again = distinguished_name_text(*der);
  return again ? *again : again.error().text;
}

TEST(DistinguishedName, IsTheDerOfOpenssl) {
  // The subject that OpenSSL 3.0 makes of the same words (req -x509 -utf8 -subj).
  const auto der = distinguished_name("/C=DE/O=Example/CN=10.0.0.1/emailAddress=reyk@example.com");
  ASSERT_TRUE(der);
  EXPECT_EQ(to_hex(*der),
            "3053310b30090603550406130244453110300e060355040a0c074578616d706c"
            "653111300f06035504030c0831302e302e302e31311f301d06092a864886f70d"
            "01090116107265796b406578616d706c652e636f6d");
}

TEST(DistinguishedName, TextComesBack) {
  for (const std::string text :
       {"/CN=a", "/C=DE/ST=Bayern/L=Ulm/O=Ex & Co/OU=x=y/CN=gw.example.com", "/DC=com/DC=example",
        "/CN=a\\/b\\\\c", "/2.5.4.65=nobody", "/1.3.6.1.4.1.311.60.2.1.3=DE", "/UID=u/SN=s/GN=g",
        "/street=s/postalCode=1/title=t/dnQualifier=q/serialNumber=1", "/CN=\xc3\xbc"}) {
    EXPECT_EQ(there_and_back(text), text);
  }
  EXPECT_EQ(there_and_back("/cn=a/EMAILADDRESS=b@c"), "/CN=a/emailAddress=b@c");
  EXPECT_EQ(there_and_back("/2.5.4.3=a"), "/CN=a");
  const std::string longer = "/CN=" + std::string(300, 'a') + "/O=" + std::string(150, 'b');
  EXPECT_EQ(there_and_back(longer), longer);
}

TEST(DistinguishedName, BadTextIsRefused) {
  const std::string cases[][2] = {
      {"CN=a", "a distinguished name begins with '/'"},
      {"/", "'' in a distinguished name is not ATTRIBUTE=VALUE, such as CN=gw.example.com"},
      {"/CN", "'CN' in a distinguished name is not ATTRIBUTE=VALUE, such as CN=gw.example.com"},
      {"/C=DE/./CN=a",
       "'.' in a distinguished name is not ATTRIBUTE=VALUE, such as CN=gw.example.com"},
      {"/CN=", "'CN=' without a value"},
      {"/XX=a", "'XX' is no attribute of a distinguished name, such as CN, O or emailAddress"},
      {"/2.=a", "'2.' is no attribute of a distinguished name, such as CN, O or emailAddress"},
      {"/3.1=a", "'3.1' is no attribute of a distinguished name, such as CN, O or emailAddress"},
      {"/1.40=a", "'1.40' is no attribute of a distinguished name, such as CN, O or emailAddress"},
      {"/2.5.04.3=a",
       "'2.5.04.3' is no attribute of a distinguished name, such as CN, O or emailAddress"},
      {"/C=DEU", "'DEU' cannot be the value of C, which is the two letters of a country"},
      {"/DC=\xfc", "'\\xfc' cannot be the value of DC"},
  };
  for (const auto& [text, message] : cases) {
    const auto der = distinguished_name(text);
    ASSERT_FALSE(der) << text;
    EXPECT_EQ(der.error().text, message);
  }
  std::string many;
  for (int i = 0; i < 33; ++i) many += "/CN=a";
  EXPECT_FALSE(distinguished_name(many));
  EXPECT_FALSE(distinguished_name("/CN=" + std::string(5000, 'a')));
}

TEST(DistinguishedName, BadDerIsRefused) {
  const Bytes good = *distinguished_name("/C=DE/CN=a");
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(distinguished_name_text(ByteView(good).first(length))) << length;
  }
  for (const char* hex : {
           "3000ff",                         // more behind it
           "30023100",                       // an empty set
           "300d310b300906035504030c0261",   // a string longer than its pair
           "300c310a300806035504830c0161",   // an OID that does not end
           "300c310a300806038004030c0161",   // an OID with a leading zero
           "300c310a30080603550403020161",   // an INTEGER
           "30810c310a300806035504030c0161"  // not the shortest length
       }) {
    const auto der = from_hex(hex);
    ASSERT_TRUE(der) << hex;
    EXPECT_FALSE(distinguished_name_text(*der)) << hex;
  }
}

TEST(DistinguishedName, SeveralValuesInOneSetAreJoinedByPlus) {
  const auto der = from_hex("30163114300806035504030c01613008060355040b0c0162");
  EXPECT_EQ(*distinguished_name_text(*der), "/CN=a+OU=b");
}

}  // namespace
}  // namespace iked
