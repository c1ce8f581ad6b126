// SPDX-License-Identifier: ISC
// What any kernel with XFRM can do, with or without ESP: reserve SPIs, keep policies, ask for SAs.
// Runs as root in namespaces of its own, is skipped otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "model/reqid_range.h"
#include "xfrm/leftovers.h"
#include "xfrm/messages.h"
#include "xfrm/namespaces.h"
#include "xfrm/socket.h"
#include "xfrm/tables.h"

namespace iked::xfrm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr Reqid kReqid{kFirstReqid.value + 5};
constexpr Reqid kOther{kFirstReqid.value + 6};

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

TrafficSelector net(std::string_view prefix, uint8_t protocol = 0) {
  return TrafficSelector::of(IpPrefix::parse(prefix).value(), protocol);
}

KernelPolicy out_policy() {
  KernelPolicy policy;
  policy.direction = PolicyDirection::out;
  policy.source = net("10.1.0.0/24");
  policy.destination = net("10.2.0.0/24");
  policy.reqid = kReqid;
  policy.tunnel_source = ip("192.0.2.1");
  policy.tunnel_destination = ip("192.0.2.2");
  return policy;
}

class XfrmKernelTables : public testing::Test {
 protected:
  void SetUp() override {
    if (!may_make_namespaces()) GTEST_SKIP() << "needs root";
    space_.emplace();
    auto opened = XfrmKernel::open();
    ASSERT_TRUE(opened) << opened.error().text;
    kernel_ = std::move(*opened);
    auto socket = RequestSocket::open();
    ASSERT_TRUE(socket) << socket.error().text;
    socket_.emplace(std::move(*socket));
  }

  // Adds policies as install() does, without SAs.
  std::vector<Outcome> add(const std::vector<KernelPolicy>& policies) {
    const auto placed = place(policies);
    Batch batch;
    for (const PlacedPolicy& one : placed.value())
      put_policy(batch, PolicyVerb::add, *one.policy, one.selector);
    return socket_->run(batch).value();
  }

  void expect_added(const std::vector<KernelPolicy>& policies) {
    for (const Outcome& outcome : add(policies)) EXPECT_TRUE(outcome.ok()) << to_string(outcome);
  }

  std::vector<PolicyRecord> policies_read() {
    std::vector<PolicyRecord> all;
    Batch question;
    put_dump_policies(question);
    EXPECT_TRUE(socket_->dump(question, [&](size_t, const Message& message) {
      all.push_back(parse_policy(message).value());
    }));
    return all;
  }

  static Leftovers leftovers_of(const std::vector<PolicyRecord>& records) {
    Leftovers leftovers;
    for (const PolicyRecord& record : records) leftovers.add_closed(record);
    return leftovers;
  }

  ChildSpi allocate(Reqid reqid) {
    auto spi = kernel_->allocate_spi(ip("192.0.2.2"), ip("192.0.2.1"), ProtocolId::ESP, reqid);
    EXPECT_TRUE(spi) << spi.error().text;
    return spi.value_or(ChildSpi{});
  }

  std::optional<Namespace> space_;
  std::unique_ptr<XfrmKernel> kernel_;
  std::optional<RequestSocket> socket_;
};

TEST_F(XfrmKernelTables, OpenLeavesNothingBehind) {
  EXPECT_EQ(states(), "");
  EXPECT_EQ(policies(), "");
}

TEST_F(XfrmKernelTables, ProbeLeavesNothingBehindWhateverItFinds) {
  (void)kernel_->probe();
  EXPECT_EQ(states(), "");
  EXPECT_EQ(policies(), "");
}

TEST_F(XfrmKernelTables, AKernelWithoutEspIsNamedTogetherWithTheModulesToLoad) {
  const auto probed = kernel_->probe();
  if (probed) GTEST_SKIP() << "this kernel has ESP";
  EXPECT_THAT(probed.error().text,
              AllOf(HasSubstr("this kernel has no ESP: "), HasSubstr("not found"),
                    HasSubstr("load the modules esp4 and esp6 (with xfrm_user, gcm and authenc)")));
}

