// SPDX-License-Identifier: ISC
// ikectl over D-Bus, for whoever may not use the control socket.
#include "dbus/fixture.h"

namespace iked::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Verdict = FakePolkit::Verdict;

class BusIkectl : public BusTest {
 protected:
  /// In a /run of its own without a control socket.
  std::pair<int, std::string> ask(const std::string& words) {
    return drive.run("unshare -rm sh -c 'mount -t tmpfs none /run && exec \"$0\" $*' " +
                     std::string(IKECTL_PROGRAM) + " " + words + " 2>&1");
  }
  bool may_unshare() { return drive.run("unshare -rm true 2>&1").first == 0; }
};

TEST_F(BusIkectl, SaysTheSameAsOverTheSocket) {
  control.failed = {control::failure_row()};
  control.more_counters = {{"IkeSasCreated", 3}};
  start();
  if (!may_unshare()) GTEST_SKIP() << "no mount namespaces";
  polkit->otherwise = Verdict::yes;
  const auto [code, shown] = ask("show sa");
  EXPECT_EQ(code, 0) << shown;
  EXPECT_THAT(shown, StartsWith("iked_sas: 1 rspi 0x09f428ae3c2477ce ispi 0xae359801eca3edf8 "
                                "192.0.2.1:4500->192.0.2.2:4500<FQDN/b.example.com>[] ESTABLISHED "
                                "i natt policy office srcid FQDN/a.example.com"));
  EXPECT_THAT(shown, HasSubstr("\n  sa_childsas: 0xc821c2ed ESP 0xc0a01732 out "));
  EXPECT_THAT(ask("show policy").second, StartsWith("policy branch active peer gw.example.com"));
  EXPECT_THAT(ask("show stats").second, StartsWith("ike:\n\t3 IKE SAs created\n"));
  EXPECT_THAT(ask("why branch").second, HasSubstr("no answer from 198.51.100.7:500"));
  EXPECT_THAT(ask("why branch").second, StartsWith("branch is down"));
}

TEST_F(BusIkectl, CommandsArriveAndFailWithTheirCodes) {
  start();
  if (!may_unshare()) GTEST_SKIP() << "no mount namespaces";
  polkit->otherwise = Verdict::yes;
  for (const char* words :
       {"active", "passive", "couple", "decouple", "log brief", "reload", "load /etc/iked/b.conf",
        "reset sa", "reset id FQDN/b.example.com", "connect branch", "disconnect branch"}) {
    const auto [code, said] = ask(words);
    EXPECT_EQ(code, 0) << words << ": " << said;
  }
  EXPECT_THAT(control.calls, testing::ElementsAre("active", "passive", "couple", "decouple",
                                                  "verbosity 0", "reload", "load /etc/iked/b.conf",
                                                  "reset 3", "reset id FQDN/b.example.com",
                                                  "connect branch", "disconnect branch"));
  EXPECT_EQ(ask("connect nobody").first, 4);
  control.ends_with = std::unexpected(ControlError{FailureKind::timeout, "no answer: is it up?"});
  const auto [code, said] = ask("connect branch");
  EXPECT_EQ(code, 1);
  EXPECT_EQ(said, "ikectl: no answer: is it up?\n");
  polkit->otherwise = Verdict::no;
  EXPECT_EQ(ask("show sa").first, 5);
}

TEST_F(BusIkectl, WithoutSocketAndBusThereIsNoDaemon) {
  if (!may_unshare()) GTEST_SKIP() << "no mount namespaces";
  const auto [code, said] = ask("show sa");
  EXPECT_EQ(code, 3);
  EXPECT_THAT(said, StartsWith("ikectl: connect: /run/iked.sock: No such file or directory\n"));
}

}  // namespace
}  // namespace iked::test
