// SPDX-License-Identifier: ISC
// What only a kernel with ESP can show: SAs that work. Two namespaces, one link between them, an
// XfrmKernel in each, and packets. Runs as root, as a rule in the guest of the system tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "model/reqid_range.h"
#include "xfrm/messages.h"
#include "xfrm/namespaces.h"
#include "xfrm/socket.h"
#include "xfrm/tables.h"
#include "xfrm/two_gateways.h"

namespace iked::xfrm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// ---- algorithms, modes, families
// ------------------------------------------------------------------------

struct Combination {
  Algorithms algorithms;
  Mode mode;
  Family family;
};

std::string name_of(const Combination& combination) {
  return fmt::format("{}{}{}", combination.algorithms.name,
                     combination.mode == Mode::tunnel ? "Tunnel" : "Transport",
                     combination.family == Family::v4 ? "Ipv4" : "Ipv6");
}

// Found by GoogleTest, which prints octets otherwise.
void PrintTo(const Combination& combination, std::ostream* out) {
  *out << name_of(combination);
}

class XfrmKernelPackets : public XfrmKernelEsp, public testing::WithParamInterface<Combination> {};

TEST_P(XfrmKernelPackets, PassWithTheSuite) {
  const Combination& combination = GetParam();
  connect(combination.family);
  Tunnel tunnel;
  tunnel.algorithms = combination.algorithms;
  tunnel.mode = combination.mode;
  install(tunnel);
  EXPECT_THAT(states_at(*left_), HasSubstr(combination.algorithms.as_ip_says));
  open_sockets(tunnel.mode);
  expect_packets_pass();
  EXPECT_EQ(usage(*left_, at_left_.outbound.key).packets, 1U);
  EXPECT_EQ(usage(*left_, at_left_.inbound.key).packets, 1U);
  EXPECT_EQ(usage(*right_, at_right_.inbound.key).packets, 1U);

  left_->kernel->remove(removal(at_left_));
  EXPECT_EQ(states_at(*left_), "");
  EXPECT_EQ(policies_at(*left_), "");
  left_->kernel->remove(removal(at_left_));  // again: not an error
}

