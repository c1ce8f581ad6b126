// SPDX-License-Identifier: ISC
// What both ways of making a child SA share (IKE_AUTH now, CREATE_CHILD_SA later): agree on
// selectors and algorithms, cut the keys, install. RFC7296 1.2, 2.9, 2.17
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

/// A child that could not be made: what to tell the peer and what to log. The IKE SA is none the
/// worse.
struct ChildFailure {
  NotifyType notify = NotifyType::NO_PROPOSAL_CHOSEN;
  std::string why;
};

/// Reserves an inbound SPI on the SA's path.
Result<ChildSpi> reserve_spi(Context& ctx, const IkeSa& sa, ProtocolId protocol);
/// Gives a reserved SPI back that came to nothing.
void release_spi(Context& ctx, const IkeSa& sa, ProtocolId protocol, ChildSpi spi);

/// Keys from SK_d and the nonces, claims the flows, installs SAs and policies, adds the child to
/// the SA. After a failure nothing of it is left, the reserved SPI included.
std::expected<void, ChildFailure> install_child(Context& ctx, IkeSa& sa,
                                                const ChildAgreement& agreement, ByteView nonce_i,
                                                ByteView nonce_r);

/// Responder's side of the first child: choose, narrow, reserve, install; appends the payloads of
/// the answer [N(USE_TRANSPORT_MODE)], SAr2, TSi, TSr, or the error notify.
void answer_child_request(Context& ctx, IkeSa& sa, const wire::Message& request, ByteView nonce_i,
                          ByteView nonce_r, wire::Payloads& answer);

}  // namespace iked::ike