TEST_F(XfrmKernelTables, WithoutPermissionTheErrorNamesTheCapability) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
    const auto opened = XfrmKernel::open();
    const std::string text = opened ? "opened" : opened.error().text;
    _exit(write(ends[1], text.data(), text.size()) > 0 ? 0 : 1);
  }
  close(ends[1]);
  std::array<char, 512> text{};
  EXPECT_GT(read(ends[0], text.data(), text.size() - 1), 0);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  EXPECT_THAT(text.data(), HasSubstr("needs CAP_NET_ADMIN"));
}

TEST_F(XfrmKernelTables, SpisComeFromTheRangeAndAreGivenBack) {
  const ChildSpi one = allocate(kReqid);
  const ChildSpi other = allocate(kReqid);
  EXPECT_NE(one, other);
  for (ChildSpi spi : {one, other}) {
    EXPECT_GE(spi.value, SpiRange{}.first);
    EXPECT_LE(spi.value, SpiRange{}.last);
    EXPECT_THAT(states(), HasSubstr(fmt::format("{:#010x}", spi.value)));
  }
  ChildRemoval removal;
  removal.inbound = {ip("192.0.2.2"), ip("192.0.2.1"), ProtocolId::ESP, one};
  kernel_->remove(removal);
  EXPECT_THAT(states(), Not(HasSubstr(fmt::format("{:#010x}", one.value))));
  EXPECT_THAT(states(), HasSubstr(fmt::format("{:#010x}", other.value)));
  kernel_->remove(removal);  // again: not an error
}

TEST_F(XfrmKernelTables, SpisAreForIpv6AndAhAsWell) {
  const auto esp =
      kernel_->allocate_spi(ip("2001:db8::2"), ip("2001:db8::1"), ProtocolId::ESP, kReqid);
  const auto ah =
      kernel_->allocate_spi(ip("2001:db8::2"), ip("2001:db8::1"), ProtocolId::AH, kReqid);
  EXPECT_TRUE(esp) << esp.error().text;
  EXPECT_TRUE(ah) << ah.error().text;
  EXPECT_FALSE(kernel_->allocate_spi(ip("2001:db8::2"), ip("192.0.2.1"), ProtocolId::ESP, kReqid));
}

TEST_F(XfrmKernelTables, PoliciesOfEachDirectionAndFamilyAreReadBackAsWritten) {
  KernelPolicy in = out_policy();
  in.direction = PolicyDirection::in;
  std::swap(in.source, in.destination);
  KernelPolicy fwd = in;
  fwd.direction = PolicyDirection::fwd;
  KernelPolicy v6 = out_policy();
  v6.source = net("2001:db8:1::/48", 17);
  v6.destination = net("2001:db8:2::/48", 17);
  v6.destination.first_port = v6.destination.last_port = 53;
  v6.mode = Mode::transport;
  v6.mark = Mark{7, 0xff};
  v6.if_id = 9;
  expect_added({out_policy(), in, fwd, v6});
  const std::string text = policies();
  EXPECT_THAT(text, HasSubstr("src 10.1.0.0/24 dst 10.2.0.0/24 \n\tdir out priority 74112"));
  EXPECT_THAT(text, HasSubstr("src 10.2.0.0/24 dst 10.1.0.0/24 \n\tdir in"));
  EXPECT_THAT(text, HasSubstr("src 10.2.0.0/24 dst 10.1.0.0/24 \n\tdir fwd"));
  EXPECT_THAT(
      text,
      HasSubstr("tmpl src 192.0.2.1 dst 192.0.2.2\n\t\tproto esp reqid 1224736773 mode tunnel"));
  EXPECT_THAT(text, HasSubstr("src 2001:db8:1::/48 dst 2001:db8:2::/48 proto udp dport 53"));
  EXPECT_THAT(text, HasSubstr("mark 0x7/0xff"));
  EXPECT_THAT(text, HasSubstr("if_id 0x9"));
  EXPECT_THAT(text, HasSubstr("mode transport"));
}