std::vector<Combination> combinations() {
  const std::vector<Algorithms> all{
      kGcm,
      {"AesGcm256", esp({EncrId::AES_GCM_16, 256}), 36, 0, "rfc4106(gcm(aes))"},
      {"AesGcm192", esp({EncrId::AES_GCM_16, 192}), 28, 0, "rfc4106(gcm(aes))"},
      {"AesGcm12x128", esp({EncrId::AES_GCM_12, 128}), 20, 0, " 96\n"},
      {"AesGcm8x128", esp({EncrId::AES_GCM_8, 128}), 20, 0, " 64\n"},
      {"AesCcm16x128", esp({EncrId::AES_CCM_16, 128}), 19, 0, "rfc4309(ccm(aes))"},
      {"AesCcm12x128", esp({EncrId::AES_CCM_12, 128}), 19, 0, " 96\n"},
      {"AesCcm8x128", esp({EncrId::AES_CCM_8, 128}), 19, 0, " 64\n"},
      {"AesGmac128", esp({EncrId::NULL_AUTH_AES_GMAC, 128}), 20, 0, "rfc4543(gcm(aes))"},
      {"AesGcm12x192", esp({EncrId::AES_GCM_12, 192}), 28, 0, " 96\n"},
      {"AesGcm8x192", esp({EncrId::AES_GCM_8, 192}), 28, 0, " 64\n"},
      {"AesCcm16x192", esp({EncrId::AES_CCM_16, 192}), 27, 0, "rfc4309(ccm(aes))"},
      {"AesCcm12x192", esp({EncrId::AES_CCM_12, 192}), 27, 0, " 96\n"},
      {"AesCcm8x192", esp({EncrId::AES_CCM_8, 192}), 27, 0, " 64\n"},
      {"AesGmac192", esp({EncrId::NULL_AUTH_AES_GMAC, 192}), 28, 0, "rfc4543(gcm(aes))"},
      {"AesGcm12x256", esp({EncrId::AES_GCM_12, 256}), 36, 0, " 96\n"},
      {"AesGcm8x256", esp({EncrId::AES_GCM_8, 256}), 36, 0, " 64\n"},
      {"AesCcm16x256", esp({EncrId::AES_CCM_16, 256}), 35, 0, "rfc4309(ccm(aes))"},
      {"AesCcm12x256", esp({EncrId::AES_CCM_12, 256}), 35, 0, " 96\n"},
      {"AesCcm8x256", esp({EncrId::AES_CCM_8, 256}), 35, 0, " 64\n"},
      {"AesGmac256", esp({EncrId::NULL_AUTH_AES_GMAC, 256}), 36, 0, "rfc4543(gcm(aes))"},
      {"ChaCha20Poly1305", esp({EncrId::CHACHA20_POLY1305, 0}), 36, 0,
       "rfc7539esp(chacha20,poly1305)"},
      {"AesCbcSha2x256", esp({EncrId::AES_CBC, 256}, IntegId::HMAC_SHA2_256_128), 32, 32,
       " 128\n\tenc cbc(aes)"},
      {"AesCbcSha2x384", esp({EncrId::AES_CBC, 192}, IntegId::HMAC_SHA2_384_192), 24, 48,
       " 192\n\tenc cbc(aes)"},
      {"AesCbcSha2x512", esp({EncrId::AES_CBC, 128}, IntegId::HMAC_SHA2_512_256), 16, 64,
       " 256\n\tenc cbc(aes)"},
      {"AesCtr128Sha1", esp({EncrId::AES_CTR, 128}, IntegId::HMAC_SHA1_96), 20, 20,
       " 96\n\tenc rfc3686(ctr(aes))"},
      {"AesCtr192Sha2", esp({EncrId::AES_CTR, 192}, IntegId::HMAC_SHA2_256_128), 28, 32,
       " 128\n\tenc rfc3686(ctr(aes))"},
      {"AesCtr256Sha2", esp({EncrId::AES_CTR, 256}, IntegId::HMAC_SHA2_256_128), 36, 32,
       " 128\n\tenc rfc3686(ctr(aes))"},
      {"TripleDesMd5", esp({EncrId::TDES, 0}, IntegId::HMAC_MD5_96), 24, 16,
       " 96\n\tenc cbc(des3_ede)"},
      {"DesXcbc", esp({EncrId::DES, 0}, IntegId::AES_XCBC_96), 8, 16, " 96\n\tenc cbc(des)"},
      {"CastCmac", esp({EncrId::CAST, 128}, IntegId::AES_CMAC_96), 16, 16, " 96\n\tenc cbc(cast5)"},
      {"CastUnsaid", esp({EncrId::CAST, 0}, IntegId::HMAC_SHA1_96), 16, 20,
       " 96\n\tenc cbc(cast5)"},
      {"BlowfishSha1", esp({EncrId::BLOWFISH, 160}, IntegId::HMAC_SHA1_160), 20, 20,
       " 160\n\tenc cbc(blowfish)"},
      {"Blowfish448", esp({EncrId::BLOWFISH, 448}, IntegId::HMAC_SHA2_256_128), 56, 32,
       " 128\n\tenc cbc(blowfish)"},
      {"Camellia128", esp({EncrId::CAMELLIA_CBC, 128}, IntegId::HMAC_SHA2_256_128), 16, 32,
       " 128\n\tenc cbc(camellia)"},
      {"Camellia192", esp({EncrId::CAMELLIA_CBC, 192}, IntegId::HMAC_SHA2_256_128), 24, 32,
       " 128\n\tenc cbc(camellia)"},
      {"Camellia256", esp({EncrId::CAMELLIA_CBC, 256}, IntegId::HMAC_SHA2_256_128), 32, 32,
       " 128\n\tenc cbc(camellia)"},
      {"NullSha2", esp({EncrId::ENCR_NULL, 0}, IntegId::HMAC_SHA2_256_128), 0, 32,
       " 128\n\tenc ecb(cipher_null)"},
      {"AhHmacMd596", ah(IntegId::HMAC_MD5_96), 0, 16, "proto ah"},
      {"AhHmacSha196", ah(IntegId::HMAC_SHA1_96), 0, 20, "proto ah"},
      {"AhAesXcbc96", ah(IntegId::AES_XCBC_96), 0, 16, "proto ah"},
      {"AhHmacSha1160", ah(IntegId::HMAC_SHA1_160), 0, 20, "proto ah"},
      {"AhAesCmac96", ah(IntegId::AES_CMAC_96), 0, 16, "proto ah"},
      {"AhHmacSha2256128", ah(IntegId::HMAC_SHA2_256_128), 0, 32, "proto ah"},
      {"AhHmacSha2384192", ah(IntegId::HMAC_SHA2_384_192), 0, 48, "proto ah"},
      {"AhHmacSha2512256", ah(IntegId::HMAC_SHA2_512_256), 0, 64, "proto ah"},
  };
  std::vector<Combination> found;
  for (const Algorithms& one : all) {
    // Each algorithm once; those of every day in each mode and family.
    found.push_back({one, Mode::tunnel, Family::v4});
    const std::string_view name = one.name;
    if (name != "AesGcm128" && name != "ChaCha20Poly1305" && name != "AesCbcSha2x256" &&
        name != "AhHmacSha2256128") {
      continue;
    }
    found.push_back({one, Mode::transport, Family::v4});
    found.push_back({one, Mode::tunnel, Family::v6});
    found.push_back({one, Mode::transport, Family::v6});
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(All, XfrmKernelPackets, testing::ValuesIn(combinations()),
                         [](const auto& of) { return name_of(of.param); });

TEST_F(XfrmKernelEsp, BothFamiliesAndTheSuitesOfEveryDayAreSupported) {
  connect(Family::v4);
  for (Family family : {Family::v4, Family::v6}) {
    for (const ChildSuite& suite : {kGcm.suite, esp({EncrId::CHACHA20_POLY1305, 0}),
                                    esp({EncrId::AES_CBC, 256}, IntegId::HMAC_SHA2_256_128)}) {
      const auto supported = left_->kernel->supports(suite, family);
      EXPECT_TRUE(supported) << supported.error().text;
    }
  }
  EXPECT_EQ(states_at(*left_), "");
}

TEST_F(XfrmKernelEsp, ATunnelOfOneFamilyCarriesTheOther) {
  connect(Family::v6);
  for (Side* side : {&*left_, &*right_}) {
    side->space.enter();
    side->inner = side == &*left_ ? ip("10.1.0.1") : ip("10.2.0.1");
    ip_batch({fmt::format("address add {}/32 dev lo", side->inner),
              fmt::format("route add 10.0.0.0/8 dev {} src {}", side == &*left_ ? "link0" : "link1",
                          side->inner)});
  }
  install({});
  open_sockets(Mode::tunnel);
  expect_packets_pass();
}

TEST_F(XfrmKernelEsp, EspInUdpPasses) {
  for (Family family : {Family::v4, Family::v6}) {
    connect(family);
    Tunnel tunnel;
    tunnel.encap = true;
    install(tunnel);
    EXPECT_THAT(states_at(*left_), HasSubstr("encap type espinudp sport 4500 dport 4500"));
    open_encap_sockets();
    open_sockets(Mode::tunnel);
    expect_packets_pass();
    encap_sockets_.clear();
  }
}

TEST_F(XfrmKernelEsp, TransportModeInUdpPasses) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.encap = true;
  tunnel.mode = Mode::transport;
  install(tunnel);
  open_encap_sockets();
  open_sockets(Mode::transport);
  expect_packets_pass();
}

TEST_F(XfrmKernelEsp, ExtendedSequenceNumbersAndLargeWindowsPass) {
  for (const EsnId esn : {EsnId::ESN, EsnId::NO_ESN}) {
    connect(Family::v4);
    Tunnel tunnel;
    tunnel.replay_window = 256;
    tunnel.algorithms.suite.esn = esn;
    install(tunnel);
    EXPECT_THAT(states_at(*left_), HasSubstr("replay_window 256, bitmap-length 8"));
    EXPECT_EQ(count(states_at(*left_), "flag af-unspec esn"), esn == EsnId::ESN ? 2U : 0U);
    open_sockets(Mode::tunnel);
    expect_packets_pass();
  }
}

TEST_F(XfrmKernelEsp, MarksAndInterfacesAreOnSasAndPoliciesAndGoWithThem) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.mark = Mark{0x17, 0xff};
  tunnel.if_id = 42;
  install(tunnel);
  EXPECT_EQ(count(states_at(*left_), "mark 0x17/0xff"), 2U);
  EXPECT_EQ(count(states_at(*left_), "if_id 0x2a"), 2U);
  EXPECT_EQ(count(policies_at(*left_), "mark 0x17/0xff"), 3U);
  EXPECT_EQ(count(policies_at(*left_), "if_id 0x2a"), 3U);
  EXPECT_EQ(usage(*left_, at_left_.inbound.key).packets, 0U);
  left_->kernel->remove(removal(at_left_));
  EXPECT_EQ(states_at(*left_), "");
  EXPECT_EQ(policies_at(*left_), "");
}

