// SPDX-License-Identifier: ISC
#include "ike/choose.h"

#include <algorithm>
#include <array>

namespace iked::ike {
namespace {

using wire::ProposalPayload;
using wire::SaPayload;
using wire::Transform;

Transform make(TransformType type, uint16_t id, uint16_t key_bits = 0) {
  Transform transform{type, id, std::nullopt, false};
  if (key_bits != 0) transform.key_bits = key_bits;
  return transform;
}

// Our alternatives of one type as transforms, in order of preference.
std::vector<Transform> alternatives(const Proposal& ours, TransformType type) {
  std::vector<Transform> list;
  switch (type) {
    case TransformType::ENCR:
      for (const Encr& e : ours.encr) {
        list.push_back(make(type, static_cast<uint16_t>(e.id), e.key_bits));
      }
      break;
    case TransformType::PRF:
      for (PrfId id : ours.prf) list.push_back(make(type, static_cast<uint16_t>(id)));
      break;
    case TransformType::INTEG:
      for (IntegId id : ours.integ) list.push_back(make(type, static_cast<uint16_t>(id)));
      break;
    case TransformType::KE:
      for (KeId id : ours.ke) list.push_back(make(type, static_cast<uint16_t>(id)));
      break;
    case TransformType::ESN:
      for (EsnId id : ours.esn) list.push_back(make(type, static_cast<uint16_t>(id)));
      break;
  }
  return list;
}

constexpr std::array all_types = {TransformType::ENCR, TransformType::PRF, TransformType::INTEG,
                                  TransformType::KE, TransformType::ESN};

bool known_type(TransformType type) {
  return std::find(all_types.begin(), all_types.end(), type) != all_types.end();
}

// Whether two transforms are the same one. RFC7296 3.3.6: a transform with an attribute that we do
// not know is not acceptable.
bool same(const Transform& ours, const Transform& theirs) {
  return !theirs.unknown_attribute && ours.type == theirs.type && ours.id == theirs.id &&
         ours.key_bits == theirs.key_bits;
}

bool offers_type(const ProposalPayload& offer, TransformType type) {
  return std::any_of(offer.transforms.begin(), offer.transforms.end(),
                     [&](const Transform& t) { return t.type == type; });
}

// INTEG and KE may be offered as NONE, which means the same as not offering the type
// (RFC7296 3.3.3).
bool offers_none(const ProposalPayload& offer, TransformType type) {
  return std::any_of(offer.transforms.begin(), offer.transforms.end(), [&](const Transform& t) {
    return t.type == type && t.id == 0 && !t.unknown_attribute;
  });
}

// The transform of one type that both accept: ours by preference, the guessed group before the
// others. The result is nothing when there is no match, or an "absent" transform of id 0 that is
// not to be sent.
struct Pick {
  Transform transform;
  bool send = true;
};
std::optional<Pick> pick(const Proposal& ours, const ProposalPayload& offer, TransformType type,
                         KeId guess) {
  const std::vector<Transform> wanted = alternatives(ours, type);
  const bool nothing_wanted =
      wanted.empty() || (wanted.size() == 1 && wanted[0].id == 0 && type != TransformType::ESN);
  if (nothing_wanted) {
    if (!offers_type(offer, type)) return Pick{make(type, 0), false};
    if (offers_none(offer, type)) return Pick{make(type, 0), true};
    return std::nullopt;
  }
  const auto offered = [&](const Transform& mine) {
    return std::any_of(offer.transforms.begin(), offer.transforms.end(),
                       [&](const Transform& theirs) { return same(mine, theirs); });
  };
  if (type == TransformType::KE && guess != KeId::NONE) {
    const Transform guessed = make(type, static_cast<uint16_t>(guess));
    if (std::find(wanted.begin(), wanted.end(), guessed) != wanted.end() && offered(guessed)) {
      return Pick{guessed};
    }
  }
  for (const Transform& mine : wanted) {
    if (offered(mine)) return Pick{mine};
    // A type that is not offered at all stands for NONE, where we take NONE.
    if (mine.id == 0 && type != TransformType::ESN && !offers_type(offer, type)) {
      return Pick{mine, false};
    }
  }
  return std::nullopt;
}

// RFC7296 3.3.6: an unknown transform type makes the whole proposal unacceptable.
bool understandable(const ProposalPayload& offer, ProtocolId protocol, size_t spi_size) {
  return offer.protocol == protocol && offer.spi.size() == spi_size &&
         std::all_of(offer.transforms.begin(), offer.transforms.end(),
                     [](const Transform& t) { return known_type(t.type); });
}

// Which of our proposals goes with which of theirs; all types must have a match.
std::optional<ProposalPayload> match(const Proposal& ours, const ProposalPayload& offer,
                                     KeId guess) {
  ProposalPayload answer{offer.number, offer.protocol, {}, {}};
  for (TransformType type : all_types) {
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

Proposal without_groups(Proposal proposal) {
  proposal.ke.clear();
  return proposal;
}

ChildSpi spi_of(const ProposalPayload& proposal) {
  uint32_t value = 0;
  for (uint8_t octet : proposal.spi) value = value << 8 | octet;
  return ChildSpi{value};
}

// RFC7296 2.7: the proposal that the answer accepts, with exactly one transform of each type we
// offered.
Result<ProposalPayload> check_answer(const SaPayload& offer, const SaPayload& answer) {
  if (answer.proposals.size() != 1) {
    return fail("the answer holds {} proposals instead of one", answer.proposals.size());
  }
  const ProposalPayload& chosen = answer.proposals[0];
  const auto offered =
      std::find_if(offer.proposals.begin(), offer.proposals.end(),
                   [&](const ProposalPayload& p) { return p.number == chosen.number; });
  if (offered == offer.proposals.end() || offered->protocol != chosen.protocol) {
    return fail("the answer names proposal {}, which we did not offer", chosen.number);
  }
  for (const Transform& t : chosen.transforms) {
    const bool none = t.id == 0 && !t.unknown_attribute && !offers_type(*offered, t.type) &&
                      (t.type == TransformType::INTEG || t.type == TransformType::KE);
    const bool ours = std::any_of(offered->transforms.begin(), offered->transforms.end(),
                                  [&](const Transform& mine) { return same(mine, t); });
    if (!ours && !none) {
      return fail("the answer has a transform that we did not offer: {}", to_string(answer));
    }
  }
  for (TransformType type : all_types) {
    const auto count = std::count_if(chosen.transforms.begin(), chosen.transforms.end(),
                                     [&](const Transform& t) { return t.type == type; });
    const bool offered_type = offers_type(*offered, type);
    const bool may_be_absent = !offered_type || offers_none(*offered, type);
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
    for (TransformType type : all_types) {
      for (const Transform& t : alternatives(proposal, type)) payload.transforms.push_back(t);
    }
    sa.proposals.push_back(std::move(payload));
  }
  return sa;
}

SaPayload build_first_child_offer(const std::vector<Proposal>& proposals, ChildSpi spi) {
  Bytes octets;
  put_u32(octets, spi.value);
  std::vector<Proposal> stripped;
  for (const Proposal& proposal : proposals) stripped.push_back(without_groups(proposal));
  return build_offer(stripped, octets);
}

std::optional<IkeChoice> choose_ike(const std::vector<Proposal>& ours, const SaPayload& offer,
                                    KeId guess) {
  for (const Proposal& mine : ours) {
    for (const ProposalPayload& theirs : offer.proposals) {
      if (!understandable(theirs, ProtocolId::IKE, 0)) continue;
      if (auto answer = match(mine, theirs, guess)) {
        return IkeChoice{ike_suite(*answer), SaPayload{{*answer}}};
      }
    }
  }
  return std::nullopt;
}

std::optional<ChildChoice> choose_first_child(const std::vector<Proposal>& ours,
                                              const SaPayload& offer) {
  for (const Proposal& proposal : ours) {
    const Proposal mine = without_groups(proposal);
    for (const ProposalPayload& theirs : offer.proposals) {
      if (!understandable(theirs, mine.protocol, 4)) continue;
      if (auto answer = match(mine, theirs, KeId::NONE)) {
        return ChildChoice{child_suite(*answer), spi_of(theirs), *answer};
      }
    }
  }
  return std::nullopt;
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
  auto chosen = check_answer(build_offer(ours, {}), answer);
  if (!chosen) return fail(chosen);
  return ike_suite(*chosen);
}

Result<ChildAnswer> check_first_child_answer(const std::vector<Proposal>& ours,
                                             const SaPayload& answer) {
  auto chosen = check_answer(build_first_child_offer(ours, ChildSpi{1}), answer);
  if (!chosen) return fail(chosen);
  const ChildSpi spi = spi_of(*chosen);
  // RFC 4303 2.1: SPIs up to 255 are reserved.
  if (chosen->spi.size() != 4 || spi.value < 256) {
    return fail("the answer's SPI is not one of an ESP or AH SA");
  }
  return ChildAnswer{child_suite(*chosen), spi};
}

}  // namespace iked::ike
