// SPDX-License-Identifier: ISC
#include "keeper/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "conf/generator.h"
#include "conf/support.h"

namespace iked::keeper {
namespace {

using testing::HasSubstr;

/// That nothing is lost on the way, not even what a comparison overlooks.
void expect_crosses(const LoadResult& sent) {
  const SecretBuffer octets = encode(sent);
  const Result<LoadResult> got = parse_load_result(octets);
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_TRUE(encode(*got) == octets);
  ASSERT_EQ(got->config.has_value(), sent.config.has_value());
  ASSERT_EQ(got->diagnostics.size(), sent.diagnostics.size());
  for (size_t i = 0; i < sent.diagnostics.size(); ++i) {
    EXPECT_EQ(to_string(got->diagnostics[i]), to_string(sent.diagnostics[i]));
  }
  if (!sent.config) return;
  EXPECT_TRUE(conf::test::same_meaning(*got->config, *sent.config));
  EXPECT_EQ(got->config->files, sent.config->files);
  EXPECT_EQ(got->config->policies_left_out, sent.config->policies_left_out);
  conf::TextOptions with_places;
  with_places.places = true;
  EXPECT_EQ(conf::to_text(*got->config, with_places), conf::to_text(*sent.config, with_places));
  for (size_t i = 0; i < sent.config->policies.size(); ++i) {
    EXPECT_EQ(to_string(*got->config, got->config->policies[i].where),
              to_string(*sent.config, sent.config->policies[i].where));
  }
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(KeeperProtocol, EveryTestConfigurationCrosses) {
  const std::filesystem::path folder = std::filesystem::path(IKED_SOURCE_DIR) / "tests/conf";
  std::map<std::string, std::string> files;
  for (const char* part : {"accept", "reject"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder / part)) {
      files[entry.path().filename()] = content(entry.path());
    }
  }
  size_t good = 0;
  for (const auto& [name, text] : files) {
    if (!name.ends_with(".conf")) continue;
    SCOPED_TRACE(name);
    const auto parsed = conf::test::parse_text(text, files, {}, conf::test::full_catalogue());
    expect_crosses(parsed.result);
    good += parsed.good() ? 1 : 0;
  }
  EXPECT_GT(good, 50u);
}

TEST(KeeperProtocol, RandomConfigurationsCross) {
  size_t good = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    const auto parsed = conf::test::parse_text(conf::test::Generator(seed).config());
    expect_crosses(parsed.result);
    good += parsed.good() ? 1 : 0;
  }
  EXPECT_GT(good, 100u);
}

LoadResult some_result() {
  return conf::test::parse_text(
             "set fragmentation\nuser \"ann\" \"correct horse\"\n"
             "ikev2 \"p\" active esp proto tcp from 10.1.0.0/24 port 22 to gw.example.com "
             "peer 2001:db8::1 srcid a.example.com dstid b@example.com ikelifetime 3h "
             "psk \"0123456789abc\" config address 10.3.0.0/24 tag \"x\"\n")
      .result;
}

TEST(KeeperProtocol, ConfigurationCutShortAnywhereIsRefused) {
  const LoadResult result = some_result();
  ASSERT_TRUE(result.config);
  const SecretBuffer octets = encode(result);
  for (size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(parse_load_result(ByteView(octets).first(size))) << size;
  }
  SecretBuffer longer = octets;
  longer.push_back(0);
  EXPECT_FALSE(parse_load_result(longer));
}

TEST(KeeperProtocol, CountThatIsALieCostsNothing) {
  // A result without configuration and with four billion diagnostics.
  const Bytes octets{0, 0xff, 0xff, 0xff, 0xff};
  EXPECT_FALSE(parse_load_result(octets));
}

TEST(KeeperProtocol, PolicyThatNobodyCouldUseIsRefused) {
  for (const int missing : {0, 1, 2}) {
    LoadResult result = some_result();
    Policy& policy = result.config->policies.at(0);
    if (missing == 0) policy.flows.clear();
    if (missing == 1) policy.ike_proposals.clear();
    if (missing == 2) policy.child_proposals.clear();
    const auto parsed = parse_load_result(encode(result));
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().text, HasSubstr("no flow or no proposal"));
  }
}