// ---- whole or nothing
// --------------------------------------------------------------------------------------

TEST_F(XfrmKernelEsp, AnInstallationThatMeetsAForeignPolicyIsUndoneCompletely) {
  connect(Family::v4);
  left_->space.enter();
  run("ip xfrm policy add src 10.1.0.1/32 dst 10.2.0.1/32 proto udp dir out "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  const std::string before = policies();
  const ChildSpi inbound = allocate(*left_, *right_);
  ChildInstall refused = child(*left_, *right_, inbound, ChildSpi{0xabcdef01}, {});
  const auto installed = left_->kernel->install(refused);
  ASSERT_FALSE(installed);
  EXPECT_EQ(installed.error().text,
            "the kernel already has an out policy 10.1.0.1[udp] -> 10.2.0.1[udp] (reqid 7), made "
            "by another program: iked leaves it alone; remove it there or change this flow");
  EXPECT_EQ(policies_at(*left_), before);
  // The SPI is reserved as before, and nothing else is there.
  const std::string after = states_at(*left_);
  EXPECT_EQ(count(after, "proto esp"), 1U);
  EXPECT_THAT(after,
              AllOf(HasSubstr(fmt::format("{:#010x}", inbound.value)), Not(HasSubstr("aead"))));

  run("ip xfrm policy delete src 10.1.0.1/32 dst 10.2.0.1/32 proto udp dir out");
  const auto again = left_->kernel->install(refused);
  EXPECT_TRUE(again) << again.error().text;
}

TEST_F(XfrmKernelEsp, ASecondTunnelWithTheSameFlowIsRefusedAndTheFirstGoesOn) {
  connect(Family::v4);
  install({});
  const std::string states_before = states_at(*left_);
  const std::string policies_before = policies_at(*left_);
  ChildInstall second = child(*left_, *right_, allocate(*left_, *right_), ChildSpi{0xabcdef01}, {});
  for (KernelPolicy& policy : second.policies) policy.reqid = Reqid{kReqid.value + 1};
  const auto installed = left_->kernel->install(second);
  ASSERT_FALSE(installed);
  EXPECT_THAT(installed.error().text,
              AllOf(HasSubstr("already has an in policy 10.2.0.1[udp] -> 10.1.0.1[udp]"),
                    HasSubstr("of another tunnel of iked (reqid 0x49000005)"),
                    HasSubstr("two tunnels cannot have the same flow")));
  left_->kernel->remove({second.inbound.key, second.outbound.key, second.policies, {}, 0});
  EXPECT_EQ(states_at(*left_), states_before);
  EXPECT_EQ(policies_at(*left_), policies_before);
}

TEST_F(XfrmKernelEsp, AnOutboundSpiThatIsTakenUndoesTheInboundSa) {
  connect(Family::v4);
  left_->space.enter();
  run("ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0xabcdef01 reqid 7 mode tunnel "
      "aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 128");
  const std::string before = states();
  const ChildSpi inbound = allocate(*left_, *right_);
  const auto installed =
      left_->kernel->install(child(*left_, *right_, inbound, ChildSpi{0xabcdef01}, {}));
  ASSERT_FALSE(installed);
  EXPECT_THAT(installed.error().text,
              AllOf(HasSubstr("cannot install the outbound ESP SA 192.0.2.1 -> 192.0.2.2 SPI "
                              "0xabcdef01"),
                    HasSubstr("File exists")));
  EXPECT_EQ(policies_at(*left_), "");
  left_->kernel->remove({{ip("192.0.2.2"), ip("192.0.2.1"), ProtocolId::ESP, inbound},
                         {ip("192.0.2.1"), ip("192.0.2.2"), ProtocolId::ESP, ChildSpi{0xabcdef01}},
                         {},
                         {},
                         0});
  EXPECT_EQ(states_at(*left_), before);  // the foreign SA is still there
}

TEST_F(XfrmKernelEsp, AReservationThatRanOutIsNoObstacleAndNoEvent) {
  connect(Family::v4);
  left_->space.enter();
  run("sysctl -q -w net.core.xfrm_acq_expires=1");
  const ChildSpi inbound = allocate(*left_, *right_);
  while (states() != "") usleep(50000);
  ChildInstall late = child(*left_, *right_, inbound, ChildSpi{0xabcdef01}, {});
  late.outbound.lifetime.soft = std::chrono::seconds(1);
  const auto installed = left_->kernel->install(late);
  ASSERT_TRUE(installed) << installed.error().text;
  // The first event of all is the soft expiry, not the end of the reservation.
  std::optional<ExpireEvent> first;
  (void)wait_for<ExpireEvent>(*left_->kernel, [&](const ExpireEvent& event) {
    first = event;
    return true;
  });
  ASSERT_TRUE(first);
  EXPECT_EQ(first->sa, late.outbound.key);
}

TEST_F(XfrmKernelEsp, ARekeyedPairNeedsNoPolicies) {
  connect(Family::v4);
  install({});
  const std::string before = policies_at(*left_);
  ChildInstall next = child(*left_, *right_, allocate(*left_, *right_), ChildSpi{0xabcdef01}, {});
  next.policies.clear();
  ASSERT_TRUE(left_->kernel->install(next));
  EXPECT_EQ(count(states_at(*left_), "proto esp"), 4U);
  EXPECT_EQ(policies_at(*left_), before);
}

// ---- lifetimes, counters, events
// -----------------------------------------------------------------------------

TEST_F(XfrmKernelEsp, SecondsExpireSoftThenHardAndAHardOneIsGone) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.lifetime.soft = std::chrono::seconds(1);
  tunnel.lifetime.hard = std::chrono::seconds(3);
  install(tunnel);
  const SaKey key = at_left_.inbound.key;
  for (bool hard : {false, true}) {
    const auto event = wait_for<ExpireEvent>(
        *left_->kernel, [&](const ExpireEvent& e) { return e.sa == key && e.hard == hard; });
    ASSERT_TRUE(event) << hard;
    EXPECT_EQ(left_->kernel->usage(key)->has_value(), !hard);
  }
}

