// SPDX-License-Identifier: ISC
// Files that are no text, files that change or go away: an error with its place, never a crash, and
// no configuration. The keeper's tests have those that cannot be opened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/support.h"

namespace iked::conf {
namespace {

using test::parse_text;
using testing::HasSubstr;
using testing::StartsWith;

const std::string good =
    "ikev2 \"p\" from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 psk \"0123456789abcdef\"\n";

TEST(BadInput, EachKindHasItsMessageAndPlace) {
  const std::pair<std::string, const char*> cases[] = {
      {std::string("set\0active\n", 11), "c:1:4: "},
      {"set active\r\n", "c:1:11: "},
      {"set active\rset active\n", "c:1:11: "},
      {"user Bj\xf6rn geheim\n", "c:1:8: "},
      {"\xef\xbb\xbfset active\n", "c:1:1: "},
      {"\xff\xfes\0e\0t\0", "c:1:1: "},
      {"set active\f\n", "c:1:11: "},
  };
  for (const auto& [text, place] : cases) {
    const auto parsed = parse_text(text);
    EXPECT_FALSE(parsed.good()) << text;
    EXPECT_THAT(parsed.text(), StartsWith(place));
  }
}

TEST(BadInput, EveryOctetAloneIsReadOrRefused) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string one(1, static_cast<char>(octet));
    for (const std::string& text : {one, one + good, "set " + one + "\n", "user \"a\" " + one,
                                    good.substr(0, good.size() - 1) + one}) {
      const auto parsed = parse_text(text);
      EXPECT_EQ(parsed.good(),
                parsed.text().find(": warning: ") != std::string::npos || parsed.text().empty())
          << octet << parsed.text();
    }
  }
}

TEST(BadInput, EveryPrefixOfAConfigurationIsReadOrRefused) {
  const std::string text =
      "m = \"x y\"\nset ocsp \"http://a/\" tolerate 5m maxage 3h\nuser \"a\" 'b'\n"
      "ikev2 $m quick esp proto { tcp, 17 } from 10.0.0.1 (10.0.0.0/8) port 80 to dynamic "
      "peer any ikesa enc aes-256 auth hmac-sha2-256 srcid \"/C=DE/CN=a\" lifetime 3h bytes 2G "
      "psk \"0123456789abcdef\" config address 10.9.0.0/24 iface sec0 tag $m tap enc0\n";
  for (size_t length = 0; length <= text.size(); ++length) {
    const auto parsed = parse_text(text.substr(0, length));
    EXPECT_TRUE(parsed.good() || !parsed.text().empty()) << length;
  }
}

TEST(BadInput, OneErrorAnywhereLeavesNoConfiguration) {
  EXPECT_FALSE(parse_text(good + "ikev2\n").good());
  EXPECT_FALSE(parse_text("ikev2\n" + good).good());
  EXPECT_FALSE(parse_text(good + "include \"d\"\n", {{"d", "set nothing\n"}}).good());
}

TEST(BadInput, LinesOf10Megabytes) {
  constexpr size_t size = 10 << 20;
  const std::string fill(size, 'x');
  EXPECT_TRUE(parse_text("# " + fill + "\n" + good).good());
  EXPECT_FALSE(parse_text("user a " + fill + "\n").good());
  EXPECT_FALSE(parse_text("set " + fill + "\n").good());
  EXPECT_FALSE(parse_text("m = \"" + fill + "\n").good());
  EXPECT_FALSE(parse_text(good.substr(0, good.size() - 1) + std::string(size, '\\')).good());
  const auto late = parse_text("set" + std::string(size, ' ') + "nothing psk geheim\n");
  EXPECT_FALSE(late.good());
  EXPECT_EQ(late.text().find("geheim"), std::string::npos);
  const auto flows = [] {
    std::string text = "ikev2";
    while (text.size() < size) text += " from 10.0.0.0/8 to 10.0.0.0/8,";
    return text;
  }();
  const auto parsed = parse_text(flows + "\n");
  EXPECT_FALSE(parsed.good());
  EXPECT_LT(parsed.text().size(), 100000u);  // no message shows the whole line
}

TEST(BadInput, SecretAtTheEndOfALongChainOfMacros) {
  constexpr int length = 20000;
  std::string text = "m0 = \"0123456789abcdef\"\n";
  for (int i = 1; i < length; ++i) text += fmt::format("m{} = $m{}\n", i, i - 1);
  text += good.substr(0, good.find("psk")) + fmt::format("psk $m{}\n", length - 1);
  EXPECT_TRUE(parse_text(text).good());
  // The first macro is as secret as the last.
  const auto broken = parse_text("m0 = geheim /\n" + text.substr(text.find('\n') + 1));
  EXPECT_FALSE(broken.good());
  EXPECT_EQ(broken.text().find("geheim"), std::string::npos);
}

/// A file that is there once only.
class VanishingEnvironment final : public Environment {
 public:
  Result<FileText> read(const std::string& path) override {
    if (path == "c") return FileText{"include \"d\"\ninclude \"d\"\n", "c"};
    if (std::exchange(gone_, true)) return fail("cannot be opened: No such file or directory");
    return FileText{good, "d"};
  }
  std::optional<uint16_t> service_port(const std::string&) override { return std::nullopt; }
  std::optional<uint8_t> protocol_number(const std::string&) override { return std::nullopt; }

 private:
  bool gone_ = false;
};

TEST(BadInput, FileThatVanishesBetweenTwoIncludes) {
  VanishingEnvironment environment;
  test::MemorySecrets secrets;
  const LoadResult result = parse({"c", {}, "h"}, environment, secrets, test::some_catalogue());
  EXPECT_FALSE(result.config);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_THAT(to_string(result.diagnostics[0]), StartsWith("c:2:9: "));
  EXPECT_THAT(to_string(result.diagnostics[0]), HasSubstr("No such file"));
}

}  // namespace
}  // namespace iked::conf