TEST_F(XfrmKernelTables, ASplitRangeIsDeletedPieceByPiece) {
  KernelPolicy range = out_policy();
  range.source.first = ip("10.1.0.1");
  range.source.last = ip("10.1.0.14");
  expect_added({range});
  EXPECT_EQ(count(policies(), "dir out"), 6U);
  const std::vector<KernelPolicy> gone{range};
  delete_own_policies(*socket_, place(gone).value());
  EXPECT_EQ(policies(), "");
}

TEST_F(XfrmKernelTables, ManyPoliciesAreMoreThanOneSendAndStillWhole) {
  std::vector<KernelPolicy> many;
  for (int i = 0; i < 600; ++i) {
    KernelPolicy policy = out_policy();
    policy.source = net(fmt::format("10.{}.{}.0/24", i / 256, i % 256));
    many.push_back(policy);
  }
  expect_added(many);
  EXPECT_EQ(count(policies(), "dir out"), 600U);
  delete_own_policies(*socket_, place(many).value());
  EXPECT_EQ(policies(), "");
}

TEST_F(XfrmKernelTables, APolicyOfAnotherProgramIsNeitherOverwrittenNorDeleted) {
  run("ip xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out priority 5 "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  const std::string before = policies();
  EXPECT_EQ(add({out_policy()}).front().error, EEXIST);
  EXPECT_EQ(policies(), before);
  const std::vector<KernelPolicy> same{out_policy()};
  delete_own_policies(*socket_, place(same).value());
  EXPECT_EQ(policies(), before);
}

TEST_F(XfrmKernelTables, APolicyOfAnotherTunnelOfOursIsNotDeleted) {
  KernelPolicy other = out_policy();
  other.reqid = kOther;
  expect_added({other});
  const std::vector<KernelPolicy> same{out_policy()};
  delete_own_policies(*socket_, place(same).value());
  EXPECT_EQ(count(policies(), "dir out"), 1U);
}

TEST_F(XfrmKernelTables, PoliciesThatDifferInMarkOrInterfaceDoNotMeet) {
  KernelPolicy marked = out_policy();
  marked.mark = Mark{1, 0xff};
  KernelPolicy on_interface = out_policy();
  on_interface.if_id = 5;
  expect_added({out_policy(), marked, on_interface});
  const std::vector<KernelPolicy> gone{marked};
  delete_own_policies(*socket_, place(gone).value());
  EXPECT_THAT(policies(), AllOf(Not(HasSubstr("mark 0x1")), HasSubstr("if_id 0x5")));
  EXPECT_EQ(count(policies(), "dir out"), 2U);
}

TEST_F(XfrmKernelTables, AnSpiThatIsNotOursIsNotDeleted) {
  run("ip xfrm state allocspi src 192.0.2.2 dst 192.0.2.1 proto esp reqid 7 min 0xc0000001 max "
      "0xc0000001");
  ChildRemoval removal;
  removal.inbound = {ip("192.0.2.2"), ip("192.0.2.1"), ProtocolId::ESP, ChildSpi{0xc0000001}};
  kernel_->remove(removal);
  EXPECT_THAT(states(), HasSubstr("0xc0000001"));
}

TEST_F(XfrmKernelTables, UsageOfAnSaThatIsNotThereSaysSo) {
  const auto usage =
      kernel_->usage({ip("192.0.2.2"), ip("192.0.2.1"), ProtocolId::ESP, ChildSpi{1}});
  ASSERT_TRUE(usage) << usage.error().text;
  EXPECT_FALSE(*usage);
}

TEST_F(XfrmKernelTables, LeftoversGoAndWhatOthersMadeStays) {
  run("ip xfrm policy add src 10.8.0.0/24 dst 10.9.0.0/24 dir out "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  run("ip xfrm policy add src 10.8.1.0/24 dst 10.9.0.0/24 dir fwd action block");
  run("ip xfrm state allocspi src 192.0.2.2 dst 192.0.2.1 proto esp reqid 7 min 0x1000 max 0x1000");
  const std::string foreign_policies = policies();
  KernelPolicy in = out_policy();
  in.direction = PolicyDirection::in;
  in.reqid = kLastReqid;
  KernelPolicy marked = out_policy();
  marked.mark = Mark{1, 0xff};
  marked.if_id = 4;
  expect_added({out_policy(), in, marked});
  allocate(kReqid);
  allocate(kOther);
  const auto deleted = kernel_->remove_own_leftovers(kFirstReqid, kLastReqid);
  ASSERT_TRUE(deleted) << deleted.error().text;
  EXPECT_EQ(deleted->policies, 3U);
  EXPECT_EQ(deleted->sas, 2U);
  EXPECT_EQ(policies(), foreign_policies);
  EXPECT_EQ(count(states(), "proto esp"), 1U);
  EXPECT_THAT(states(), HasSubstr("0x00001000"));
}

Judge carries(std::string_view local, std::string_view remote) {
  const IpPrefix ours = IpPrefix::parse(local).value();
  const IpPrefix theirs = IpPrefix::parse(remote).value();
  return [=](const LeftoverPolicy& left) {
    return left.local == ours && left.remote == theirs ? Fate::carries_on : Fate::gone;
  };
}

Fate carry_on(const LeftoverPolicy&) {
  return Fate::carries_on;
}

// Its tunnel comes back: until then nothing may pass that was protected before.
TEST_F(XfrmKernelTables, LeftoversThatATunnelMayComeForAreClosed) {
  run("ip xfrm policy add src 10.8.0.0/24 dst 10.9.0.0/24 dir out "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  KernelPolicy in = out_policy();
  in.direction = PolicyDirection::in;
  std::swap(in.source, in.destination);
  in.mark = Mark{1, 0xff};
  in.if_id = 4;
  KernelPolicy unwanted = out_policy();
  unwanted.source = net("10.3.0.0/24");
  expect_added({out_policy(), in, unwanted});
  allocate(kReqid);
  const auto counts = kernel_->take_stock(carries("10.1.0.0/24", "10.2.0.0/24"));
  ASSERT_TRUE(counts) << counts.error().text;
  EXPECT_EQ(counts->sas, 1U);
  EXPECT_EQ(counts->policies, 1U);
  EXPECT_EQ(counts->closed, 2U);
  const std::string text = policies();
  EXPECT_THAT(text, HasSubstr("src 10.1.0.0/24 dst 10.2.0.0/24 \n\tdir out action block"));
  EXPECT_THAT(text, HasSubstr("src 10.2.0.0/24 dst 10.1.0.0/24 \n\tdir in action block"));
  EXPECT_THAT(text, AllOf(HasSubstr("mark 0x1/0xff"), HasSubstr("if_id 0x4")));
  EXPECT_THAT(text, Not(HasSubstr("10.3.0.0/24")));
  EXPECT_EQ(count(text, "action block"), 2U);
  EXPECT_EQ(count(text, fmt::format("reqid {}", kLeftoverReqid.value)), 2U);
  EXPECT_EQ(count(text, "reqid 7"), 1U);
}

// Killed once more before the tunnel came.
TEST_F(XfrmKernelTables, ClosedLeftoversStayClosedForTheNextProcess) {
  expect_added({out_policy()});
  const auto wanted = carries("10.1.0.0/24", "10.2.0.0/24");
  ASSERT_TRUE(kernel_->take_stock(wanted));
  auto next = XfrmKernel::open();
  ASSERT_TRUE(next);
  const auto counts = (*next)->take_stock(wanted);
  ASSERT_TRUE(counts) << counts.error().text;
  EXPECT_EQ(counts->closed, 1U);
  EXPECT_EQ(count(policies(), "action block"), 1U);
}

TEST_F(XfrmKernelTables, ClosedLeftoversGoWhenTheirPolicyGoes) {
  run("ip xfrm policy add src 10.8.1.0/24 dst 10.9.0.0/24 dir fwd action block");
  const std::string foreign = policies();
  expect_added({out_policy()});
  const auto wanted = carries("10.1.0.0/24", "10.2.0.0/24");
  ASSERT_TRUE(kernel_->take_stock(wanted));
  EXPECT_EQ(kernel_->judge_leftovers(wanted), 0U);
  EXPECT_EQ(kernel_->judge_leftovers(carries("10.1.0.0/16", "10.2.0.0/24")), 1U);
  EXPECT_EQ(policies(), foreign);
  EXPECT_EQ(kernel_->judge_leftovers(carries("10.1.0.0/16", "10.2.0.0/24")), 0U);
}

// What a new tunnel carries is no longer held back; what it does not carry stays held back.
TEST_F(XfrmKernelTables, ClosedLeftoversMakeWayForATunnelThatCarriesTheirTraffic) {
  KernelPolicy web = out_policy();
  web.source.protocol = web.destination.protocol = 6;
  web.destination.first_port = web.destination.last_port = 443;
  KernelPolicy everything = out_policy();
  everything.source = net("10.1.0.0/16");
  const struct {
    KernelPolicy left;
    KernelPolicy tunnel;
    size_t stay;
  } cases[] = {
      {web, everything, 0},
      {web, web, 0},
      {everything, web, 1},
      {everything, out_policy(), 1},
  };
  for (const auto& one : cases) {
    expect_added({one.left});
    ASSERT_TRUE(kernel_->take_stock(carry_on));
    auto leftovers = leftovers_of(policies_read());
    leftovers.make_way(*socket_, place({one.tunnel}).value());
    EXPECT_EQ(leftovers.closed(), one.stay);
    EXPECT_EQ(count(policies(), "action block"), one.stay);
    ASSERT_TRUE(kernel_->remove_own_leftovers(kFirstReqid, kProbeReqid));
  }
}

// Its traffic would go to somebody else until its own tunnel is back.
TEST_F(XfrmKernelTables, ClosedLeftoversDoNotMakeWayForAnotherPeersTunnel) {
  expect_added({out_policy()});
  ASSERT_TRUE(kernel_->take_stock(carry_on));
  KernelPolicy another = out_policy();
  another.source = net("10.1.0.0/16");
  another.tunnel_destination = ip("192.0.2.77");
  auto leftovers = leftovers_of(policies_read());
  leftovers.make_way(*socket_, place({another}).value());
  EXPECT_EQ(leftovers.closed(), 1U);
  EXPECT_EQ(count(policies(), "action block"), 1U);
}

TEST_F(XfrmKernelTables, ClosedLeftoversGoAtTheEnd) {
  expect_added({out_policy()});
  ASSERT_TRUE(kernel_->take_stock(carries("10.1.0.0/24", "10.2.0.0/24")));
  const auto deleted = kernel_->remove_own_leftovers(kFirstReqid, kProbeReqid);
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->policies, 1U);
  EXPECT_EQ(policies(), "");
}

TEST_F(XfrmKernelTables, LeftoversOutsideOfTheRangeAskedForStay) {
  expect_added({out_policy()});
  allocate(kOther);
  const auto deleted = kernel_->remove_own_leftovers(kOther, kLastReqid);
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->policies, 0U);
  EXPECT_EQ(deleted->sas, 1U);
  EXPECT_EQ(count(policies(), "dir out"), 1U);
}

TEST_F(XfrmKernelTables, APacketThatMeetsOurPolicyMakesTheKernelAskForAnSa) {
  ip_batch({"link add outer0 type veth peer name outer1", "link set outer0 up",
            "link set outer1 up", "address add 10.1.0.1/24 dev outer0",
            "route add 10.2.0.0/24 dev outer0", "route add 10.3.0.0/24 dev outer0"});
  expect_added({out_policy()});
  run("ip xfrm policy add src 10.1.0.0/24 dst 10.3.0.0/24 dir out "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  const Descriptor socket = udp_socket({ip("10.1.0.1"), 1234});
  send_text(socket, {ip("10.3.0.9"), 53}, "somebody else's");
  send_text(socket, {ip("10.2.0.9"), 53}, "ours");
  const auto event = wait_for<AcquireEvent>(*kernel_, [](const AcquireEvent&) { return true; });
  ASSERT_TRUE(event);
  EXPECT_EQ(event->reqid, kReqid);
  EXPECT_EQ(to_string(event->source), "10.1.0.1[udp/1234]");
  EXPECT_EQ(to_string(event->destination), "10.2.0.9[udp/53]");
}

ChildInstall child() {
  ChildInstall child;
  child.inbound.key = {ip("192.0.2.2"), ip("192.0.2.1"), ProtocolId::ESP, {}};
  child.inbound.reqid = kReqid;
  child.inbound.suite = {ProtocolId::ESP, {EncrId::AES_GCM_16, 128}};
  child.inbound.encr_key = SecretBytes(20);
  child.inbound.replay_window = 32;
  child.outbound.key = {ip("192.0.2.1"), ip("192.0.2.2"), ProtocolId::ESP, ChildSpi{0xabcdef01}};
  child.outbound.reqid = kReqid;
  child.outbound.suite = child.inbound.suite;
  child.outbound.encr_key = SecretBytes(20);
  child.policies = {out_policy()};
  return child;
}

TEST_F(XfrmKernelTables, WithoutEspAnInstallationFailsWholeAndInClearWords) {
  if (kernel_->probe()) GTEST_SKIP() << "this kernel has ESP";
  ChildInstall refused = child();
  refused.inbound.key.spi = allocate(kReqid);
  const auto installed = kernel_->install(refused);
  ASSERT_FALSE(installed);
  EXPECT_THAT(installed.error().text,
              AllOf(HasSubstr("cannot install the inbound ESP SA 192.0.2.2 -> 192.0.2.1 SPI 0xc"),
                    HasSubstr("aes-128-gcm"), HasSubstr("algorithm not found"),
                    HasSubstr("load its module, or choose another one")));
  EXPECT_EQ(policies(), "");
  EXPECT_EQ(count(states(), "proto esp"), 1U);  // the reservation
}

TEST_F(XfrmKernelTables, ASelectorThatCannotBeSplitInstallsNothing) {
  ChildInstall refused = child();
  refused.inbound.key.spi = allocate(kReqid);
  refused.policies[0].source = {0, ip("0.0.0.1"), ip("255.255.255.254"), 0, 65535};
  refused.policies[0].destination = refused.policies[0].source;
  const auto installed = kernel_->install(refused);
  ASSERT_FALSE(installed);
  EXPECT_THAT(installed.error().text, HasSubstr("need 3844 kernel policies, more than 64"));
  EXPECT_EQ(policies(), "");
}

TEST_F(XfrmKernelTables, SupportsNamesTheSuiteThatIsMissing) {
  // AES has no key of 100 bits anywhere.
  const auto supported =
      kernel_->supports({ProtocolId::ESP, {EncrId::AES_GCM_16, 100}}, Family::v4);
  ASSERT_FALSE(supported);
  EXPECT_THAT(supported.error().text,
              AllOf(HasSubstr("this kernel cannot do "), HasSubstr(" in ESP over IPv4: "),
                    HasSubstr("has no key length of 100 bits")));
  EXPECT_EQ(states(), "");
}

}  // namespace
}  // namespace iked::xfrm