TEST_F(XfrmKernelEsp, BytesExpireSoftThenHard) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.lifetime.soft_bytes = 1000;
  tunnel.lifetime.hard_bytes = 3000;
  install(tunnel);
  open_sockets(Mode::tunnel);
  const SaKey key = at_left_.outbound.key;
  // The kernel compares before it counts: each limit shows at the packet after.
  for (bool hard : {false, true}) {
    for (int i = 0; i < 3; ++i) send_text(*at_left_socket_, right_end_, std::string(800, 'x'));
    const auto event = wait_for<ExpireEvent>(
        *left_->kernel, [&](const ExpireEvent& e) { return e.sa == key && e.hard == hard; });
    EXPECT_TRUE(event) << hard;
  }
}

TEST_F(XfrmKernelEsp, UsageCountsPacketsAndKnowsTheLastOne) {
  connect(Family::v4);
  install({});
  EXPECT_FALSE(usage(*left_, at_left_.outbound.key).idle);
  open_sockets(Mode::tunnel);
  expect_packets_pass();
  expect_packets_pass();
  for (const SaKey* key : {&at_left_.outbound.key, &at_left_.inbound.key}) {
    const SaUsage used = usage(*left_, *key);
    EXPECT_EQ(used.packets, 2U);
    EXPECT_GE(used.bytes, 2 * (20 + 8 + 4));
    if (!kernel_is_at_least(6, 2)) continue;  // which do not tell
    ASSERT_TRUE(used.idle);
    EXPECT_GE(used.idle->count(), 0);
    EXPECT_LT(used.idle->count(), 20);
  }
}

