// SPDX-License-Identifier: ISC
// Events and answers of the kernel, built here as the kernel builds them.
#include "xfrm/records.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "model/reqid_range.h"
#include "xfrm/batch.h"
#include "xfrm/leftovers.h"

namespace iked::xfrm {
namespace {

constexpr Reqid kOurs{kFirstReqid.value + 5};

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

xfrm_address_t raw(std::string_view text) {
  auto to = zeroed<xfrm_address_t>();
  std::ranges::copy(ip(text).octets(), reinterpret_cast<uint8_t*>(&to));
  return to;
}

std::vector<KernelEvent> events_of(const Batch& batch) {
  std::vector<KernelEvent> events;
  parse_events(batch.octets(), events);
  return events;
}

Message only_message(const Batch& batch) {
  return MessageReader(batch.octets()).next().value();
}

xfrm_user_acquire acquire_of(uint8_t protocol, uint16_t sport, uint16_t dport) {
  auto acquire = zeroed<xfrm_user_acquire>();
  acquire.sel.family = AF_INET;
  acquire.sel.saddr = raw("10.1.0.1");
  acquire.sel.daddr = raw("10.2.0.9");
  acquire.sel.prefixlen_s = acquire.sel.prefixlen_d = 32;
  acquire.sel.proto = protocol;
  acquire.sel.sport = htons(sport);
  acquire.sel.dport = htons(dport);
  acquire.sel.sport_mask = acquire.sel.dport_mask = 0xffff;
  return acquire;
}

Batch acquire_message(const xfrm_user_acquire& acquire, Reqid reqid) {
  auto tmpl = zeroed<xfrm_user_tmpl>();
  tmpl.reqid = reqid.value;
  Batch batch;
  batch.begin(XFRM_MSG_ACQUIRE, 0);
  batch.body(acquire);
  batch.attribute(XFRMA_TMPL, tmpl);
  return batch;
}

AcquireEvent acquired(const xfrm_user_acquire& acquire) {
  const auto events = events_of(acquire_message(acquire, kOurs));
  EXPECT_EQ(events.size(), 1U);
  return std::get<AcquireEvent>(events.at(0));
}

TEST(ParseEvents, AnAcquireTellsThePacketAndThePolicysReqid) {
  const AcquireEvent event = acquired(acquire_of(IPPROTO_UDP, 1234, 53));
  EXPECT_EQ(event.reqid, kOurs);
  EXPECT_EQ(to_string(event.source), "10.1.0.1[udp/1234]");
  EXPECT_EQ(to_string(event.destination), "10.2.0.9[udp/53]");
}

TEST(ParseEvents, AnAcquireForIcmpHasTypeAndCodeOnTheSendersSide) {
  const AcquireEvent event = acquired(acquire_of(IPPROTO_ICMP, 8, 1));
  EXPECT_EQ(event.source.first_port, 8 << 8 | 1);
  EXPECT_EQ(event.source.last_port, 8 << 8 | 1);
  EXPECT_TRUE(event.destination.any_port());
}

TEST(ParseEvents, AnAcquireForAMobilityHeaderHasTheTypeInTheUpperOctet) {
  EXPECT_EQ(acquired(acquire_of(IPPROTO_MH, 5, 0)).source.first_port, 5 << 8);
}

TEST(ParseEvents, PortsThatTheKernelCouldNotSeeAreAny) {
  EXPECT_TRUE(acquired(acquire_of(IPPROTO_TCP, 0, 0)).source.any_port());
  EXPECT_TRUE(acquired(acquire_of(IPPROTO_GRE, 7, 9)).source.any_port());
}

TEST(ParseEvents, EventsOfOthersAreNotOurs) {
  EXPECT_TRUE(events_of(acquire_message(acquire_of(6, 1, 2), Reqid{7})).empty());
  auto expire = zeroed<xfrm_user_expire>();
  expire.state.family = AF_INET;
  expire.state.id.proto = kProtocolEsp;
  expire.state.sel.family = AF_INET;
  expire.state.reqid = 7;
  Batch batch;
  batch.begin(XFRM_MSG_EXPIRE, 0);
  batch.body(expire);
  EXPECT_TRUE(events_of(batch).empty());
}

xfrm_usersa_info sa_info() {
  auto info = zeroed<xfrm_usersa_info>();
  info.family = AF_INET6;
  info.saddr = raw("2001:db8::1");
  info.id.daddr = raw("2001:db8::2");
  info.id.spi = htonl(0xc1020304);
  info.id.proto = kProtocolEsp;
  info.reqid = kOurs.value;
  info.flags = XFRM_STATE_AF_UNSPEC;
  info.curlft.bytes = 1000;
  info.curlft.packets = 10;
  return info;
}

const SaKey kKey{ip("2001:db8::1"), ip("2001:db8::2"), ProtocolId::ESP, ChildSpi{0xc1020304}};

Batch expire_message(const xfrm_usersa_info& info, bool hard) {
  auto expire = zeroed<xfrm_user_expire>();
  expire.state = info;
  expire.hard = hard ? 1 : 0;
  Batch batch;
  batch.begin(XFRM_MSG_EXPIRE, 0);
  batch.body(expire);
  return batch;
}

TEST(ParseEvents, AnExpiryTellsTheSaAndWhetherItIsGone) {
  for (bool hard : {false, true}) {
    const auto events = events_of(expire_message(sa_info(), hard));
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(std::get<ExpireEvent>(events[0]).sa, kKey);
    EXPECT_EQ(std::get<ExpireEvent>(events[0]).hard, hard);
  }
}

TEST(ParseEvents, TheEndOfAReservationIsNoExpiry) {
  xfrm_usersa_info larval = sa_info();
  larval.flags = 0;
  EXPECT_TRUE(events_of(expire_message(larval, true)).empty());
}

TEST(ParseEvents, AMappingTellsTheNewSourceOfThePeer) {
  auto mapping = zeroed<xfrm_user_mapping>();
  mapping.id.family = AF_INET;
  mapping.id.daddr = raw("192.0.2.1");
  mapping.id.spi = htonl(0xc1020304);
  mapping.id.proto = kProtocolEsp;
  mapping.reqid = kOurs.value;
  mapping.old_saddr = raw("198.51.100.1");
  mapping.new_saddr = raw("198.51.100.2");
  mapping.old_sport = htons(4500);
  mapping.new_sport = htons(6000);
  Batch batch;
  batch.begin(XFRM_MSG_MAPPING, 0);
  batch.body(mapping);
  const auto events = events_of(batch);
  ASSERT_EQ(events.size(), 1U);
  const auto& event = std::get<MappingEvent>(events[0]);
  EXPECT_EQ(event.sa,
            (SaKey{ip("198.51.100.1"), ip("192.0.2.1"), ProtocolId::ESP, ChildSpi{0xc1020304}}));
  EXPECT_EQ(to_string(event.new_source), "198.51.100.2:6000");
}

TEST(ParseEvents, SeveralMessagesInOneDatagramKeepTheirOrder) {
  const Batch soft = expire_message(sa_info(), false);
  const Batch hard = expire_message(sa_info(), true);
  Bytes datagram = to_bytes(soft.octets());
  append(datagram, hard.octets());
  std::vector<KernelEvent> events;
  parse_events(datagram, events);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_FALSE(std::get<ExpireEvent>(events[0]).hard);
  EXPECT_TRUE(std::get<ExpireEvent>(events[1]).hard);
}

TEST(ParseEvents, EveryTruncationOfAnEventIsNoEvent) {
  const Batch whole = acquire_message(acquire_of(IPPROTO_UDP, 1, 2), kOurs);
  for (size_t size = 0; size < whole.octets().size(); ++size) {
    std::vector<KernelEvent> events;
    parse_events(whole.octets().first(size), events);
    EXPECT_TRUE(events.empty()) << size;
  }
}

TEST(ParseEvents, UnknownFamiliesAndProtocolsAreNoEvents) {
  xfrm_usersa_info info = sa_info();
  info.family = 99;
  EXPECT_TRUE(events_of(expire_message(info, true)).empty());
  info = sa_info();
  info.id.proto = 108;  // IPComp
  EXPECT_TRUE(events_of(expire_message(info, true)).empty());
  xfrm_user_acquire acquire = acquire_of(IPPROTO_UDP, 1, 2);
  acquire.sel.prefixlen_s = 33;
  EXPECT_TRUE(events_of(acquire_message(acquire, kOurs)).empty());
}

TEST(ParseSa, ReadsCountersMarkInterfaceDirectionAndPorts) {
  Batch batch;
  batch.begin(XFRM_MSG_NEWSA, 0);
  batch.body(sa_info());
  batch.attribute(XFRMA_LASTUSED, uint64_t{1700000000});
  batch.attribute(XFRMA_MARK, xfrm_mark{7, 0xff});
  batch.attribute(XFRMA_IF_ID, uint32_t{9});
  batch.attribute(kAttrSaDir, uint8_t{2});
  auto encap = zeroed<xfrm_encap_tmpl>();
  encap.encap_sport = htons(4500);
  encap.encap_dport = htons(4501);
  encap.encap_oa = raw("2001:db8::9");
  batch.attribute(XFRMA_ENCAP, encap);
  const auto sa = parse_sa(only_message(batch));
  ASSERT_TRUE(sa);
  EXPECT_EQ(sa->key, kKey);
  EXPECT_EQ(sa->reqid, kOurs);
  EXPECT_FALSE(sa->larval);
  EXPECT_EQ(sa->bytes, 1000U);
  EXPECT_EQ(sa->packets, 10U);
  EXPECT_EQ(sa->last_used, 1700000000U);
  EXPECT_EQ(sa->mark, (Mark{7, 0xff}));
  EXPECT_EQ(sa->if_id, 9U);
  EXPECT_EQ(sa->direction, SaDirection::out);
  EXPECT_EQ(sa->encap, (UdpEncap{4500, 4501}));
  EXPECT_EQ(sa->original_address, ip("2001:db8::9"));
}

TEST(ParseSa, ReadsAnSaWithoutAnyAttribute) {
  Batch batch;
  batch.begin(XFRM_MSG_NEWSA, 0);
  batch.body(sa_info());
  const auto sa = parse_sa(only_message(batch));
  ASSERT_TRUE(sa);
  EXPECT_FALSE(sa->mark);
  EXPECT_FALSE(sa->direction);
  EXPECT_EQ(sa->last_used, 0U);
}

TEST(UsageOf, CountsTheTimeSinceTheLastPacket) {
  SaRecord sa;
  sa.bytes = 100;
  sa.packets = 2;
  sa.last_used = 1000;
  EXPECT_EQ(usage_of(sa, std::chrono::seconds(1030)).idle, std::chrono::seconds(30));
  EXPECT_EQ(usage_of(sa, std::chrono::seconds(900)).idle,
            std::chrono::seconds(0));  // clock set back
  EXPECT_EQ(usage_of(sa, std::chrono::seconds(1030)).bytes, 100U);
  EXPECT_EQ(usage_of(sa, std::chrono::seconds(1030)).packets, 2U);
}

TEST(UsageOf, DoesNotGuessWhatTheKernelDoesNotTell) {
  SaRecord sa;
  sa.packets = 2;
  EXPECT_FALSE(usage_of(sa, std::chrono::seconds(1030)).idle);
  sa.packets = 0;
  sa.last_used = 1000;
  EXPECT_FALSE(usage_of(sa, std::chrono::seconds(1030)).idle);
}

TEST(ParseSa, RefusesShortAndForeignMessages) {
  Batch batch;
  batch.begin(XFRM_MSG_NEWSA, 0);
  batch.body(sa_info());
  Message message = only_message(batch);
  message.payload = message.payload.first(message.payload.size() - 1);
  EXPECT_FALSE(parse_sa(message));
  message = only_message(batch);
  message.type = XFRM_MSG_NEWPOLICY;
  EXPECT_FALSE(parse_sa(message));
}

TEST(ParsePolicy, ReadsIndexDirectionReqidMarkAndType) {
  auto info = zeroed<xfrm_userpolicy_info>();
  info.index = 0x1234;
  info.priority = 99;
  info.dir = XFRM_POLICY_FWD;
  auto tmpl = zeroed<xfrm_user_tmpl>();
  tmpl.reqid = kOurs.value;
  auto type = zeroed<xfrm_userpolicy_type>();
  type.type = XFRM_POLICY_TYPE_SUB;
  Batch batch;
  batch.begin(XFRM_MSG_NEWPOLICY, 0);
  batch.body(info);
  batch.attribute(XFRMA_TMPL, tmpl);
  batch.attribute(XFRMA_POLICY_TYPE, type);
  batch.attribute(XFRMA_MARK, xfrm_mark{7, 0xff});
  batch.attribute(XFRMA_IF_ID, uint32_t{9});
  const auto policy = parse_policy(only_message(batch));
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->index, 0x1234U);
  EXPECT_EQ(policy->priority, 99U);
  EXPECT_EQ(policy->direction, XFRM_POLICY_FWD);
  EXPECT_EQ(policy->reqid, kOurs);
  EXPECT_EQ(policy->type, XFRM_POLICY_TYPE_SUB);
  EXPECT_EQ(policy->mark, (Mark{7, 0xff}));
  EXPECT_EQ(policy->if_id, 9U);
}

TEST(ParsePolicy, ABlockPolicyHasNoReqid) {
  Batch batch;
  batch.begin(XFRM_MSG_NEWPOLICY, 0);
  batch.body(zeroed<xfrm_userpolicy_info>());
  EXPECT_EQ(parse_policy(only_message(batch))->reqid, Reqid{});
  Message message = only_message(batch);
  message.payload = message.payload.first(100);
  EXPECT_FALSE(parse_policy(message));
}

TEST(ReqidRange, IsOursFromTheFirstToTheProbes) {
  EXPECT_FALSE(is_own(Reqid{}));
  EXPECT_FALSE(is_own(Reqid{kFirstReqid.value - 1}));
  EXPECT_TRUE(is_own(kFirstReqid));
  EXPECT_TRUE(is_own(kLastReqid));
  EXPECT_TRUE(is_own(kProbeReqid));
  EXPECT_FALSE(is_own(Reqid{kProbeReqid.value + 1}));
  EXPECT_GE(kLastReqid.value - kFirstReqid.value, 100000U);
}

// Made at these times, from one address to the other or back.
std::vector<SaRecord> sas_made_at(std::initializer_list<uint64_t> times, bool back = false) {
  std::vector<SaRecord> sas;
  for (const uint64_t time : times) {
    SaRecord sa;
    sa.key.source = *IpAddress::parse(back ? "192.0.2.2" : "192.0.2.1");
    sa.key.destination = *IpAddress::parse(back ? "192.0.2.1" : "192.0.2.2");
    sa.info.curlft.add_time = time;
    sas.push_back(sa);
  }
  return sas;
}

std::vector<uint64_t> times_of(const std::vector<SaRecord>& sas) {
  std::vector<uint64_t> times;
  for (const SaRecord& sa : sas) times.push_back(sa.info.curlft.add_time);
  return times;
}

// The peer may send on the one that was the youngest 30 seconds ago, and on any since.
TEST(TakeOutdated, LeavesThoseThatThePeerMaySendOn) {
  using namespace std::chrono_literals;
  auto sas = sas_made_at({1000, 1960, 1990, 1968, 1969, 1980});
  EXPECT_EQ(times_of(take_outdated(sas, 2000s)), (std::vector<uint64_t>{1968, 1960, 1000}));
  EXPECT_EQ(times_of(sas), (std::vector<uint64_t>{1990, 1980, 1969}));
  // An old one that nothing has replaced stays, and each way counts for itself.
  sas = sas_made_at({1000});
  for (const SaRecord& sa : sas_made_at({500, 600}, /*back=*/true)) sas.push_back(sa);
  EXPECT_EQ(times_of(take_outdated(sas, 2000s)), (std::vector<uint64_t>{500}));
  EXPECT_EQ(times_of(sas), (std::vector<uint64_t>{1000, 600}));
  // The clock was set back.
  sas = sas_made_at({5000, 6000});
  EXPECT_TRUE(take_outdated(sas, 2000s).empty());
}

}  // namespace
}  // namespace iked::xfrm
