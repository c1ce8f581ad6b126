// SPDX-License-Identifier: ISC
// What all ways of making a child SA share (IKE_AUTH, CREATE_CHILD_SA): agree on selectors and
// algorithms, cut the keys, install. RFC7296 1.2, 1.3, 2.9, 2.17
#pragma once

#include "ike/choose.h"
#include "ike/ike_sa.h"

namespace iked::ike {

/// The flows that a policy has between these outer addresses. In transport mode a flow `any` means
/// the two hosts themselves.
std::vector<FlowPair> flows_for(const PolicyEntry& policy, const Path& path);

/// Everything agreed, before the kernel is asked.
struct ChildAgreement {
  ChildSuite suite;
  Mode mode = Mode::tunnel;
  Narrowed flows;
  ChildSpi spi_in;   // allocated already
  ChildSpi spi_out;  // the peer's
};

/// What the keys are cut from, besides SK_d (RFC7296 2.17). Lent for the call.
struct ChildKeying {
  Role role = Role::initiator;  // ours in the exchange that makes the child, not in the IKE SA
  ByteView nonce_i;
  ByteView nonce_r;
  const SecretBytes* shared = nullptr;  // g^ir of the exchange, with PFS
};

/// When we begin to send on the child: at once, or when IkeSa says so, which is for the responder
/// of a rekey and for a child that is redundant before it is made.
enum class Sending : uint8_t { at_once, later };

/// A child that could not be made: what to tell the peer and what to log. The IKE SA is none the
/// worse.
struct ChildFailure {
  NotifyType notify = NotifyType::NO_PROPOSAL_CHOSEN;
  std::string why;
};
/// What is ours to answer for: what is none of the peer's is the kernel's.
FailureKind kind_of(const ChildFailure& failure);

/// The UDP encapsulation of what we send on this path; nothing where none is needed. What we
/// receive has the ports the other way round.
std::optional<UdpEncap> encapsulation(const Context& ctx, const IkeSa& sa);

/// Reserves an inbound SPI on the SA's path.
Result<ChildSpi> reserve_spi(Context& ctx, IkeSa& sa, ProtocolId protocol);
/// Gives a reserved SPI back that came to nothing.
void release_spi(Context& ctx, IkeSa& sa, ProtocolId protocol, ChildSpi spi);

/// Claims the flows, installs SAs and policies, adds the child to the SA; its inbound SA. After a
/// failure nothing of it is left, the reserved SPI included.
std::expected<SaKey, ChildFailure> install_child(Context& ctx, IkeSa& sa,
                                                 const ChildAgreement& agreement,
                                                 const ChildKeying& keying,
                                                 Sending sending = Sending::at_once);

/// What a responder agrees to.
struct AgreedChild {
  ChildAgreement agreement;      // spi_in is reserved
  wire::ProposalPayload answer;  // complete
};
/// Responder's side in IKE_AUTH (`first`) and in CREATE_CHILD_SA, where `guess` is the group of the
/// KE payload, if there is one: choose, narrow, reserve.
enum class ChildExchange : uint8_t { first, later };
std::expected<AgreedChild, ChildFailure> agree_on_child(Context& ctx, IkeSa& sa,
                                                        const wire::Message& request,
                                                        ChildExchange exchange,
                                                        KeId guess = KeId::NONE);

/// Initiator's side: what the answer's SA, TSi and TSr come to against what was proposed, with
/// `offered` as its algorithms. The mode
/// that the policy wants must be the answer's. Fails with words for the log, and `installed` tells
/// whether the peer has to be told to take the child out again.
struct ChildRefusal {
  std::string why;
  bool peer_has_it = false;
  FailureKind kind = FailureKind::other;
};
std::expected<ChildAgreement, ChildRefusal> read_child_answer(Context& ctx, IkeSa& sa,
                                                              const wire::Message& answer,
                                                              const std::vector<FlowPair>& flows,
                                                              const std::vector<Proposal>& offered,
                                                              ChildExchange exchange);

/// After the first child, which may carry less than was asked for: asks for a child of its own for
/// each flow that none carries. Peers exist that take one pair of selectors for a child, and pick
/// the first.
void want_other_flows(Context& ctx, IkeSa& sa, const std::vector<FlowPair>& asked);
/// The same for all of them, where the answer means that the peer may want them one by one. False
/// when it does not.
bool want_one_by_one(Context& ctx, IkeSa& sa, const wire::Message& answer,
                     const std::vector<FlowPair>& asked);

/// Responder's side of the first child: agree, install; appends the payloads of the answer
/// [N(USE_TRANSPORT_MODE)], SAr2, TSi, TSr, or the error notify.
void answer_child_request(Context& ctx, IkeSa& sa, const wire::Message& request, ByteView nonce_i,
                          ByteView nonce_r, wire::Payloads& answer);

}  // namespace iked::ike
