// SPDX-License-Identifier: ISC
#include "xfrm/messages.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>

#include "base/check.h"
#include "model/reqid_range.h"
#include "xfrm/algorithms.h"

namespace iked::xfrm {
namespace {

constexpr uint16_t kAck = NLM_F_ACK;
constexpr uint32_t kMaxReplayWindow = XFRMA_REPLAY_ESN_MAX;  // packets

uint16_t family_number(Family family) {
  return family == Family::v4 ? AF_INET : AF_INET6;
}

uint8_t protocol_number(ProtocolId protocol) {
  return protocol == ProtocolId::AH ? kProtocolAh : kProtocolEsp;
}

uint8_t mode_number(Mode mode) {
  return mode == Mode::tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
}

xfrm_address_t to_kernel(const IpAddress& address) {
  auto kernel = zeroed<xfrm_address_t>();
  std::ranges::copy(address.octets(), reinterpret_cast<uint8_t*>(&kernel));
  return kernel;
}

xfrm_selector to_kernel(const KernelSelector& from) {
  auto to = zeroed<xfrm_selector>();
  to.saddr = to_kernel(from.source.address);
  to.daddr = to_kernel(from.destination.address);
  to.prefixlen_s = from.source.length;
  to.prefixlen_d = from.destination.length;
  to.sport = htons(from.source_port.value);
  to.sport_mask = htons(from.source_port.mask);
  to.dport = htons(from.destination_port.value);
  to.dport_mask = htons(from.destination_port.mask);
  to.family = family_number(from.source.address.family());
  to.proto = from.protocol;
  return to;
}

xfrm_usersa_id to_id(const SaKey& key) {
  auto id = zeroed<xfrm_usersa_id>();
  id.daddr = to_kernel(key.destination);
  id.spi = htonl(key.spi.value);
  id.family = family_number(key.destination.family());
  id.proto = protocol_number(key.protocol);
  return id;
}

xfrm_lifetime_cfg without_end() {
  auto lifetime = zeroed<xfrm_lifetime_cfg>();
  lifetime.soft_byte_limit = lifetime.hard_byte_limit = XFRM_INF;
  lifetime.soft_packet_limit = lifetime.hard_packet_limit = XFRM_INF;
  return lifetime;
}

xfrm_lifetime_cfg to_kernel(const SaLifetime& from) {
  xfrm_lifetime_cfg to = without_end();
  if (from.soft_bytes != 0) to.soft_byte_limit = from.soft_bytes;
  if (from.hard_bytes != 0) to.hard_byte_limit = from.hard_bytes;
  to.soft_add_expires_seconds = static_cast<uint64_t>(std::max<int64_t>(0, from.soft.count()));
  to.hard_add_expires_seconds = static_cast<uint64_t>(std::max<int64_t>(0, from.hard.count()));
  return to;
}

void put_mark(Batch& batch, const std::optional<Mark>& mark) {
  if (mark) batch.attribute(XFRMA_MARK, xfrm_mark{mark->value, mark->mask});
}

void put_if_id(Batch& batch, uint32_t if_id) {
  if (if_id != 0) batch.attribute(XFRMA_IF_ID, if_id);
}

void set_addresses(xfrm_usersa_info& info, const SaKey& key) {
  info.saddr = to_kernel(key.source);
  info.id.daddr = to_kernel(key.destination);
  info.id.proto = protocol_number(key.protocol);
  info.family = family_number(key.destination.family());
}

// A transport mode SA is for the packets between its two addresses and no others.
void set_selector(xfrm_usersa_info& info, const SaKey& key) {
  info.sel = to_kernel(
      KernelSelector{IpPrefix::host(key.source), IpPrefix::host(key.destination), 0, {}, {}});
}

Result<void> check_key(std::string_view algorithm, size_t wanted, const SecretBytes& key) {
  if (key.size() == wanted) return {};
  return fail("{} takes {} octets of key, not {}", algorithm, wanted, key.size());
}

template <typename T>
T algorithm_head(std::string_view name, const SecretBytes& key) {
  auto head = zeroed<T>();
  IKED_CHECK(name.size() < sizeof head.alg_name);
  std::ranges::copy(name, head.alg_name);
  head.alg_key_len = static_cast<unsigned>(key.size() * 8);
  return head;
}

Result<void> put_cipher(Batch& batch, const KernelSa& sa) {
  auto cipher = kernel_cipher(sa.suite.encr);
  if (!cipher) return fail(cipher);
  if (auto right = check_key(cipher->name, cipher->key_octets, sa.encr_key); !right) return right;
  if (cipher->aead()) {
    auto head = algorithm_head<xfrm_algo_aead>(cipher->name, sa.encr_key);
    head.alg_icv_len = cipher->icv_bits;
    batch.attribute_with_tail(XFRMA_ALG_AEAD, head, offsetof(xfrm_algo_aead, alg_key),
                              sa.encr_key.reveal());
    return {};
  }
  const auto head = algorithm_head<xfrm_algo>(cipher->name, sa.encr_key);
  batch.attribute_with_tail(XFRMA_ALG_CRYPT, head, offsetof(xfrm_algo, alg_key),
                            sa.encr_key.reveal());
  return {};
}

Result<void> put_mac(Batch& batch, const KernelSa& sa) {
  auto mac = kernel_mac(sa.suite.integ);
  if (!mac) return fail(mac);
  if (auto right = check_key(mac->name, mac->key_octets, sa.integ_key); !right) return right;
  auto head = algorithm_head<xfrm_algo_auth>(mac->name, sa.integ_key);
  head.alg_trunc_len = mac->truncated_bits;
  batch.attribute_with_tail(XFRMA_ALG_AUTH_TRUNC, head, offsetof(xfrm_algo_auth, alg_key),
                            sa.integ_key.reveal());
  return {};
}

Result<void> put_algorithms(Batch& batch, const KernelSa& sa) {
  const bool authentication_only = sa.key.protocol == ProtocolId::AH;
  const bool aead = is_aead(sa.suite.encr.id);
  // Encryption without integrity is not ESP as anybody should use it.
  if (!aead || sa.suite.integ != IntegId::NONE) {
    if (auto done = put_mac(batch, sa); !done) return done;
  }
  return authentication_only ? Result<void>{} : put_cipher(batch, sa);
}

// How many packets back the window of this SA looks; the kernel keeps it for outbound ones, too.
uint32_t window_of(const KernelSa& sa, SaDirection direction, bool with_direction) {
  const uint32_t window = direction == SaDirection::in ? sa.replay_window : 0;
  // With ESN the kernel insists on a window even where it never looks at it, unless it has been
  // told the direction: then it insists on none.
  const bool needless = direction == SaDirection::out && with_direction;
  const uint32_t least = sa.suite.esn == EsnId::ESN && !needless ? 1 : 0;
  return std::clamp(window, least, kMaxReplayWindow);
}

// Small windows without ESN have an octet in xfrm_usersa_info; the kernel refuses both.
bool has_replay_attribute(const KernelSa& sa, uint32_t window) {
  return sa.suite.esn == EsnId::ESN || window > 32;
}

// The replay state of an SA without history.
void put_replay_window(Batch& batch, uint32_t window) {
  auto state = zeroed<ReplayEsnHead>();
  state.replay_window = window;
  state.bmp_len = (state.replay_window + 31) / 32;
  const Bytes bitmap(state.bmp_len * sizeof(uint32_t));
  batch.attribute_with_tail(XFRMA_REPLAY_ESN_VAL, state, sizeof state, bitmap);
}

void put_encap(Batch& batch, const std::optional<UdpEncap>& encap,
               const std::optional<IpAddress>& original) {
  if (!encap) return;
  auto to = zeroed<xfrm_encap_tmpl>();
  to.encap_type = kEncapEspInUdp;
  to.encap_sport = htons(encap->source_port);
  to.encap_dport = htons(encap->destination_port);
  if (original) to.encap_oa = to_kernel(*original);
  batch.attribute(XFRMA_ENCAP, to);
}

// What goes on unchanged when an SA moves. The kernel's answer has more: the same key in older
// attributes, counters of the device it was offloaded to.
bool moves_along(uint16_t type) {
  switch (type) {
    case XFRMA_ALG_AEAD:
    case XFRMA_ALG_AUTH_TRUNC:
    case XFRMA_ALG_CRYPT:
    case XFRMA_ALG_COMP:
    case XFRMA_SEC_CTX:
    case XFRMA_MARK:
    case XFRMA_TFCPAD:
    case XFRMA_SA_EXTRA_FLAGS:
    case XFRMA_SET_MARK:
    case XFRMA_SET_MARK_MASK:
    case XFRMA_IF_ID:
    case kAttrSaDir:
      return true;
    default:
      return false;
  }
}

// A kernel that is locked down shows zeros for keys.
bool key_was_shown(const Attribute& attribute) {
  size_t head = 0;
  if (attribute.type == XFRMA_ALG_AEAD) head = offsetof(xfrm_algo_aead, alg_key);
  if (attribute.type == XFRMA_ALG_AUTH_TRUNC) head = offsetof(xfrm_algo_auth, alg_key);
  if (attribute.type == XFRMA_ALG_CRYPT) head = offsetof(xfrm_algo, alg_key);
  if (head == 0 || attribute.value.size() <= head) return true;  // no key, or an empty one
  const ByteView key = attribute.value.subspan(head);
  return !std::ranges::all_of(key, [](uint8_t octet) { return octet == 0; });
}

// Moves the outbound sequence number `skip` on. One that never sent stays at its beginning.
Result<void> skip_ahead(uint32_t& low, uint32_t* high, uint32_t skip) {
  const uint64_t now = (high != nullptr ? uint64_t{*high} << 32 : 0) | low;
  if (now == 0) return {};
  const uint64_t last = high != nullptr ? UINT64_MAX : UINT32_MAX;
  if (now > last - skip) return fail("its sequence numbers are used up: it must be rekeyed");
  low = static_cast<uint32_t>(now + skip);
  if (high != nullptr) *high = static_cast<uint32_t>((now + skip) >> 32);
  return {};
}

Result<void> put_moved_replay(Batch& batch, ByteView attributes, uint32_t skip) {
  if (const auto value = find_attribute(attributes, XFRMA_REPLAY_ESN_VAL)) {
    auto state = read_struct<ReplayEsnHead>(*value);
    if (!state) return fail("the kernel's answer has no replay state");
    if (auto done = skip_ahead(state->oseq, &state->oseq_hi, skip); !done) return done;
    batch.attribute_with_tail(XFRMA_REPLAY_ESN_VAL, *state, sizeof *state,
                              value->subspan(sizeof *state));
    return {};
  }
  const auto value = find_attribute(attributes, XFRMA_REPLAY_VAL);
  auto state = value ? read_struct<xfrm_replay_state>(*value) : std::nullopt;
  if (!state) return fail("the kernel's answer has no replay state");
  if (auto done = skip_ahead(state->oseq, nullptr, skip); !done) return done;
  batch.attribute(XFRMA_REPLAY_VAL, *state);
  return {};
}

void put_policy_message(Batch& batch, PolicyVerb verb, const xfrm_userpolicy_info& info,
                        const xfrm_user_tmpl& tmpl, const std::optional<Mark>& mark,
                        uint32_t if_id) {
  const bool add = verb == PolicyVerb::add;
  batch.begin(add ? XFRM_MSG_NEWPOLICY : XFRM_MSG_UPDPOLICY,
              add ? kAck | NLM_F_CREATE | NLM_F_EXCL : kAck);
  batch.body(info);
  batch.attribute(XFRMA_TMPL, tmpl);
  put_mark(batch, mark);
  put_if_id(batch, if_id);
}

}  // namespace

uint8_t direction_number(PolicyDirection direction) {
  switch (direction) {
    case PolicyDirection::in:
      return XFRM_POLICY_IN;
    case PolicyDirection::out:
      return XFRM_POLICY_OUT;
    case PolicyDirection::fwd:
      return XFRM_POLICY_FWD;
  }
  IKED_CHECK(false);
}

void put_allocate_spi(Batch& batch, const SaKey& key, Reqid reqid, SpiRange range,
                      bool with_direction) {
  auto request = zeroed<xfrm_userspi_info>();
  set_addresses(request.info, key);
  request.info.reqid = reqid.value;
  request.info.mode = XFRM_MODE_TUNNEL;
  request.min = range.first;
  request.max = range.last;
  batch.begin(XFRM_MSG_ALLOCSPI, kAck);
  batch.body(request);
  if (with_direction) batch.attribute(kAttrSaDir, static_cast<uint8_t>(SaDirection::in));
}

Result<void> put_sa(Batch& batch, SaVerb verb, const KernelSa& sa, SaDirection direction,
                    bool with_direction) {
  if (sa.key.source.family() != sa.key.destination.family()) {
    return fail("an SA from {} to {}: two address families", sa.key.source, sa.key.destination);
  }
  auto info = zeroed<xfrm_usersa_info>();
  set_addresses(info, sa.key);
  info.id.spi = htonl(sa.key.spi.value);
  info.lft = to_kernel(sa.lifetime);
  info.reqid = sa.reqid.value;
  info.mode = mode_number(sa.mode);
  if (sa.mode == Mode::tunnel) {
    info.flags |= XFRM_STATE_AF_UNSPEC;  // IPv6 in IPv4 and the other way round
  } else {
    set_selector(info, sa.key);
  }
  if (sa.suite.esn == EsnId::ESN) info.flags |= XFRM_STATE_ESN;
  // RFC 4302 2.6: the header is padded to 32 bits in IPv4, and to 64 in IPv6 only. Without the flag
  // the kernel does the latter in both.
  if (sa.key.protocol == ProtocolId::AH && sa.key.destination.is_v4()) {
    info.flags |= XFRM_STATE_ALIGN4;
  }
  const uint32_t window = window_of(sa, direction, with_direction);
  if (!has_replay_attribute(sa, window)) info.replay_window = static_cast<uint8_t>(window);
  batch.begin(verb == SaVerb::add ? XFRM_MSG_NEWSA : XFRM_MSG_UPDSA, kAck);
  batch.body(info);
  if (auto done = put_algorithms(batch, sa); !done) return done;
  if (has_replay_attribute(sa, window)) put_replay_window(batch, window);
  put_encap(batch, sa.encap, sa.original_address);
  put_mark(batch, sa.mark);
  put_if_id(batch, sa.if_id);
  if (with_direction) batch.attribute(kAttrSaDir, static_cast<uint8_t>(direction));
  return {};
}

void put_get_sa(Batch& batch, const SaKey& key, const std::optional<Mark>& mark) {
  batch.begin(XFRM_MSG_GETSA, kAck);
  batch.body(to_id(key));
  put_mark(batch, mark);
}

void put_delete_sa(Batch& batch, const SaKey& key, const std::optional<Mark>& mark) {
  batch.begin(XFRM_MSG_DELSA, kAck);
  batch.body(to_id(key));
  put_mark(batch, mark);
}

void put_dump_sas(Batch& batch, const SaKey* between) {
  batch.begin(XFRM_MSG_GETSA, NLM_F_DUMP);
  batch.body(zeroed<xfrm_usersa_id>());
  if (between == nullptr) return;
  auto filter = zeroed<xfrm_address_filter>();
  filter.saddr = to_kernel(between->source);
  filter.daddr = to_kernel(between->destination);
  filter.family = family_number(between->source.family());
  filter.splen = static_cast<uint8_t>(between->source.bits());
  filter.dplen = static_cast<uint8_t>(between->destination.bits());
  batch.attribute(XFRMA_ADDRESS_FILTER, filter);
}

Result<void> put_moved_sa(Batch& batch, SaVerb verb, const SaRecord& sa, const SaKey& to,
                          const std::optional<UdpEncap>& encap, uint32_t skip) {
  xfrm_usersa_info info = sa.info;
  set_addresses(info, to);
  info.id.spi = htonl(to.spi.value);
  if (info.mode == XFRM_MODE_TRANSPORT) set_selector(info, to);
  batch.begin(verb == SaVerb::add ? XFRM_MSG_NEWSA : XFRM_MSG_UPDSA, kAck);
  batch.body(info);
  AttributeReader reader(sa.attributes);
  while (const auto attribute = reader.next()) {
    if (!moves_along(attribute->type)) continue;
    if (!key_was_shown(*attribute)) {
      return fail("the kernel is locked down and does not show keys: it must be rekeyed");
    }
    batch.attribute(attribute->type, attribute->value);
  }
  if (auto done = put_moved_replay(batch, sa.attributes, skip); !done) return done;
  batch.attribute(XFRMA_LTIME_VAL, info.curlft);
  put_encap(batch, encap, sa.original_address);
  return {};
}

void put_policy(Batch& batch, PolicyVerb verb, const KernelPolicy& policy,
                const KernelSelector& selector) {
  auto info = zeroed<xfrm_userpolicy_info>();
  info.sel = to_kernel(selector);
  info.lft = without_end();
  info.priority = priority_of(selector);
  info.dir = direction_number(policy.direction);
  info.action = XFRM_POLICY_ALLOW;
  info.share = XFRM_SHARE_ANY;

  auto tmpl = zeroed<xfrm_user_tmpl>();
  tmpl.id.proto = protocol_number(policy.protocol);
  tmpl.reqid = policy.reqid.value;
  tmpl.mode = mode_number(policy.mode);
  tmpl.family = info.sel.family;
  // In transport mode the addresses are those of the packet.
  if (policy.mode == Mode::tunnel) {
    tmpl.saddr = to_kernel(policy.tunnel_source);
    tmpl.id.daddr = to_kernel(policy.tunnel_destination);
    tmpl.family = family_number(policy.tunnel_destination.family());
  }
  // The reqid names the SA; which algorithms it has was negotiated.
  tmpl.aalgos = tmpl.ealgos = tmpl.calgos = ~0U;
  put_policy_message(batch, verb, info, tmpl, policy.mark, policy.if_id);
}

namespace {

// The template of a policy that was read, with another reqid. In transport mode the addresses are
// those of the packet.
xfrm_user_tmpl template_again(const PolicyRecord& policy, Reqid reqid) {
  auto tmpl = zeroed<xfrm_user_tmpl>();
  tmpl.id.proto = protocol_number(policy.protocol.value_or(ProtocolId::ESP));
  tmpl.reqid = reqid.value;
  tmpl.mode = XFRM_MODE_TRANSPORT;
  tmpl.family = policy.selector.family;
  if (policy.tunnel_source && policy.tunnel_destination) {
    tmpl.mode = XFRM_MODE_TUNNEL;
    tmpl.family = family_number(policy.tunnel_destination->family());
    tmpl.saddr = to_kernel(*policy.tunnel_source);
    tmpl.id.daddr = to_kernel(*policy.tunnel_destination);
  }
  tmpl.aalgos = tmpl.ealgos = tmpl.calgos = ~0U;
  return tmpl;
}

void put_again(Batch& batch, const PolicyRecord& policy, uint8_t action, Reqid reqid) {
  auto info = zeroed<xfrm_userpolicy_info>();
  info.sel = policy.selector;
  info.lft = without_end();
  info.priority = policy.priority;
  info.dir = policy.direction;
  info.action = action;
  info.share = XFRM_SHARE_ANY;
  put_policy_message(batch, PolicyVerb::update, info, template_again(policy, reqid), policy.mark,
                     policy.if_id);
}

}  // namespace

void put_closed_policy(Batch& batch, const PolicyRecord& policy) {
  // A policy that blocks needs no template; this one remembers that we closed it, and whose it was.
  put_again(batch, policy, XFRM_POLICY_BLOCK, kLeftoverReqid);
}

void put_policy_back(Batch& batch, const PolicyRecord& policy) {
  if (policy.reqid == kLeftoverReqid) return put_closed_policy(batch, policy);
  put_again(batch, policy, XFRM_POLICY_ALLOW, policy.reqid);
}

void put_get_policy(Batch& batch, const KernelPolicy& policy, const KernelSelector& selector) {
  auto id = zeroed<xfrm_userpolicy_id>();
  id.sel = to_kernel(selector);
  id.dir = direction_number(policy.direction);
  batch.begin(XFRM_MSG_GETPOLICY, kAck);
  batch.body(id);
  put_mark(batch, policy.mark);
  put_if_id(batch, policy.if_id);
}

void put_delete_policy(Batch& batch, const PolicyRecord& policy) {
  auto id = zeroed<xfrm_userpolicy_id>();
  id.index = policy.index;
  id.dir = policy.direction;
  id.sel.family = policy.selector.family;
  batch.begin(XFRM_MSG_DELPOLICY, kAck);
  batch.body(id);
  put_mark(batch, policy.mark);
  put_if_id(batch, policy.if_id);
  if (policy.type != XFRM_POLICY_TYPE_MAIN) {
    auto type = zeroed<xfrm_userpolicy_type>();
    type.type = policy.type;
    batch.attribute(XFRMA_POLICY_TYPE, type);
  }
}

void put_dump_policies(Batch& batch) {
  batch.begin(XFRM_MSG_GETPOLICY, NLM_F_DUMP);
  batch.body(zeroed<xfrm_userpolicy_id>());
}

}  // namespace iked::xfrm
