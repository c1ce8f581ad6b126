// SPDX-License-Identifier: ISC
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/support.h"

namespace iked::conf {
namespace {

using test::parse_text;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view nets = " from 10.1.0.0/24 to 10.2.0.0/24 ";
constexpr std::string_view key = " psk \"0123456789abcdef\"\n";

/// Lines "ikev2 NAME BEFORE from ... to ... BEHIND psk ...".
std::string policy(std::string_view name, std::string_view before, std::string_view behind,
                   std::string_view flow = nets) {
  return fmt::format("ikev2 \"{}\" {}{}{}{}", name, before, flow, behind, key);
}

std::string said(const std::string& text) {
  const auto parsed = parse_text(text);
  EXPECT_TRUE(parsed.good()) << parsed.text();
  return parsed.text();
}

constexpr const char* first_never = "c:1:1: warning: policy \"a\" is never chosen: \"b\" at c:2:1";
constexpr const char* second_never = "c:2:1: warning: policy \"b\" is never chosen: \"a\" at c:1:1";

TEST(PolicyRelations, EarlierQuickPolicyShadowsALaterOne) {
  EXPECT_THAT(said(policy("a", "quick", "peer any") + policy("b", "", "peer 192.0.2.1")),
              HasSubstr(second_never));
  EXPECT_THAT(
      said(policy("a", "quick", "peer 192.0.2.0/24") + policy("b", "quick", "peer 192.0.2.1")),
      HasSubstr(second_never));
  EXPECT_THAT(said(policy("a", "quick", "peer any") + policy("b", "default", "peer any")),
              HasSubstr(second_never));
}

TEST(PolicyRelations, LaterPolicyShadowsAnEarlierOneThatIsNotQuick) {
  EXPECT_THAT(said(policy("a", "", "peer 192.0.2.1") + policy("b", "", "peer 192.0.0.0/16")),
              HasSubstr(first_never));
  EXPECT_THAT(said(policy("a", "", "peer gw.example.com") + policy("b", "", "peer gw.example.com")),
              HasSubstr(first_never));
  EXPECT_THAT(said(policy("a", "", "peer any dstid x.example.com") + policy("b", "", "peer any")),
              HasSubstr(first_never));
  EXPECT_THAT(said(policy("a", "", "peer any dstid x.example.com") +
                   policy("b", "", "peer any dstid x.example.com")),
              HasSubstr(first_never));
  EXPECT_THAT(said(policy("a", "proto tcp", "peer any", " from 10.1.0.5 port 80 to 10.2.0.9 ") +
                   policy("b", "", "peer any")),
              HasSubstr(first_never));
}

TEST(PolicyRelations, PolicyThatMatchesSomethingOfItsOwnIsNotShadowed) {
  const std::pair<std::string, std::string> cases[] = {
      {policy("a", "quick", "peer 192.0.2.1"), policy("b", "", "peer any")},
      {policy("a", "", "peer any"), policy("b", "", "peer 192.0.2.1")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "", "peer any dstid x.example.com")},
      {policy("a", "", "peer any dstid y.example.com"),
       policy("b", "", "peer any dstid x.example.com")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "default", "peer any")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "skip", "peer any")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "", "peer any local 198.51.100.1")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "", "peer any", " from 10.1.0.5 to any ")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "proto tcp", "peer any")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "transport", "peer any")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "inet6", "peer any")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "", "peer any ikesa enc aes-256-gcm")},
      {policy("a", "active", "peer 192.0.2.1"), policy("b", "", "peer any")},
      {policy("a", "", "peer 192.0.2.1"),
       "ikev2 \"b\" from 10.1.0.0/24 to 10.2.0.0/24 peer any eap \"mschap-v2\"\n"},
  };
  for (const auto& [a, b] : cases)
    EXPECT_THAT(said(a + b), Not(HasSubstr("never chosen"))) << a << b;
}

TEST(PolicyRelations, TrafficOfTwoPeersEarnsAWarning) {
  const std::string text =
      said(policy("a", "", "peer 192.0.2.1") + policy("b", "", "peer 192.0.2.2"));
  EXPECT_THAT(text, HasSubstr("c:2:32: warning: policy \"a\" at c:1:1 has the same traffic for "
                              "another peer\n"));
  const std::pair<std::string, std::string> fine[] = {
      {policy("a", "", "peer 192.0.2.1"), policy("b", "quick", "peer 192.0.2.1 local 192.0.2.9")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "quick", "peer any")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "skip", "peer 192.0.2.2")},
      {policy("a", "", "peer 192.0.2.1"), policy("b", "proto tcp", "peer 192.0.2.2")},
      {policy("a", "rdomain 1", "peer 192.0.2.1"), policy("b", "rdomain 2", "peer 192.0.2.2")},
      {policy("a", "", "peer 192.0.2.1"),
       policy("b", "", "peer 192.0.2.2", " from 10.1.0.0/24 to 10.2.0.0/25 ")},
  };
  for (const auto& [a, b] : fine)
    EXPECT_THAT(said(a + b), Not(HasSubstr("same traffic"))) << a << b;
}

}  // namespace
}  // namespace iked::conf
