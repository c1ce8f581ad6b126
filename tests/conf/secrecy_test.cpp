// SPDX-License-Identifier: ISC
// No diagnostic shows a secret, whatever is wrong and wherever the secret stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/support.h"
#include "conf/to_text.h"

namespace iked::conf {
namespace {

using test::parse_text;
using testing::HasSubstr;
using testing::Not;

const std::string flow = " from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2";

void expect_hidden(const std::string& text, std::map<std::string, std::string> others = {}) {
  const auto parsed = parse_text(text, std::move(others));
  EXPECT_FALSE(parsed.result.diagnostics.empty()) << text;
  EXPECT_THAT(parsed.text(), Not(HasSubstr("geheim"))) << text;
}

TEST(Secrecy, ErrorBeforeTheKey) {
  expect_hidden("ikev2 actve \"x\"" + flow + " psk geheim\n");
  expect_hidden("ikve2" + flow + " psk \"geheim\"\n");
  expect_hidden("ikev2 $nothing" + flow + " psk \"geheim\"\n");
  expect_hidden("ikev2" + flow + " ikesa enc foo psk 'geheim'\n");
}

TEST(Secrecy, ErrorAboutTheKey) {
  expect_hidden("ikev2" + flow + " psk geheim\n");
  expect_hidden("ikev2" + flow + " psk 0xgeheim\n");
  expect_hidden("ikev2" + flow + " psk 0x0geheim\n");
  expect_hidden("ikev2" + flow + " psk \"geheim" + std::string(1024, 'x') + "\"\n");
  expect_hidden("ikev2" + flow + " psk /geheim\n");
  expect_hidden("ikev2" + flow + " psk {geheim}\n");
  expect_hidden("ikev2" + flow + " psk \xffgeheim\n");
}

TEST(Secrecy, ErrorBehindTheKey) {
  expect_hidden("ikev2" + flow + " psk geheim1 geheim2\n");
  expect_hidden("ikev2" + flow + " psk \"geheim\" srcid geheim\n");
  expect_hidden("ikev2" + flow + " psk geheim,geheim\n");
  expect_hidden("ikev2" + flow + " psk gehe#geheim\n ikev2\n");
  expect_hidden("ikev2 active from any to any psk \"geheim\"\n");
}

TEST(Secrecy, ClausesBehindTheKey) {
  expect_hidden("ikev2" + flow + " psk geheim tag geheim geheim\n");
  expect_hidden("ikev2" + flow + " psk 'geheim' geheim tag x\n");
  expect_hidden("ikev2" + flow + " psk \"geheim\" tag \"\"\n");
  expect_hidden("k = \"geheim tag geheim\"\nikev2" + flow + " psk $k tag x\n");
  expect_hidden("k = \"geheim\"\nikev2" + flow + " psk $k tag \"\"\n");
  // What cannot be part of the key is shown, or nobody could mend it.
  for (const std::string key : {"\"geheim\"", "0x6765", "file \"k\"", "$k"}) {
    const auto parsed =
        parse_text("k = \"geheim\"\nikev2" + flow + " psk " + key + " config adress 10.9.0.1\n",
                   {{"k", "00112233"}});
    EXPECT_THAT(parsed.text(), HasSubstr("'adress'")) << key;
    EXPECT_THAT(parsed.text(), HasSubstr("config adress 10.9.0.1\n")) << key;
  }
}

TEST(Secrecy, MisspeltPsk) {
  for (const char* word : {"pks", "PSK", "Psk", "pskk", "ps", "sk", "psk=", "preshared", "password",
                           "secret", "colour"}) {
    expect_hidden("ikev2" + flow + " " + word + " geheim\n");
    expect_hidden("ikev2" + flow + " " + word + " \"x geheim\"\n");
  }
}

TEST(Secrecy, KeyOnLinesOfItsOwn) {
  expect_hidden("ikev2" + flow + " psk \\\n \"geheim\" \\\n srcid x\n");
  expect_hidden("ikev2" + flow + " psk \\\n geheim \\\n geheim\n");
  expect_hidden("ikev2" + flow + " psk \"a\n geheim\" srcid x\n");
  expect_hidden("ikev2 foo \"x\"" + flow + " psk \"a\ngeheim\"\n");
  expect_hidden("ikev2 foo \"x\"" + flow + " psk \\\n\"a\ngeheim\ngeheim\" x\n");
}

TEST(Secrecy, KeyWithoutClosingQuote) {
  expect_hidden("ikev2" + flow + " psk \"geheim\nset foo\ngeheim\n");
  expect_hidden("ikev2 foo \"x\" psk \"geheim\ngeheim2 foo\n");
  expect_hidden("ikev2 foo \"x\" psk=\"geheim\ngeheim2 foo\n");
}

TEST(Secrecy, KeyInAMacro) {
  expect_hidden("k = geheim / x\nikev2" + flow + " psk $k\n");
  expect_hidden("k = \"geheim\" / x\nikev2 foo \"x\"" + flow + " psk $k\n");
  expect_hidden("k = \"geheim\"\nikev2" + flow + " psk $k srcid x\n");
  expect_hidden("k = \"geheim\"\nikev2" + flow + " psk $k $k\n");
  expect_hidden("k = \"geheim x\"\nikev2" + flow + " psk $k\n");
  expect_hidden("a = \"geheim\" / x\nb = $a\nikev2" + flow + " psk $b\n");
  expect_hidden("a = \"psk geheim\" / x\n");
  expect_hidden("psk = \"geheim\"\n");
}

TEST(Secrecy, KeyInAMacroUsedInALineThatIsSkipped) {
  expect_hidden("k = \"geheim\" /\nikev2 foo \"x\"" + flow + " psk $k.x\n");
  expect_hidden("k = \"geheim\" /\nikev2 foo \"x\"" + flow + " psk it\'s$k $k\n");
}

TEST(Secrecy, KeyInAMacroOfAMacro) {
  expect_hidden("a = \"x\"\nb = \"geheim\" $a / \nikev2" + flow + " psk $b\n");
}

TEST(Secrecy, KeyInAnIncludedFile) {
  expect_hidden("include \"d\"\n", {{"d", "ikev2" + flow + " psk geheim geheim\n"}});
  expect_hidden("include \"d\"\nikev2" + flow + " psk $k\n", {{"d", "k = \"geheim\" /\n"}});
}

TEST(Secrecy, KeyFile) {
  expect_hidden("ikev2" + flow + " psk file \"d\"\n", {{"d", "geheim"}});
}

TEST(Secrecy, Passwords) {
  expect_hidden("user name geheim\n");
  expect_hidden("user \"name\" \"geheim\"\n");
  expect_hidden("user name\\\n geheim\n");
}

TEST(Secrecy, MisspeltUser) {
  for (const char* word : {"usr", "userr", "User", "user:", "set user", "eapuser", "users"}) {
    expect_hidden(std::string(word) + " name geheim\n");
    expect_hidden(std::string(word) + " \"name\" \"geheim\"\n");
  }
  expect_hidden("user \"name geheim\n");
  expect_hidden("user = name geheim\n");
}

TEST(Secrecy, WordsThatHoldTheKey) {
  for (const char* text :
       {"psk:geheim", "PSK:\"geheim\"", "psk\"geheim\"", "psk'geheim'", "preshared-key:geheim"}) {
    expect_hidden("ikev2" + flow + " " + text + "\n");
    expect_hidden("ikev2" + flow + " lifetime x " + text + "\n");
  }
}

TEST(Secrecy, OtherNamesOfSecrets) {
  for (const char* word : {"passwd", "secretkey", "pre-shared-key", "pre_shared_key",
                           "sharedsecret", "PASSPHRASE", "mypassword"}) {
    expect_hidden("ikev2" + flow + " lifetime x " + word + " geheim\n");
    expect_hidden(std::string(word) + " = geheim / x\n");
    expect_hidden(std::string(word) + "=geheim/x\n");
  }
}

TEST(Secrecy, CommentsWithOldKeys) {
  expect_hidden("set foo # psk geheim\n");
}

TEST(Secrecy, NormalFormMasksKeys) {
  const auto parsed = parse_text("ikev2" + flow + " psk \"geheim-geheim\"\n");
  ASSERT_TRUE(parsed.good());
  EXPECT_THAT(to_text(parsed.config()), HasSubstr("psk \"***\""));
  EXPECT_THAT(to_text(parsed.config()), Not(HasSubstr("geheim")));
}

}  // namespace
}  // namespace iked::conf