TEST_F(XfrmKernelEsp, EspFromANewPortOfThePeerIsAMapping) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.encap = true;
  tunnel.right_port = 4501;
  install(tunnel);
  open_encap_sockets();
  open_sockets(Mode::tunnel);
  send_text(*at_right_socket_, left_end_, "from elsewhere");
  EXPECT_EQ(receive_text(*at_left_socket_), "from elsewhere");
  const auto event =
      wait_for<MappingEvent>(*left_->kernel, [](const MappingEvent&) { return true; });
  ASSERT_TRUE(event);
  EXPECT_EQ(event->sa, at_left_.inbound.key);
  EXPECT_EQ(iked::to_string(event->new_source), "192.0.2.2:4501");
}

TEST_F(XfrmKernelEsp, EventsThatWereLostAreAResync) {
  connect(Family::v4);
  install({});
  const int small = 4096;
  ASSERT_EQ(setsockopt(left_->kernel->event_fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  // The kernel tells of an expiry when it is asked to.
  left_->space.enter();
  auto socket = RequestSocket::open();
  ASSERT_TRUE(socket);
  for (int i = 0; i < 100; ++i) {
    auto expire = zeroed<xfrm_user_expire>();
    expire.state = find_own_sa(*socket, at_left_.inbound.key)->value().record.info;
    Batch batch;
    batch.begin(XFRM_MSG_EXPIRE, NLM_F_ACK);
    batch.body(expire);
    ASSERT_TRUE(socket->run(batch)->front().ok());
  }
  EXPECT_TRUE(wait_for<ResyncEvent>(*left_->kernel, [](const ResyncEvent&) { return true; }));
}

// ---- moving
// ------------------------------------------------------------------------------------------------

uint32_t sent_by(const std::string& states, const std::string& spi) {
  const size_t at = states.find("oseq 0x", states.find(spi));
  return at == std::string::npos
             ? 0
             : static_cast<uint32_t>(std::stoul(states.substr(at + 7), nullptr, 16));
}

class XfrmKernelMove : public XfrmKernelEsp {
 protected:
  // The left side goes to another address; both sides move their SAs and replace their policies.
  void move_left_to(const IpAddress& address) {
    left_->space.enter();
    run(fmt::format("ip address add {}/{} dev link0{}", address, address.is_v4() ? 24 : 64,
                    address.is_v4() ? "" : " nodad"));
    left_->outer = address;
    move(*left_, at_left_);
    move(*right_, at_right_);
  }

  void move(Side& side, ChildInstall& child) {
    const bool at_left = &side == &*left_;
    for (KernelSa* sa : {&child.inbound, &child.outbound}) {
      const bool outbound = sa == &child.outbound;
      const Side& from = outbound ? side : at_left ? *right_ : *left_;
      const Side& to = outbound ? at_left ? *right_ : *left_ : side;
      const SaKey moved{from.outer, to.outer, ProtocolId::ESP, sa->key.spi};
      const auto done = side.kernel->move(sa->key, moved, sa->encap);
      EXPECT_TRUE(done) << done.error().text;
      sa->key = moved;
    }
    side.kernel->remove({{}, {}, child.policies, {}, 0});
    for (KernelPolicy& policy : child.policies) {
      const bool out = policy.direction == PolicyDirection::out;
      policy.tunnel_source = out ? child.outbound.key.source : child.inbound.key.source;
      policy.tunnel_destination =
          out ? child.outbound.key.destination : child.inbound.key.destination;
    }
    side.space.enter();
    auto socket = RequestSocket::open();
    ASSERT_TRUE(socket);
    const auto placed = place(child.policies);
    ASSERT_TRUE(placed);
    Batch batch;
    for (const PlacedPolicy& one : *placed)
      put_policy(batch, PolicyVerb::add, *one.policy, one.selector);
    const auto outcomes = socket->run(batch);
    ASSERT_TRUE(outcomes);
    for (const Outcome& outcome : *outcomes) EXPECT_TRUE(outcome.ok());
  }
};

TEST_F(XfrmKernelMove, PacketsPassAtTheNewAddressWithTheOldKeysAndCounters) {
  for (Family family : {Family::v4, Family::v6}) {
    connect(family);
    install({});
    open_sockets(Mode::tunnel);
    expect_packets_pass();
    expect_packets_pass();
    move_left_to(ip(family == Family::v4 ? "192.0.2.7" : "2001:db8::7"));
    EXPECT_EQ(usage(*left_, at_left_.outbound.key).packets, 2U);
    EXPECT_EQ(usage(*right_, at_right_.inbound.key).packets, 2U);
    expect_packets_pass();
    EXPECT_EQ(usage(*left_, at_left_.outbound.key).packets, 3U);
    const std::string spi = fmt::format("{:#010x}", at_left_.outbound.key.spi.value);
    EXPECT_EQ(sent_by(states_at(*left_), spi), 3U + (1U << 20));
    EXPECT_EQ(count(states_at(*left_), "proto esp"), 2U);
  }
}

TEST_F(XfrmKernelMove, ExtendedSequenceNumbersGoOn) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.algorithms.suite.esn = EsnId::ESN;
  install(tunnel);
  open_sockets(Mode::tunnel);
  expect_packets_pass();
  move_left_to(ip("192.0.2.7"));
  expect_packets_pass();
  EXPECT_EQ(count(states_at(*left_), "flag af-unspec esn"), 2U);
}

TEST_F(XfrmKernelMove, LifetimesGoOn) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.lifetime.soft_bytes = 1000;
  tunnel.lifetime.hard = std::chrono::seconds(5000);
  install(tunnel);
  move_left_to(ip("192.0.2.7"));
  EXPECT_THAT(states_at(*left_), HasSubstr("aead rfc4106(gcm(aes))"));
  EXPECT_EQ(count(run("ip -s xfrm state"), "hard 5000(sec)"), 2U);
  EXPECT_EQ(count(run("ip -s xfrm state"), "soft 1000(bytes)"), 2U);
}

