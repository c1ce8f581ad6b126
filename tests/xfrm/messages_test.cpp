// SPDX-License-Identifier: ISC
// What goes to the kernel, octet by octet. The layouts are those of <linux/xfrm.h> on machines with
// the least significant octet first, written down by hand.
#include "xfrm/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <bit>
#include <string>

namespace iked::xfrm {
namespace {

using testing::HasSubstr;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

std::string zeros(size_t octets) {
  return std::string(2 * octets, '0');
}

// Without spaces, so that pieces can be put together.
std::string compact(std::string text) {
  std::erase(text, ' ');
  return text;
}

std::string inf() {
  return std::string(16, 'f');
}

// struct xfrm_lifetime_cfg without any end.
std::string no_end() {
  return inf() + inf() + inf() + inf() + zeros(32);
}

SecretBytes key_of(size_t size) {
  SecretBytes key(size);
  for (size_t i = 0; i < size; ++i) key.reveal_writable()[i] = static_cast<uint8_t>(i + 1);
  return key;
}

std::string key_text(size_t size) {
  return to_hex(key_of(size).reveal());
}

// The 64 octets of an algorithm's name.
std::string name(std::string_view text) {
  return to_hex(as_bytes(text)) + zeros(64 - text.size());
}

KernelSa gcm_sa() {
  KernelSa sa;
  sa.key = {ip("192.0.2.1"), ip("192.0.2.2"), ProtocolId::ESP, ChildSpi{0xc1020304}};
  sa.reqid = Reqid{0x49000005};
  sa.suite = {ProtocolId::ESP, {EncrId::AES_GCM_16, 128}};
  sa.encr_key = key_of(20);
  sa.replay_window = 32;
  return sa;
}

KernelSa cbc_sa() {
  KernelSa sa = gcm_sa();
  sa.suite = {ProtocolId::ESP, {EncrId::AES_CBC, 128}, IntegId::HMAC_SHA2_256_128};
  sa.encr_key = key_of(16);
  sa.integ_key = key_of(32);
  return sa;
}

KernelPolicy policy() {
  KernelPolicy policy;
  policy.direction = PolicyDirection::out;
  policy.source = TrafficSelector::of(IpPrefix::parse("10.1.0.0/24").value());
  policy.destination = TrafficSelector::of(IpPrefix::parse("10.2.0.0/16").value());
  policy.reqid = Reqid{0x49000005};
  policy.tunnel_source = ip("192.0.2.1");
  policy.tunnel_destination = ip("192.0.2.2");
  return policy;
}

KernelSelector selector_of(const KernelPolicy& policy) {
  return split(policy.source, policy.destination).value().front();
}

std::string written(const Batch& batch) {
  return to_hex(batch.octets());
}

class Messages : public testing::Test {
 protected:
  void SetUp() override {
    if (std::endian::native != std::endian::little) GTEST_SKIP() << "octet order of the machine";
  }
};

TEST_F(Messages, AllocateSpi) {
  Batch batch;
  put_allocate_spi(batch, {ip("192.0.2.2"), ip("192.0.2.1"), ProtocolId::ESP, {}},
                   Reqid{0x49000005}, SpiRange{}, false);
  EXPECT_EQ(written(batch),
            compact("f8000000 1600 0500 00000000 00000000") +  // header: ALLOCSPI, REQUEST|ACK
                zeros(56) +                                    // sel
                compact("c0000201") + zeros(12) + compact("00000000 32 000000") +  // id
                compact("c0000202") + zeros(12) +                                  // saddr
                zeros(64 + 32 + 12) +                                    // lft, curlft, stats
                compact("00000000 05000049 0200 01 00 00") + zeros(7) +  // seq, reqid, family, mode
                compact("000000c0 ffffffcf"));                           // min, max
}

TEST_F(Messages, AllocateSpiSaysTheDirectionWhereTheKernelKnowsIt) {
  Batch batch;
  put_allocate_spi(batch, {ip("::1"), ip("::2"), ProtocolId::ESP, {}}, Reqid{1}, SpiRange{}, true);
  EXPECT_TRUE(written(batch).ends_with(compact("0500 2100 01 000000")));
}

TEST_F(Messages, TunnelModeWithAead) {
  Batch batch;
  ASSERT_TRUE(put_sa(batch, SaVerb::update, gcm_sa(), SaDirection::in, false));
  EXPECT_EQ(written(batch),
            compact("50010000 1a00 0500 00000000 00000000") +                      // UPDSA
                zeros(56) +                                                        // sel: any
                compact("c0000202") + zeros(12) + compact("c1020304 32 000000") +  // id
                compact("c0000201") + zeros(12) +                                  // saddr
                no_end() + zeros(32 + 12) +  // lft, curlft, stats
                // seq, reqid, family, mode tunnel, replay window 32, AF_UNSPEC
                compact("00000000 05000049 0200 01 20 20") + zeros(7) + compact("6000 1200") +
                name("rfc4106(gcm(aes))") +                    // ALG_AEAD
                compact("a0000000 80000000") + key_text(20));  // key and ICV in bits
}

TEST_F(Messages, TransportModeWithCipherIntegrityAndEncapsulation) {
  KernelSa sa = cbc_sa();
  sa.mode = Mode::transport;
  sa.encap = UdpEncap{4500, 4501};
  sa.original_address = ip("10.0.0.9");
  sa.lifetime = {std::chrono::seconds(3000), std::chrono::seconds(3600), 1000, 2000};
  sa.mark = Mark{7, 0xff};
  sa.if_id = 9;
  Batch batch;
  ASSERT_TRUE(put_sa(batch, SaVerb::add, sa, SaDirection::out, false));
  EXPECT_EQ(written(batch),
            compact("e4010000 1000 0500 00000000 00000000") +  // NEWSA
                                                               // sel: from host to host, family,
                                                               // prefix lengths
                compact("c0000202") + zeros(12) + compact("c0000201") + zeros(12) + zeros(8) +
                compact("0200 20 20 00 000000") + zeros(8) + compact("c0000202") + zeros(12) +
                compact("c1020304 32 000000") + compact("c0000201") + zeros(12) +
                compact("e803000000000000 d007000000000000") + inf() + inf() +
                compact("b80b000000000000 100e000000000000") + zeros(16) + zeros(32 + 12) +
                // mode transport, no replay window outbound, no flags
                compact("00000000 05000049 0200 00 00 00") + zeros(7) + compact("6c00 1400") +
                name("hmac(sha256)") +                         // ALG_AUTH_TRUNC
                compact("00010000 80000000") + key_text(32) +  // 256 bits of key, truncated to 128
                compact("5800 0200") + name("cbc(aes)") + compact("80000000") + key_text(16) +
                compact("1c00 0400 0200 1194 1195 0000 0a000009") + zeros(12) +  // ENCAP
                compact("0c00 1500 07000000 ff000000") +                         // MARK
                compact("0800 1f00 09000000"));                                  // IF_ID
}

TEST_F(Messages, Policy) {
  Batch batch;
  put_policy(batch, PolicyVerb::add, policy(), selector_of(policy()));
  EXPECT_EQ(written(batch),
            // NEWPOLICY with CREATE and EXCL: never takes the place of another
            compact("fc000000 1300 0506 00000000 00000000") + compact("0a020000") + zeros(12) +
                compact("0a010000") + zeros(12) + zeros(8) + compact("0200 10 18 00 000000") +
                zeros(8) + no_end() + zeros(32) +
                // priority 0x10000 + 4 * (24 * 128 + 64 + 32), index, out, allow, flags, share
                compact("80310100 00000000 01 00 00 00") + zeros(4) +
                compact("4400 0500") +  // TMPL: id, family, saddr, reqid, mode, algorithms
                compact("c0000202") + zeros(12) + compact("00000000 32 000000 0200 0000") +
                compact("c0000201") + zeros(12) +
                compact("05000049 01 00 00 00 ffffffff ffffffff ffffffff"));
}

TEST_F(Messages, PolicyThatTakesThePlaceOfAnother) {
  Batch batch;
  put_policy(batch, PolicyVerb::update, policy(), selector_of(policy()));
  Batch added;
  put_policy(added, PolicyVerb::add, policy(), selector_of(policy()));
  // UPDPOLICY without CREATE and EXCL, and the same policy
  EXPECT_EQ(written(batch).substr(0, 32), compact("fc000000 1900 0500 00000000 00000000"));
  EXPECT_EQ(written(batch).substr(32), written(added).substr(32));
}

// Everything as it was read, but it blocks, and its reqid is one that no SA has.
TEST_F(Messages, ClosedPolicy) {
  PolicyRecord record;
  record.selector.family = AF_INET;
  record.selector.prefixlen_s = 8;
  record.priority = 0x1234;
  record.direction = XFRM_POLICY_IN;
  record.mark = Mark{1, 3};
  record.if_id = 2;
  Batch batch;
  put_closed_policy(batch, record);
  EXPECT_EQ(written(batch),
            compact("10010000 1900 0500 00000000 00000000") + zeros(32) + zeros(8) +
                compact("0200 00 08 00 000000") + zeros(8) + no_end() + zeros(32) +
                compact("34120000 00000000 00 01 00 00") + zeros(4) + compact("4400 0500") +
                zeros(16) + compact("00000000 32 000000 0200 0000") + zeros(16) +
                compact("feffff49 00 00 00 00 ffffffff ffffffff ffffffff") +
                compact("0c00 1500 01000000 03000000") + compact("0800 1f00 02000000"));
}

// The next process must know between which addresses the tunnel was.
TEST_F(Messages, ClosedPolicyOfATunnelKeepsItsAddresses) {
  PolicyRecord record;
  record.selector.family = AF_INET;
  record.tunnel_source = ip("2001:db8::1");
  record.tunnel_destination = ip("2001:db8::2");
  Batch batch;
  put_closed_policy(batch, record);
  EXPECT_THAT(written(batch),
              testing::HasSubstr(compact("4400 0500 20010db8000000000000000000000002 00000000 32 "
                                         "000000 0a00 0000 20010db8000000000000000000000001 "
                                         "feffff49 01 00")));
}

// RFC 4302 2.6: in IPv4 the header is padded to 32 bits only; strongSwan drops it otherwise.
TEST_F(Messages, AhInIpv4IsAlignedTo32Bits) {
  const auto flags_of = [](ProtocolId protocol, const char* source, const char* destination) {
    KernelSa sa;
    sa.key = {ip(source), ip(destination), protocol, ChildSpi{0x1000}};
    sa.suite.protocol = protocol;
    sa.suite.integ = IntegId::HMAC_SHA1_96;
    if (protocol == ProtocolId::ESP) sa.suite.encr = {EncrId::ENCR_NULL, 0};
    sa.integ_key = SecretBytes(20);
    Batch batch;
    EXPECT_TRUE(put_sa(batch, SaVerb::add, sa, SaDirection::out, false));
    xfrm_usersa_info info{};
    std::memcpy(&info, batch.octets().data() + sizeof(nlmsghdr), sizeof info);
    return info.flags & XFRM_STATE_ALIGN4;
  };
  EXPECT_NE(flags_of(ProtocolId::AH, "192.0.2.1", "192.0.2.2"), 0);
  EXPECT_EQ(flags_of(ProtocolId::AH, "2001:db8::1", "2001:db8::2"), 0);
  EXPECT_EQ(flags_of(ProtocolId::ESP, "192.0.2.1", "192.0.2.2"), 0);
}

TEST_F(Messages, GetAndDeleteSa) {
  Batch batch;
  put_get_sa(batch, gcm_sa().key, std::nullopt);
  put_delete_sa(batch, gcm_sa().key, Mark{1, 3});
  const std::string id = compact("c0000202") + zeros(12) + compact("c1020304 0200 32 00");
  EXPECT_EQ(written(batch), compact("28000000 1200 0500 00000000 00000000") + id +
                                compact("34000000 1100 0500 00000000 00000000") + id +
                                compact("0c00 1500 01000000 03000000"));
}

TEST_F(Messages, DeletePolicyGoesByIndexMarkAndInterface) {
  PolicyRecord record;
  record.index = 0x1234;
  record.direction = XFRM_POLICY_FWD;
  record.selector.family = AF_INET;
  record.mark = Mark{1, 3};
  record.if_id = 2;
  Batch batch;
  put_delete_policy(batch, record);
  EXPECT_EQ(written(batch), compact("64000000 1400 0500 00000000 00000000") + zeros(40) +
                                compact("0200") + zeros(14) + compact("34120000 02 000000") +
                                compact("0c00 1500 01000000 03000000 0800 1f00 02000000"));
}

TEST_F(Messages, DumpBetweenTwoAddresses) {
  Batch batch;
  const SaKey key = gcm_sa().key;
  put_dump_sas(batch, &key);
  EXPECT_EQ(written(batch), compact("50000000 1200 0103 00000000 00000000") + zeros(24) +
                                compact("2800 1a00 c0000201") + zeros(12) + compact("c0000202") +
                                zeros(12) + compact("0200 20 20"));
}

TEST_F(Messages, NumbersAreConsecutive) {
  Batch batch;
  put_dump_policies(batch);
  put_dump_policies(batch);
  batch.number_from(0xfffffffe);
  MessageReader reader(batch.octets());
  EXPECT_EQ(reader.next()->sequence, 0xfffffffeU);
  EXPECT_EQ(reader.next()->sequence, 0xffffffffU);
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(batch.messages(1, 2).size(), batch.octets().size() / 2);
}

// ---- replay windows
// -----------------------------------------------------------------------------------

struct Replay {
  unsigned in_header = 0;
  std::optional<ReplayEsnHead> attribute;
  size_t bitmap_octets = 0;
};

Replay replay_of(const KernelSa& sa, SaDirection direction, bool with_direction) {
  Batch batch;
  EXPECT_TRUE(put_sa(batch, SaVerb::add, sa, direction, with_direction));
  const Message message = MessageReader(batch.octets()).next().value();
  Replay replay;
  replay.in_header = read_struct<xfrm_usersa_info>(message.payload)->replay_window;
  const auto attributes = after_struct<xfrm_usersa_info>(message.payload);
  if (const auto value = find_attribute(attributes, XFRMA_REPLAY_ESN_VAL)) {
    replay.attribute = read_struct<ReplayEsnHead>(*value);
    replay.bitmap_octets = value->size() - sizeof(ReplayEsnHead);
  }
  return replay;
}

TEST(ReplayWindow, UpTo32PacketsStandInTheHeader) {
  const Replay replay = replay_of(gcm_sa(), SaDirection::in, false);
  EXPECT_EQ(replay.in_header, 32U);
  EXPECT_FALSE(replay.attribute);
}

TEST(ReplayWindow, OutboundWithoutEsnIsAlwaysZero) {
  for (bool with_direction : {false, true}) {
    const Replay replay = replay_of(gcm_sa(), SaDirection::out, with_direction);
    EXPECT_EQ(replay.in_header, 0U);
    EXPECT_FALSE(replay.attribute);
  }
}

TEST(ReplayWindow, LargerOnesAreAnAttributeAndNotInTheHeader) {
  KernelSa sa = gcm_sa();
  sa.replay_window = 100;
  const Replay replay = replay_of(sa, SaDirection::in, true);
  EXPECT_EQ(replay.in_header, 0U);
  EXPECT_EQ(replay.attribute->replay_window, 100U);
  EXPECT_EQ(replay.attribute->bmp_len, 4U);
  EXPECT_EQ(replay.bitmap_octets, 16U);
}

TEST(ReplayWindow, IsBoundedByTheKernelsMaximum) {
  KernelSa sa = gcm_sa();
  sa.replay_window = 1000000;
  EXPECT_EQ(replay_of(sa, SaDirection::in, false).attribute->replay_window, 4096U);
}

TEST(ReplayWindow, EsnOutboundHasOneUnlessTheKernelKnowsTheDirection) {
  KernelSa sa = gcm_sa();
  sa.suite.esn = EsnId::ESN;
  const Replay before = replay_of(sa, SaDirection::out, false);
  EXPECT_EQ(before.attribute->replay_window, 1U);
  EXPECT_EQ(before.bitmap_octets, 4U);
  const Replay now = replay_of(sa, SaDirection::out, true);
  EXPECT_EQ(now.attribute->replay_window, 0U);
  EXPECT_EQ(now.attribute->bmp_len, 0U);
}

TEST(ReplayWindow, EsnInboundKeepsTheOneAskedFor) {
  KernelSa sa = gcm_sa();
  sa.suite.esn = EsnId::ESN;
  const Replay replay = replay_of(sa, SaDirection::in, true);
  EXPECT_EQ(replay.in_header, 0U);
  EXPECT_EQ(replay.attribute->replay_window, 32U);
}

// ---- what is refused
// ----------------------------------------------------------------------------------

std::string why_not(const KernelSa& sa) {
  Batch batch;
  const auto put = put_sa(batch, SaVerb::add, sa, SaDirection::out, false);
  return put ? "" : put.error().text;
}

TEST(PutSa, RefusesKeysOfTheWrongSize) {
  KernelSa aead = gcm_sa();
  aead.encr_key = key_of(16);  // the salt is missing
  EXPECT_EQ(why_not(aead), "rfc4106(gcm(aes)) takes 20 octets of key, not 16");
  KernelSa cbc = cbc_sa();
  cbc.integ_key = key_of(20);
  EXPECT_EQ(why_not(cbc), "hmac(sha256) takes 32 octets of key, not 20");
}

TEST(PutSa, RefusesACipherWithoutIntegrity) {
  KernelSa sa = cbc_sa();
  sa.suite.integ = IntegId::NONE;
  sa.integ_key = {};
  EXPECT_THAT(why_not(sa), HasSubstr("is not an algorithm of the kernel's ESP"));
}

TEST(PutSa, RefusesTwoAddressFamilies) {
  KernelSa sa = gcm_sa();
  sa.key.source = ip("::1");
  EXPECT_THAT(why_not(sa), HasSubstr("two address families"));
}

TEST(PutSa, AhHasIntegrityOnly) {
  KernelSa sa = cbc_sa();
  sa.key.protocol = sa.suite.protocol = ProtocolId::AH;
  sa.suite.encr = {};
  sa.encr_key = {};
  Batch batch;
  ASSERT_TRUE(put_sa(batch, SaVerb::add, sa, SaDirection::out, false));
  const Message message = MessageReader(batch.octets()).next().value();
  const auto attributes = after_struct<xfrm_usersa_info>(message.payload);
  EXPECT_TRUE(find_attribute(attributes, XFRMA_ALG_AUTH_TRUNC));
  EXPECT_FALSE(find_attribute(attributes, XFRMA_ALG_CRYPT));
  EXPECT_EQ(read_struct<xfrm_usersa_info>(message.payload)->id.proto, 51);
}

TEST(PutPolicy, TransportModeLeavesTheAddressesToThePacket) {
  KernelPolicy transport = policy();
  transport.mode = Mode::transport;
  Batch batch;
  put_policy(batch, PolicyVerb::add, transport, selector_of(transport));
  const Message message = MessageReader(batch.octets()).next().value();
  const auto attributes = after_struct<xfrm_userpolicy_info>(message.payload);
  const auto tmpl = read_struct<xfrm_user_tmpl>(find_attribute(attributes, XFRMA_TMPL).value());
  ASSERT_TRUE(tmpl);
  EXPECT_EQ(tmpl->id.daddr.a4, 0U);
  EXPECT_EQ(tmpl->saddr.a4, 0U);
  EXPECT_EQ(tmpl->mode, XFRM_MODE_TRANSPORT);
  EXPECT_EQ(tmpl->family, AF_INET);
}

TEST(PutPolicy, TheTunnelMayHaveTheOtherFamily) {
  KernelPolicy mixed = policy();
  mixed.tunnel_source = ip("2001:db8::1");
  mixed.tunnel_destination = ip("2001:db8::2");
  Batch batch;
  put_policy(batch, PolicyVerb::add, mixed, selector_of(mixed));
  const Message message = MessageReader(batch.octets()).next().value();
  const auto attributes = after_struct<xfrm_userpolicy_info>(message.payload);
  const auto tmpl = read_struct<xfrm_user_tmpl>(find_attribute(attributes, XFRMA_TMPL).value());
  EXPECT_EQ(tmpl->family, AF_INET6);
  EXPECT_EQ(read_struct<xfrm_userpolicy_info>(message.payload)->sel.family, AF_INET);
}

// ---- moving
// -------------------------------------------------------------------------------------------

// An SA as the kernel would give it back, with attributes appended by the test.
Batch read_back(const KernelSa& sa, const auto& append) {
  Batch batch;
  EXPECT_TRUE(put_sa(batch, SaVerb::add, sa, SaDirection::out, false));
  append(batch);
  return batch;
}

xfrm_replay_state sent(uint32_t oseq) {
  auto state = zeroed<xfrm_replay_state>();
  state.oseq = oseq;
  return state;
}

const SaKey kNewKey{ip("192.0.2.9"), ip("192.0.2.2"), ProtocolId::ESP, ChildSpi{0xc1020304}};

std::string why_not_moved(const Batch& kernel, uint32_t skip) {
  const auto record = parse_sa(MessageReader(kernel.octets()).next().value());
  EXPECT_TRUE(record);
  Batch batch;
  const auto put = put_moved_sa(batch, SaVerb::add, *record, kNewKey, std::nullopt, skip);
  return put ? "" : put.error().text;
}

TEST(PutMovedSa, KeepsKeysAndCountersAndSkipsSequenceNumbers) {
  const Batch kernel = read_back(gcm_sa(), [](Batch& batch) {
    batch.attribute(XFRMA_REPLAY_VAL, sent(10));
    batch.attribute(XFRMA_OFFLOAD_DEV, uint64_t{1});
  });
  auto record = parse_sa(MessageReader(kernel.octets()).next().value());
  ASSERT_TRUE(record);
  record->info.curlft.packets = 10;
  Batch batch;
  ASSERT_TRUE(put_moved_sa(batch, SaVerb::add, *record, kNewKey, UdpEncap{1, 2}, 1000));
  const Message message = MessageReader(batch.octets()).next().value();
  const auto moved = parse_sa({XFRM_MSG_NEWSA, 0, 0, message.payload});
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->key, kNewKey);
  EXPECT_EQ(moved->encap, (UdpEncap{1, 2}));
  const auto attribute = [&](uint16_t type) { return find_attribute(moved->attributes, type); };
  EXPECT_EQ(to_hex(attribute(XFRMA_ALG_AEAD).value()),
            to_hex(find_attribute(record->attributes, XFRMA_ALG_AEAD).value()));
  EXPECT_EQ(read_struct<xfrm_replay_state>(attribute(XFRMA_REPLAY_VAL).value())->oseq, 1010U);
  EXPECT_EQ(read_struct<xfrm_lifetime_cur>(attribute(XFRMA_LTIME_VAL).value())->packets, 10U);
  EXPECT_FALSE(attribute(XFRMA_OFFLOAD_DEV));
}

TEST(PutMovedSa, ASequenceNumberThatWasNeverUsedStaysZero) {
  const Batch kernel =
      read_back(gcm_sa(), [](Batch& batch) { batch.attribute(XFRMA_REPLAY_VAL, sent(0)); });
  const auto record = parse_sa(MessageReader(kernel.octets()).next().value());
  Batch batch;
  ASSERT_TRUE(put_moved_sa(batch, SaVerb::add, *record, kNewKey, std::nullopt, 1000));
  const Message message = MessageReader(batch.octets()).next().value();
  const auto attributes = after_struct<xfrm_usersa_info>(message.payload);
  const auto replay = find_attribute(attributes, XFRMA_REPLAY_VAL);
  EXPECT_EQ(read_struct<xfrm_replay_state>(replay.value())->oseq, 0U);
}

TEST(PutMovedSa, CarriesTheSkipIntoTheUpperHalfOfEsn) {
  KernelSa sa = gcm_sa();
  const Batch kernel = read_back(sa, [](Batch& batch) {
    ReplayEsnHead head{1, 0xffffff00, 0, 6, 0, 1};
    batch.attribute_with_tail(XFRMA_REPLAY_ESN_VAL, head, sizeof head, Bytes{1, 2, 3, 4});
  });
  const auto record = parse_sa(MessageReader(kernel.octets()).next().value());
  Batch batch;
  ASSERT_TRUE(put_moved_sa(batch, SaVerb::add, *record, kNewKey, std::nullopt, 0x200));
  const Message message = MessageReader(batch.octets()).next().value();
  const auto value =
      find_attribute(after_struct<xfrm_usersa_info>(message.payload), XFRMA_REPLAY_ESN_VAL);
  const auto head = read_struct<ReplayEsnHead>(value.value());
  EXPECT_EQ(head->oseq, 0x100U);
  EXPECT_EQ(head->oseq_hi, 7U);
  EXPECT_EQ(to_hex(value->last(4)), "01020304");
}

TEST(PutMovedSa, RefusesToWrapSequenceNumbers) {
  const Batch kernel = read_back(
      gcm_sa(), [](Batch& batch) { batch.attribute(XFRMA_REPLAY_VAL, sent(0xfffffff0)); });
  EXPECT_EQ(why_not_moved(kernel, 0xf), "");
  EXPECT_THAT(why_not_moved(kernel, 0x10), HasSubstr("sequence numbers are used up"));
}

TEST(PutMovedSa, RefusesKeysThatALockedDownKernelHid) {
  KernelSa sa = gcm_sa();
  sa.encr_key = SecretBytes(20);
  const Batch kernel =
      read_back(sa, [](Batch& batch) { batch.attribute(XFRMA_REPLAY_VAL, sent(1)); });
  EXPECT_THAT(why_not_moved(kernel, 1), HasSubstr("locked down"));
}

TEST(PutMovedSa, RefusesAnAnswerWithoutReplayState) {
  EXPECT_THAT(why_not_moved(read_back(gcm_sa(), [](Batch&) {}), 1), HasSubstr("no replay state"));
}

}  // namespace
}  // namespace iked::xfrm
