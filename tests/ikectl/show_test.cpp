// SPDX-License-Identifier: ISC
#include "ikectl/show.h"

#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "control/rows.h"

namespace iked::ikectl {
namespace {

using control::policy_row;
using control::sa_row;
using testing::HasSubstr;
using testing::Not;

size_t lines_matching(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::istringstream lines(text);
  size_t count = 0;
  for (std::string line; std::getline(lines, line);) count += std::regex_search(line, regex);
  return count;
}

TEST(Show, EstablishedSa) {
  EXPECT_EQ(
      to_lines(sa_row()),
      "iked_sas: 7 rspi 0x09f428ae3c2477ce ispi 0xae359801eca3edf8 "
      "192.0.2.1:4500->192.0.2.2:4500<FQDN/b.example.com>[] ESTABLISHED i natt policy office "
      "srcid FQDN/a.example.com ikesa aes-256-gcm prf hmac-sha2-256 group curve25519 age 1h1m\n"
      "  sa_childsas: 0xc821c2ed ESP 0xc0a01732 out 192.0.2.1:4500 -> 192.0.2.2:4500 (L) tunnel "
      "aes-128-gcm natt age 1m15s bytes 1680 packets 20\n"
      "  sa_childsas: 0xc821c2ed ESP 0xc821c2ed in 192.0.2.2:4500 -> 192.0.2.1:4500 (LA) tunnel "
      "aes-128-gcm natt age 1m15s bytes 840 packets 10\n"
      "  sa_flows: 0xc821c2ed ESP out 10.1.0.0/24 -> 10.2.0.0/24 (L)\n"
      "  sa_flows: 0xc821c2ed ESP out 10.1.0.0/24 -> 10.3.0.0/24[tcp/80] (L)\n"
      "  sa_flows: 0xc821c2ed ESP in 10.2.0.0/24 -> 10.1.0.0/24 (L)\n"
      "  sa_flows: 0xc821c2ed ESP in 10.3.0.0/24[tcp/80] -> 10.1.0.0/24 (L)\n");
}

TEST(Show, LinesAreWhatScriptsLookFor) {
  IkeSaRow sa = sa_row();
  for (const bool natt : {false, true}) {
    for (const bool initiator : {false, true}) {
      sa.natt = natt;
      sa.initiator = initiator;
      const std::string lines = to_lines(sa);
      EXPECT_EQ(lines_matching(lines, "^iked_sas: .* ESTABLISHED [ir] "), 1U) << lines;
      EXPECT_EQ(lines_matching(lines, "^  sa_childsas: \\S+ (ESP|AH) 0x[0-9a-f]{8} (in|out) "), 2U);
      EXPECT_EQ(lines_matching(lines, "^  sa_flows: "), 4U);
    }
  }
}

TEST(Show, SaThatIsStillNegotiated) {
  const IkeSaRow sa{.id = 8,
                    .policy = "office",
                    .state = "SA_INIT",
                    .waiting = "SaInitResponder::on_shared_secret",
                    .spi_i = 1,
                    .spi_r = 2,
                    .local = "192.0.2.1:500",
                    .remote = "192.0.2.2:500"};
  EXPECT_EQ(to_lines(sa),
            "iked_sas: 8 rspi 0x0000000000000002 ispi 0x0000000000000001 "
            "192.0.2.1:500->192.0.2.2:500<>[] SA_INIT r policy office age 0s waiting "
            "SaInitResponder::on_shared_secret\n");
}

TEST(Show, ChildOutsideOfTheKernelIsNotSaidToBeLoaded) {
  IkeSaRow sa = sa_row();
  sa.children[0].coupled = false;
  EXPECT_THAT(to_lines(sa), HasSubstr("192.0.2.2:4500 () tunnel"));
  EXPECT_THAT(to_lines(sa), HasSubstr("192.0.2.1:4500 (A) tunnel"));
  EXPECT_THAT(to_lines(sa), Not(HasSubstr("L)")));
}

TEST(Show, HalfClosedChildHasOneDirection) {
  IkeSaRow sa = sa_row();
  sa.children[0].spi_out = 0;
  EXPECT_EQ(lines_matching(to_lines(sa), "sa_childsas:.* out "), 0U);
  EXPECT_EQ(lines_matching(to_lines(sa), "sa_childsas:.* in "), 1U);
}

TEST(Show, ChildrenThatWereLeftOutAreCounted) {
  IkeSaRow sa = sa_row();
  sa.children_left_out = 500;
  EXPECT_TRUE(to_lines(sa).ends_with("\n  and 500 more child SAs\n"));
}

TEST(Show, PeersIdCannotForgeALine) {
  IkeSaRow sa = sa_row();
  sa.remote_id = "FQDN/x\niked_sas: 9 ESTABLISHED i \x1b[31m";
  EXPECT_EQ(lines_matching(to_lines(sa), "^iked_sas: "), 1U);
  EXPECT_THAT(to_lines(sa), Not(HasSubstr("\x1b")));
}

TEST(Show, PolicyThatIsDownSaysWhyAndWhenItIsTriedAgain) {
  EXPECT_EQ(to_lines(policy_row()),
            "policy branch active peer gw.example.com down, next try in 42s, last error: no answer "
            "from 198.51.100.7:500\n");
}

TEST(Show, PolicyThatIsUpSaysNoMore) {
  EXPECT_EQ(to_lines(PolicyRow{.name = "office", .peer = "any", .state = "up"}),
            "policy office passive peer any up\n");
}

}  // namespace
}  // namespace iked::ikectl