TEST_F(XfrmKernelMove, NewPortsAloneChangeTheSaInPlace) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.encap = true;
  install(tunnel);
  open_encap_sockets();
  open_sockets(Mode::tunnel);
  expect_packets_pass();
  // The left side is now seen at port 4600.
  const SaKey key = at_right_.outbound.key;
  const auto moved = right_->kernel->move(key, key, UdpEncap{4500, 4600});
  ASSERT_TRUE(moved) << moved.error().text;
  EXPECT_THAT(states_at(*right_), HasSubstr("encap type espinudp sport 4500 dport 4600"));
  const std::string spi = fmt::format("{:#010x}", key.spi.value);
  EXPECT_EQ(sent_by(states_at(*right_), spi), 1U);  // in place: nothing was skipped
  left_->space.enter();
  encap_sockets_.push_back(udp_socket({left_->outer, 4600}));
  decapsulate_esp(encap_sockets_.back());
  expect_packets_pass();
}

TEST_F(XfrmKernelMove, EncapsulationCanBeginAndEnd) {
  connect(Family::v4);
  install({});
  open_encap_sockets();
  open_sockets(Mode::tunnel);
  expect_packets_pass();
  for (const std::optional<UdpEncap>& encap : {std::optional(UdpEncap{4500, 4500}), {}}) {
    for (const auto& [side, sa] :
         {std::pair{&*left_, &at_left_.outbound}, std::pair{&*left_, &at_left_.inbound},
          std::pair{&*right_, &at_right_.outbound}, std::pair{&*right_, &at_right_.inbound}}) {
      const auto moved = side->kernel->move(sa->key, sa->key, encap);
      EXPECT_TRUE(moved) << moved.error().text;
    }
    EXPECT_EQ(count(states_at(*left_), "espinudp"), encap ? 2U : 0U);
    expect_packets_pass();
  }
}

