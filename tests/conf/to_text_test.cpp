// SPDX-License-Identifier: ISC
#include "conf/to_text.h"

#include <gtest/gtest.h>

#include "conf/algorithms.h"
#include "conf/generator.h"
#include "conf/support.h"
#include "conf/transforms.h"

namespace iked::conf {
namespace {

using test::parse_text;

TEST(ToText, QuotesReadBackExactly) {
  for (const std::string text : {"", "a", "a b", "a\"b", "a'b", "\\", "a\\", "\\\"", "a\\ b",
                                 "a\\\tb", "\\\\", "\\\\\"", "#", "$x",
                                 "Gr\xc3\xbc\xc3\x9f"
                                 "e",
                                 "a\\n", "esp", "7"}) {
    SourceFiles files;
    Diagnostics diagnostics(files);
    test::MemoryEnvironment environment;
    environment.files["c"] = in_quotes(text);
    Lexer lexer(environment, diagnostics, files);
    ASSERT_TRUE(lexer.open("c"));
    const Token token = lexer.next();
    EXPECT_EQ(token.kind, Token::Kind::quoted);
    EXPECT_EQ(token.text, text) << in_quotes(text);
    EXPECT_TRUE(lexer.next().ends_statement()) << in_quotes(text);
  }
}

TEST(ToText, SpellsOutEveryDefault) {
  const auto parsed = parse_text(
      "ikev2 \"p\" from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 psk \"0123456789abc\"\n");
  EXPECT_EQ(
      to_text(parsed.config()),
      "set active\nset couple\nset dpd_check_interval 60\nset nofragmentation\n"
      "set fragmentation_mtu 1350\nset mobike\nset vendorid\nset noenforcesingleikesa\n"
      "set nostickyaddress\nset certpolicy strict\nset ipv6block auto\nset min_threads 1\n"
      "set max_threads 0\nset response_wait_time 30\nset retry 2 60\nset cookie_threshold 64\n"
      "set ignore_errors no\n"
      "ikev2 \"p\" passive tunnel esp from 10.1.0.0/24 to 10.2.0.0/24 local any peer 192.0.2.2"
      " ikesa enc aes-256-gcm enc aes-128-gcm enc chacha20-poly1305"
      " prf hmac-sha2-256 prf hmac-sha2-384 prf hmac-sha2-512"
      " group curve25519 group ecp256 group modp2048"
      " ikesa enc aes-256 enc aes-128 prf hmac-sha2-256 prf hmac-sha2-384 prf hmac-sha2-512"
      " auth hmac-sha2-256 auth hmac-sha2-384 auth hmac-sha2-512"
      " group curve25519 group ecp256 group modp2048"
      " childsa enc aes-256-gcm enc aes-128-gcm enc chacha20-poly1305 noesn"
      " childsa enc aes-256 enc aes-128 auth hmac-sha2-256 auth hmac-sha2-384 auth hmac-sha2-512 "
      "noesn"
      " ikelifetime 0 lifetime 10800 bytes 4294967296 psk \"***\"\n");
}

TEST(ToText, PrintsTheKeyItIsGiven) {
  const auto parsed = parse_text("ikev2 \"p\" from any to any psk \"0123456789abc\"\n");
  const std::string text = to_text(parsed.policy(), [](SecretId) { return std::string("0xff"); });
  EXPECT_TRUE(text.ends_with(" psk 0xff"));
}

TEST(ToText, FirstWordOfEachAlgorithmIsTheOnePrinted) {
  const auto check = [](const auto& words, const auto& print) {
    for (const auto& row : words) {
      const auto value = find_algorithm(words, print(row.value));
      ASSERT_TRUE(value) << row.word << " prints as " << print(row.value);
      EXPECT_TRUE(*value == row.value) << row.word;
      for (const auto& first : words) {
        if (first.value == row.value) {
          EXPECT_EQ(first.word, print(row.value));
          break;
        }
      }
    }
  };
  check(encr_words(), [](const Encr& e) { return to_string(e.id, e.key_bits); });
  check(prf_words(), [](PrfId p) { return to_string(p); });
  check(integ_words(), [](IntegId i) { return to_string(i); });
  check(group_words(), [](KeId g) { return to_string(g); });
}

TEST(ToText, ParsesBackToTheSameForRandomConfigurations) {
  constexpr size_t wanted = 10000;
  size_t good = 0;
  for (uint64_t seed = 0; good < wanted; ++seed) {
    ASSERT_LT(seed, 2 * wanted) << "the generator makes too many that are not valid";
    const std::string text = test::Generator(seed).config();
    auto parsed = parse_text(text);
    if (!parsed.good() || parsed.config().policies_left_out > 0) {
      // Only mixed families and the like, which the generator does not avoid.
      EXPECT_EQ(parsed.text().find(": unknown "), std::string::npos) << parsed.text();
      continue;
    }
    ++good;
    const std::string normal = to_text(parsed.config(), parsed.secrets.words());
    test::MemoryEnvironment environment;
    environment.files["again"] = normal;
    const auto again = parse({"again", {}, "here.example.com"}, environment, parsed.secrets,
                             test::some_catalogue());
    ASSERT_TRUE(again.config) << seed << "\n" << text << normal << again.diagnostics.front().text;
    ASSERT_TRUE(test::same_meaning(parsed.config(), *again.config)) << seed << "\n"
                                                                    << text << normal;
    ASSERT_EQ(normal, to_text(*again.config, parsed.secrets.words()));
  }
}

TEST(ToText, PlacesAreCommentsThatChangeNothing) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    auto parsed = parse_text(test::Generator(seed).config());
    if (!parsed.good() || parsed.config().policies_left_out > 0) continue;
    TextOptions options = parsed.secrets.words();
    options.places = true;
    test::MemoryEnvironment environment;
    environment.files["again"] = to_text(parsed.config(), options);
    const auto again = parse({"again", {}, "here.example.com"}, environment, parsed.secrets,
                             test::some_catalogue());
    ASSERT_TRUE(again.config) << environment.files["again"];
    ASSERT_TRUE(test::same_meaning(parsed.config(), *again.config)) << seed;
  }
}

}  // namespace
}  // namespace iked::conf
