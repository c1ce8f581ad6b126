// SPDX-License-Identifier: ISC
#include "ike/choose.h"

#include <algorithm>

#include "ike/pick.h"

namespace iked::ike {
namespace {

using wire::ProposalPayload;
using wire::SaPayload;
using wire::Transform;

constexpr size_t child_spi_size = 4;

// Which of our proposals goes with which of theirs; all types must have a match.
std::optional<ProposalPayload> match(const Proposal& ours, const ProposalPayload& offer,
                                     KeId guess) {
  ProposalPayload answer{offer.number, offer.protocol, {}, {}};
  for (TransformType type : all_transform_types) {
    const auto picked = pick(ours, offer, type, guess);
    if (!picked) return std::nullopt;
    if (picked->send) answer.transforms.push_back(picked->transform);
  }
  return answer;
}

uint16_t id_of(const ProposalPayload& answer, TransformType type) {
  for (const Transform& t : answer.transforms) {
    if (t.type == type) return t.id;
  }
  return 0;
}

Encr encr_of(const ProposalPayload& answer) {
  for (const Transform& t : answer.transforms) {
    if (t.type == TransformType::ENCR) return {EncrId{t.id}, t.key_bits.value_or(0)};
  }
  return {};
}

IkeSuite ike_suite(const ProposalPayload& answer) {
  return {encr_of(answer), PrfId{id_of(answer, TransformType::PRF)},
          IntegId{id_of(answer, TransformType::INTEG)}, KeId{id_of(answer, TransformType::KE)}};
}

ChildSuite child_suite(const ProposalPayload& answer) {
  return {answer.protocol, encr_of(answer), IntegId{id_of(answer, TransformType::INTEG)},
          KeId{id_of(answer, TransformType::KE)}, EsnId{id_of(answer, TransformType::ESN)}};
}

// At most 8 octets.
uint64_t spi_value(const ProposalPayload& proposal) {
  uint64_t value = 0;
  for (uint8_t octet : proposal.spi) value = value << 8 | octet;
  return value;
}

ChildSpi spi_of(const ProposalPayload& proposal) {
  return ChildSpi{static_cast<uint32_t>(spi_value(proposal))};
}

std::optional<ChildChoice> choose_among(const std::vector<Proposal>& ours, const SaPayload& offer,
                                        KeId guess) {
  for (const Proposal& mine : ours) {
    for (const ProposalPayload& theirs : offer.proposals) {
      if (theirs.protocol != mine.protocol || flaw_of(theirs, child_spi_size)) continue;
      if (auto answer = match(mine, theirs, guess)) {
        return ChildChoice{child_suite(*answer), spi_of(theirs), *answer};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Proposal> without_pfs(const std::vector<Proposal>& proposals) {
  std::vector<Proposal> list;
  for (Proposal proposal : proposals) {
    const auto& ke = proposal.ke;
    if (!ke.empty() && std::find(ke.begin(), ke.end(), KeId::NONE) == ke.end()) continue;
    proposal.ke.clear();
    list.push_back(std::move(proposal));
  }
  return list;
}

namespace {

Result<ChildAnswer> read_child_answer(Result<ProposalPayload> chosen) {
  if (!chosen) return fail(chosen);
  const ChildSpi spi = spi_of(*chosen);
  // RFC 4303 2.1: the values 0 to 255 are reserved.
  if (spi.value < 256) return fail("the answer's SPI {:#010x} is a reserved one", spi.value);
  return ChildAnswer{child_suite(*chosen), spi};
}

// RFC7296 3.3.6: "The initiator of an exchange MUST check that the accepted offer is consistent
// with one of its proposals, and if not MUST terminate the exchange."
Result<ProposalPayload> check_answer(const SaPayload& offer, const SaPayload& answer,
                                     size_t spi_size) {
  if (answer.proposals.size() != 1) {
    return fail("the answer holds {} proposals instead of one", answer.proposals.size());
  }
  const ProposalPayload& chosen = answer.proposals[0];
  const auto offered =
      std::find_if(offer.proposals.begin(), offer.proposals.end(),
                   [&](const ProposalPayload& p) { return p.number == chosen.number; });
  if (offered == offer.proposals.end() || offered->protocol != chosen.protocol) {
    return fail("the answer names {} proposal {}, which we did not offer",
                to_string(chosen.protocol), chosen.number);
  }
  if (chosen.spi.size() != spi_size) {
    return fail("the answer has an SPI of {} octets instead of {}", chosen.spi.size(), spi_size);
  }
  for (const Transform& t : chosen.transforms) {
    // NONE for what we did not offer says the same as nothing (RFC7296 3.3.2).
    const bool none =
        !offers_type(*offered, t.type) && offers_none({1, chosen.protocol, {}, {t}}, t.type);
    const bool ours = std::any_of(offered->transforms.begin(), offered->transforms.end(),
                                  [&](const Transform& mine) { return same(mine, t); });
    if (!ours && !none) {
      return fail("the answer has a transform that we did not offer: {}", to_string(answer));
    }
  }
  // RFC7296 2.7: "The accepted cryptographic suite MUST contain exactly one transform of each type
  // included in the proposal."
  for (TransformType type : all_transform_types) {
    const auto count = std::count_if(chosen.transforms.begin(), chosen.transforms.end(),
                                     [&](const Transform& t) { return t.type == type; });
    const bool may_be_absent = !offers_type(*offered, type) || offers_none(*offered, type);
    if (count > 1 || (count == 0 && !may_be_absent)) {
      return fail("the answer does not have exactly one transform of each type: {}",
                  to_string(answer));
    }
  }
  return chosen;
}

}  // namespace

SaPayload build_offer(const std::vector<Proposal>& proposals, ByteView spi) {
  SaPayload sa;
  uint8_t number = 0;
  for (const Proposal& proposal : proposals) {
    ProposalPayload payload{++number, proposal.protocol, to_bytes(spi), {}};
    for (TransformType type : all_transform_types) {
      for (const Transform& t : alternatives(proposal, type)) payload.transforms.push_back(t);
    }
    sa.proposals.push_back(std::move(payload));
  }
  return sa;
}

std::vector<Proposal> first_child_proposals(const std::vector<Proposal>& proposals) {
  std::vector<Proposal> list;
  for (Proposal proposal : proposals) {
    proposal.ke.clear();
    if (std::find(list.begin(), list.end(), proposal) == list.end()) {
      list.push_back(std::move(proposal));
    }
  }
  return list;
}

SaPayload build_first_child_offer(const std::vector<Proposal>& proposals, ChildSpi spi) {
  Bytes octets;
  put_u32(octets, spi.value);
  return build_offer(first_child_proposals(proposals), octets);
}

std::optional<IkeChoice> choose_ike(const std::vector<Proposal>& ours, const SaPayload& offer,
                                    KeId guess, size_t spi_size) {
  for (const Proposal& mine : ours) {
    for (const ProposalPayload& theirs : offer.proposals) {
      if (theirs.protocol != mine.protocol || flaw_of(theirs, spi_size)) continue;
      if (auto answer = match(mine, theirs, guess)) {
        return IkeChoice{ike_suite(*answer), IkeSpi{spi_value(theirs)}, SaPayload{{*answer}}};
      }
    }
  }
  return std::nullopt;
}

std::optional<ChildChoice> choose_first_child(const std::vector<Proposal>& ours,
                                              const SaPayload& offer) {
  return choose_among(first_child_proposals(ours), offer, KeId::NONE);
}

std::optional<ChildChoice> choose_child(const std::vector<Proposal>& ours, const SaPayload& offer,
                                        KeId guess) {
  if (guess == KeId::NONE) {
    if (auto choice = choose_among(without_pfs(ours), offer, guess)) return choice;
  }
  return choose_among(ours, offer, guess);
}

std::vector<Proposal> with_pfs_allowed(const std::vector<Proposal>& child,
                                       const std::vector<Proposal>& ike) {
  std::vector<KeId> groups;
  for (const Proposal& proposal : ike) {
    for (const KeId group : proposal.ke) {
      if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    }
  }
  groups.push_back(KeId::NONE);
  std::vector<Proposal> list = child;
  for (Proposal& proposal : list) {
    if (proposal.ke.empty()) proposal.ke = groups;
  }
  return list;
}

bool allows(const std::vector<Proposal>& proposals, const IkeSuite& suite) {
  const auto has = [](const auto& list, const auto& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  return std::any_of(proposals.begin(), proposals.end(), [&](const Proposal& p) {
    return has(p.encr, suite.encr) && has(p.prf, suite.prf) && has(p.ke, suite.ke) &&
           (suite.integ == IntegId::NONE ? p.integ.empty() || has(p.integ, suite.integ)
                                         : has(p.integ, suite.integ));
  });
}

Result<IkeSuite> check_ike_answer(const std::vector<Proposal>& ours, const SaPayload& answer) {
  auto chosen = check_answer(build_offer(ours, {}), answer, first_ike_spi_size);
  if (!chosen) return fail(chosen);
  return ike_suite(*chosen);
}

Result<IkeAnswer> check_rekeyed_ike_answer(const std::vector<Proposal>& ours,
                                           const SaPayload& answer) {
  auto chosen = check_answer(build_offer(ours, {}), answer, rekeyed_ike_spi_size);
  if (!chosen) return fail(chosen);
  const IkeSpi spi{spi_value(*chosen)};
  // RFC7296 2.6: zero means "not known yet".
  if (!spi) return fail("the answer's SPI is zero");
  return IkeAnswer{ike_suite(*chosen), spi};
}

Result<ChildAnswer> check_first_child_answer(const std::vector<Proposal>& ours,
                                             const SaPayload& answer) {
  return read_child_answer(
      check_answer(build_first_child_offer(ours, ChildSpi{256}), answer, child_spi_size));
}

Result<ChildAnswer> check_child_answer(const std::vector<Proposal>& ours, const SaPayload& answer) {
  return read_child_answer(check_answer(build_offer(ours, {}), answer, child_spi_size));
}

}  // namespace iked::ike