TEST_F(XfrmKernelMove, WhenTheNewPlaceIsTakenTheOldSaIsPutBack) {
  connect(Family::v4);
  install({});
  open_sockets(Mode::tunnel);
  expect_packets_pass();
  left_->space.enter();
  const SaKey key = at_left_.outbound.key;
  run(
      fmt::format("ip xfrm state add src 192.0.2.1 dst 192.0.2.9 proto esp spi {:#x} reqid 7 "
                  "mode tunnel aead 'rfc4106(gcm(aes))' "
                  "0x0102030405060708090a0b0c0d0e0f1011121314 128",
                  key.spi.value));
  SaKey taken = key;
  taken.destination = ip("192.0.2.9");
  const auto moved = left_->kernel->move(key, taken, std::nullopt);
  ASSERT_FALSE(moved);
  EXPECT_THAT(moved.error().text,
              AllOf(HasSubstr("cannot move ESP SA 192.0.2.1 -> 192.0.2.2"),
                    HasSubstr("to 192.0.2.1 -> 192.0.2.9: "), HasSubstr("File exists")));
  EXPECT_EQ(usage(*left_, key).packets, 1U);
  expect_packets_pass();
}

TEST_F(XfrmKernelMove, AnSaThatHasAMarkIsFoundAndKeepsIt) {
  connect(Family::v4);
  Tunnel tunnel;
  tunnel.mark = Mark{0x17, 0xff};
  install(tunnel);
  SaKey to = at_left_.outbound.key;
  to.destination = ip("192.0.2.9");
  const auto moved = left_->kernel->move(at_left_.outbound.key, to, std::nullopt);
  ASSERT_TRUE(moved) << moved.error().text;
  EXPECT_EQ(count(states_at(*left_), "mark 0x17/0xff"), 2U);
  EXPECT_THAT(states_at(*left_), HasSubstr("src 192.0.2.1 dst 192.0.2.9"));
}

