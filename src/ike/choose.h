// SPDX-License-Identifier: ISC
// Negotiation of algorithms as pure functions: what we offer, what we choose from an offer, whether
// an answer is one we may accept, and why there was nothing to choose. RFC7296 2.7, 3.3.6
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/ids.h"
#include "model/proposal.h"
#include "wire/payloads.h"

namespace iked::ike {

/// An SA payload that offers `proposals` in order, numbered from 1. `spi` has 0 (first IKE SA), 8
/// or 4 octets.
wire::SaPayload build_offer(const std::vector<Proposal>& proposals, ByteView spi);
/// What is negotiated for a child in IKE_AUTH: the proposals without groups, because that exchange
/// has no KE (RFC7296 1.2); those that are the same then stand once.
std::vector<Proposal> first_child_proposals(const std::vector<Proposal>& proposals);
/// The offer for such a child.
wire::SaPayload build_first_child_offer(const std::vector<Proposal>& proposals, ChildSpi spi);

/// In the SPI field of a proposal: none in IKE_SA_INIT, that of the new IKE SA when one is rekeyed
/// (RFC7296 3.3.1).
inline constexpr size_t first_ike_spi_size = 0;
inline constexpr size_t rekeyed_ike_spi_size = 8;

struct IkeChoice {
  IkeSuite suite;
  IkeSpi peer_spi;         // of a rekeyed IKE SA
  wire::SaPayload answer;  // SPI still to be filled in, when it is a rekeyed one
};
struct ChildChoice {
  ChildSuite suite;
  ChildSpi peer_spi;
  wire::ProposalPayload answer;  // SPI still to be filled in
};

/// The first of our proposals that the offer can meet, each transform by our order of preference,
/// except that a group for which the peer has sent a KE payload already (`guess`) is taken if we
/// accept it at all: that saves a round trip. Nothing when nothing fits.
std::optional<IkeChoice> choose_ike(const std::vector<Proposal>& ours, const wire::SaPayload& offer,
                                    KeId guess, size_t spi_size = first_ike_spi_size);
std::optional<ChildChoice> choose_first_child(const std::vector<Proposal>& ours,
                                              const wire::SaPayload& offer);

/// The same in CREATE_CHILD_SA, where a fresh key exchange (PFS) may be part of it. `guess` is the
/// group of the KE payload; NONE when there is none, and then a choice without PFS comes first,
/// where we have one.
std::optional<ChildChoice> choose_child(const std::vector<Proposal>& ours,
                                        const wire::SaPayload& offer, KeId guess);

/// Those that do without PFS, and nothing but that of them.
std::vector<Proposal> without_pfs(const std::vector<Proposal>& proposals);

/// `child` for a peer that wants PFS where the policy does not ask for it: proposals without a
/// group get those of `ike`, and may still do without.
std::vector<Proposal> with_pfs_allowed(const std::vector<Proposal>& child,
                                       const std::vector<Proposal>& ike);

/// Whether a suite that was negotiated is one of these.
bool allows(const std::vector<Proposal>& proposals, const IkeSuite& suite);

/// RFC7296 2.7: the answer must be one proposal out of our offer with one transform of each type.
Result<IkeSuite> check_ike_answer(const std::vector<Proposal>& ours, const wire::SaPayload& answer);
/// The same for an IKE SA that is rekeyed; `peer_spi` is not 0.
struct IkeAnswer {
  IkeSuite suite;
  IkeSpi peer_spi;
};
Result<IkeAnswer> check_rekeyed_ike_answer(const std::vector<Proposal>& ours,
                                           const wire::SaPayload& answer);
struct ChildAnswer {
  ChildSuite suite;
  ChildSpi peer_spi;
};
Result<ChildAnswer> check_first_child_answer(const std::vector<Proposal>& ours,
                                             const wire::SaPayload& answer);
/// The same in CREATE_CHILD_SA, where groups were offered, too.
Result<ChildAnswer> check_child_answer(const std::vector<Proposal>& ours,
                                       const wire::SaPayload& answer);

/// Why choose_ike or choose_first_child found nothing: both sides in the words of iked.conf, the
/// transforms that keep the closest pair of proposals apart, and the line to write. For example
/// "peer offers [1] enc aes-128 ... group modp1024; we accept [1] ...; they differ in "group
/// modp1024" (peer) against "group curve25519" (ours): to accept it, write ikesa enc aes-128 ...".
std::string explain_no_ike(const std::vector<Proposal>& ours, const wire::SaPayload& offer,
                           size_t spi_size = first_ike_spi_size);
std::string explain_no_child(const std::vector<Proposal>& ours, const wire::SaPayload& offer);
std::string explain_no_first_child(const std::vector<Proposal>& ours, const wire::SaPayload& offer);

/// An SA payload in the words of iked.conf: "[1] enc aes-256 ... [2] ...". What is absurdly long is
/// cut: the payload may be a stranger's and the text goes into the log.
std::string to_string(const wire::SaPayload& sa);

}  // namespace iked::ike
