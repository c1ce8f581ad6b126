// SPDX-License-Identifier: ISC
#include "authority/ledger.h"

#include <gmock/gmock.h>

#include "authority/fixture.h"

namespace iked::authority {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Lines as "openssl ca" writes them: valid, revoked, revoked with a reason, expired.
const std::string lines =
    "V\t271123075719Z\t\t01\tunknown\t/C=DE/CN=gw.example.com\n"
    "R\t271123075719Z\t261123075719Z\t02\tunknown\t/CN=old.example.com\n"
    "R\t20511123075719Z\t261123075720Z,keyCompromise\tABCD\tunknown\t/CN=gw.example.com\n"
    "E\t201123075719Z\t\t0F\tunknown\t/CN=gw.example.com/O=Example\n";

TEST(Ledger, ComesOutAsItWentIn) {
  EXPECT_EQ(Ledger::parse(lines).text(), lines);
}

TEST(Ledger, LinesThatItDoesNotUnderstandStay) {
  const std::string odd = "# a note\nV\ttoo\tfew\nX\n";
  EXPECT_EQ(Ledger::parse(odd + lines).text(), odd + lines);
  EXPECT_EQ(Ledger::parse(odd).revoked().size(), 0u);
}

TEST(Ledger, RevokedOnesHaveSerialAndTime) {
  EXPECT_THAT(Ledger::parse(lines).revoked(),
              ElementsAre(Revoked{{0x02}, 1795420639}, Revoked{{0xab, 0xcd}, 1795420640}));
}

TEST(Ledger, FindsWhatOpenIkedIssuedByCommonName) {
  const Ledger ledger = Ledger::parse(lines);
  EXPECT_THAT(ledger.live("gw.example.com.crt", "gw.example.com"),
              ElementsAre(Bytes{0x01}, Bytes{0x0f}));
  EXPECT_THAT(ledger.live("gw.example.crt", "gw.example"), IsEmpty());
  EXPECT_THAT(ledger.live("old.example.com.crt", "old.example.com"), IsEmpty());
}

TEST(Ledger, FindsWhatWasAddedByItsFile) {
  const Issued issued;
  Ledger ledger;
  ledger.add(issued.certificate, "a.example.com.crt");
  EXPECT_THAT(ledger.live("a.example.com.crt", ""), ElementsAre(issued.certificate.serial()));
  EXPECT_EQ(Ledger::parse(ledger.text()).text(), ledger.text());
}

TEST(Ledger, RevokesOnceAndKeepsTheFirstTime) {
  Ledger ledger = Ledger::parse(lines);
  ledger.revoke({0x01}, 1795420700);
  ledger.revoke({0x01}, 1795420800);
  EXPECT_THAT(ledger.revoked().front(), (Revoked{{0x01}, 1795420700}));
  EXPECT_THAT(ledger.live("", "gw.example.com"), ElementsAre(Bytes{0x0f}));
}

TEST(Ledger, RevokesWhatItHasNotIssued) {
  Ledger ledger;
  ledger.revoke({0x7f, 0x01}, 1795420700);
  EXPECT_THAT(Ledger::parse(ledger.text()).revoked(),
              ElementsAre(Revoked{{0x7f, 0x01}, 1795420700}));
}

}  // namespace
}  // namespace iked::authority