TEST_F(XfrmKernelMove, AnSaOfAnotherProgramIsNotMoved) {
  connect(Family::v4);
  left_->space.enter();
  run("ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 reqid 7 mode tunnel "
      "aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 128");
  const std::string before = states();
  const SaKey key{ip("192.0.2.1"), ip("192.0.2.2"), ProtocolId::ESP, ChildSpi{0x1000}};
  SaKey to = key;
  to.destination = ip("192.0.2.9");
  EXPECT_FALSE(left_->kernel->move(key, to, std::nullopt));
  EXPECT_FALSE(left_->kernel->usage(key)->has_value());
  EXPECT_EQ(states(), before);
}

// ---- after a death without clean-up
// ---------------------------------------------------------------------------

TEST_F(XfrmKernelEsp, LeftoversGoAndForeignSasAndPoliciesStay) {
  connect(Family::v4);
  left_->space.enter();
  run("ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 reqid 7 mode tunnel "
      "aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 128");
  run("ip xfrm state add src 192.0.2.2 dst 192.0.2.1 proto ah spi 0x1001 mode transport "
      "auth 'hmac(sha1)' 0x0102030405060708090a0b0c0d0e0f1011121314");
  run("ip xfrm policy add src 10.8.0.0/24 dst 10.9.0.0/24 dir out "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  const std::string foreign_states = states();
  const std::string foreign_policies = policies();
  install({});
  Tunnel marked;
  marked.mark = Mark{3, 0xff};
  install(marked);
  const auto deleted = left_->kernel->remove_own_leftovers(kFirstReqid, kLastReqid);
  ASSERT_TRUE(deleted) << deleted.error().text;
  EXPECT_EQ(deleted->sas, 4U);
  EXPECT_EQ(deleted->policies, 6U);
  EXPECT_EQ(states_at(*left_), foreign_states);
  EXPECT_EQ(policies_at(*left_), foreign_policies);
}

}  // namespace
}  // namespace iked::xfrm
