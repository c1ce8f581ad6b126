// SPDX-License-Identifier: ISC
// The smallest steps of a negotiation: one of our proposals against one of the peer's, and in it
// one transform type. choose.cpp builds the choice from them, explain.cpp finds the step that
// failed.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "model/proposal.h"
#include "wire/payloads.h"

namespace iked::ike {

/// RFC7296 3.3.2, in the order in which we send them.
inline constexpr std::array all_transform_types = {TransformType::ENCR, TransformType::PRF,
                                                   TransformType::INTEG, TransformType::KE,
                                                   TransformType::ESN};

/// Our alternatives of one type as transforms, most wanted first.
std::vector<wire::Transform> alternatives(const Proposal& ours, TransformType type);

/// The same transform, attributes included.
bool same(const wire::Transform& ours, const wire::Transform& theirs);

bool offers_type(const wire::ProposalPayload& offer, TransformType type);
/// Whether the type may be left out: it is offered as NONE, too (RFC7296 3.3.2).
bool offers_none(const wire::ProposalPayload& offer, TransformType type);

/// The transform of one type that both accept: the first of ours that is offered, except that a
/// group for which there is a KE payload already (`guess`) is taken if both have it. Nothing when
/// there is no match. `send` is false where the type stays out of the answer.
struct Pick {
  wire::Transform transform;
  bool send = true;
};
std::optional<Pick> pick(const Proposal& ours, const wire::ProposalPayload& offer,
                         TransformType type, KeId guess);

/// What keeps a proposal from being acceptable to anybody: an SPI that fits no SA, a transform type
/// that is unknown, out of place or missing. In words for a person; nothing when it is well formed.
std::optional<std::string> flaw_of(const wire::ProposalPayload& offer, size_t spi_size);

}  // namespace iked::ike