TEST(KeeperProtocol, TimesThatWouldOverflowAreRefused) {
  LoadResult result = some_result();
  result.config->policies.at(0).ike_lifetime = std::chrono::seconds(INT64_MAX);
  EXPECT_FALSE(parse_load_result(encode(result)));
  result.config->policies.at(0).ike_lifetime = std::chrono::seconds(-1);
  EXPECT_FALSE(parse_load_result(encode(result)));
}

TEST(KeeperProtocol, NumbersThatAreNoValueAreRefused) {
  LoadResult result = some_result();
  result.config->policies.at(0).mode = Mode{2};
  EXPECT_FALSE(parse_load_result(encode(result)));
  LogLine line{log::Level{9}, "", "text"};
  EXPECT_FALSE(parse_log_line(encode(line)));
}

TEST(KeeperProtocol, AuthMessagesCross) {
  const PskAuthRequest request{SecretId{77}, PrfId::HMAC_SHA2_256, {1, 2}, {3}, "west"};
  const auto asked = parse_psk_auth_request(encode(request));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->secret, request.secret);
  EXPECT_EQ(asked->prf, request.prf);
  EXPECT_EQ(asked->own_octets, request.own_octets);
  EXPECT_EQ(asked->peer_octets, request.peer_octets);
  EXPECT_EQ(asked->policy, "west");
  const PskAuthValues values{SecretBytes(as_bytes("own")), SecretBytes(as_bytes("peer"))};
  const auto answered = parse_psk_auth_values(encode(values));
  ASSERT_TRUE(answered);
  EXPECT_TRUE(answered->own == values.own);
  EXPECT_TRUE(answered->peer == values.peer);
}

TEST(KeeperProtocol, MessagesOfLaterMethodsCross) {
  const auto eap = parse_eap_request(encode(EapRequest{SecretId{5}, 26, 9, "ann", {1}, {2, 3}}));
  ASSERT_TRUE(eap);
  EXPECT_EQ(std::tie(eap->password.value, eap->method, eap->identifier, eap->user),
            std::make_tuple(5u, 26, 9, std::string("ann")));
  EXPECT_EQ(eap->own_challenge, (Bytes{2, 3}));
  const auto values = parse_eap_values(
      encode(EapValues{SecretBytes(size_t{24}), SecretBytes(size_t{20}), SecretBytes(size_t{64})}));
  ASSERT_TRUE(values);
  EXPECT_EQ(values->key.size(), 64u);
  const auto sign = parse_sign_request(encode(SignRequest{{1, 2}, SignatureScheme::ed448, {3, 4, 5}}));
  ASSERT_TRUE(sign);
  EXPECT_EQ(sign->scheme, SignatureScheme::ed448);
  EXPECT_EQ(sign->octets, (Bytes{3, 4, 5}));
  const auto login = parse_token_login(encode(TokenLogin{"pkcs11:serial=1", SecretId{8}}));
  ASSERT_TRUE(login);
  EXPECT_EQ(login->uri, "pkcs11:serial=1");
  EXPECT_EQ(login->pin, SecretId{8});
  const std::vector<PublicPart> parts{{"a.crt", {1}}, {"b.crt", {2}}};
  EXPECT_EQ(parse_public_parts(encode(parts)).value_or(std::vector<PublicPart>{}), parts);
  EXPECT_EQ(parse_signature(encode(Bytes{9})).value_or(Bytes{}), Bytes{9});
  EXPECT_EQ(parse_number(encode(uint64_t{12})).value_or(0), 12u);
  EXPECT_EQ(parse_secret_id(encode(SecretId{13})).value_or(SecretId{}), SecretId{13});
}

}  // namespace
}  // namespace iked::keeper
