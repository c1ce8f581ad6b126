// SPDX-License-Identifier: ISC
#include "conf/to_text.h"

#include <gtest/gtest.h>

#include <random>

#include "conf/algorithms.h"
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

/// Random valid configurations, always the same for a seed.
class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  std::string config() {
    std::string text;
    if (one_in(2)) text += pick({"set passive\n", "set active\n"});
    if (one_in(3)) text += pick({"set decouple\n", "set couple\n"});
    if (one_in(3)) text += fmt::format("set dpd_check_interval {}\n", number(100000));
    const size_t policies = 1 + number(3);
    for (size_t i = 0; i < policies; ++i) text += policy();
    return text;
  }

 private:
  size_t number(size_t below) {
    return std::uniform_int_distribution<size_t>(0, below - 1)(random_);
  }
  bool one_in(size_t n) { return number(n) == 0; }
  std::string pick(std::initializer_list<const char*> words) {
    return *(words.begin() + number(words.size()));
  }

  std::string text_token() {
    constexpr std::string_view letters = "ab \t\"'\\#${}/,7\xfc";
    std::string text(1, 'n');
    for (size_t i = number(12); i > 0; --i) text += letters[number(letters.size())];
    return in_quotes(text);
  }
  std::string address(bool v6) {
    const size_t length = number(v6 ? 129 : 33);
    const std::string a =
        v6 ? fmt::format("2001:db8:{:x}::{:x}", number(65536), number(65536))
           : fmt::format("{}.{}.{}.{}", number(256), number(256), number(256), number(256));
    return one_in(3) ? a : fmt::format("{}/{}", a, length);
  }
  std::string host(bool v6) {
    if (one_in(8)) return "any";
    if (one_in(6)) return pick({"gw.example.com", "eth0", "\"esp\"", "lan-1/24", "\"set/16\""});
    return address(v6);
  }
  std::string end(bool v6) {
    return host(v6) + (one_in(3) ? fmt::format(" port {}", number(65536)) : "");
  }
  std::string flow() {
    const bool v6 = one_in(3);
    return one_in(2) ? " from " + end(v6) + " to " + end(v6)
                     : " to " + end(v6) + " from " + end(v6);
  }
  std::string transforms(bool ike) {
    const bool aead = one_in(2);
    std::string text;
    for (size_t i = number(3); i > 0; --i) {
      text += aead ? pick({" enc aes-256-gcm", " enc aes-128-gcm", " enc chacha20-poly1305"})
                   : pick({" enc aes-128", " enc aes-192", " enc aes-256"});
    }
    const bool plain = !aead || text.empty();
    for (size_t i = plain ? number(3) : 0; i > 0; --i)
      text += pick({" auth hmac-sha2-256", " auth hmac-sha2-512"});
    for (size_t i = number(3); i > 0; --i)
      text += pick({" group grp14", " group ecp256", " group curve25519"});
    if (ike && one_in(2)) text += pick({" prf hmac-sha2-256", " prf hmac-sha2-384"});
    if (!ike && one_in(3)) text += pick({" group none", " esn", " noesn", " esn noesn"});
    if (text.empty()) text = " enc aes-256-gcm";
    return text;
  }
  std::string policy() {
    std::string text = "ikev2";
    if (one_in(2)) text += " " + text_token();
    if (one_in(3)) text += pick({" quick", " skip", " default"});
    if (one_in(3)) text += " passive";
    if (one_in(3)) text += pick({" tunnel", " transport"});
    if (one_in(4)) text += " natt";
    if (one_in(3)) text += " esp";
    if (one_in(3))
      text += pick({" proto tcp", " proto { udp, tcp }", " proto 50", " proto {1 2 3}"});
    for (size_t i = 1 + number(3); i > 0; --i) text += flow();
    text += " peer " + pick({"any", "192.0.2.2", "gw.example.com", "198.51.100.0/24"});
    if (one_in(2)) text += " local " + pick({"any", "192.0.2.1", "eth0"});
    for (size_t i = number(3); i > 0; --i) text += " ikesa" + transforms(true);
    for (size_t i = number(3); i > 0; --i) text += " childsa" + transforms(false);
    if (one_in(2)) text += " srcid " + text_token();
    if (one_in(2)) text += " dstid " + pick({"a.example.com", "u@example.com", "192.0.2.7", "::1"});
    if (one_in(3)) text += " ikelifetime " + pick({"0", "3600", "2h", "90m"});
    if (one_in(3))
      text += " lifetime " + pick({"0", "3600", "2h bytes 5", "90m bytes 10G", "1 bytes 0"});
    return text + fmt::format(" psk \"key number {}\"\n", number(4));
  }

  std::mt19937_64 random_;
};

TEST(ToText, ParsesBackToTheSameForRandomConfigurations) {
  size_t good = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const std::string text = Generator(seed).config();
    auto parsed = parse_text(text);
    if (!parsed.good()) {
      // Only mixed families and the like, which the generator does not avoid.
      EXPECT_EQ(parsed.text().find("unknown"), std::string::npos) << parsed.text();
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
  EXPECT_GT(good, 1000u);
}

}  // namespace
}  // namespace iked::conf
