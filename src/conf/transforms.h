// SPDX-License-Identifier: ISC
// ikesa and childsa: lists of algorithms to proposals, checked against what there is, completed
// from strong defaults.
#pragma once

#include <optional>
#include <vector>

#include "conf/environment.h"
#include "conf/tokens.h"
#include "model/proposal.h"

namespace iked::conf {

/// What is offered where the file names nothing: AEAD first, then AES-CBC with HMAC-SHA2; no SHA-1,
/// no group below 2048 bits or its match. `protocol` is IKE, ESP or AH.
std::vector<Proposal> default_proposals(ProtocolId protocol);

/// The part behind the word `ikesa` or `childsa` (protocol ESP or AH). One `ikesa` may become two
/// proposals, because AEAD and other ciphers cannot share one.
std::optional<std::vector<Proposal>> parse_transforms(Tokens& tokens, ProtocolId protocol,
                                                      const Catalogue& catalogue);

}  // namespace iked::conf
