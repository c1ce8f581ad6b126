// SPDX-License-Identifier: ISC
// Why a negotiation failed, in words that can be typed into iked.conf. Declared in ike/choose.h.
#include <algorithm>

#include "ike/choose.h"
#include "ike/pick.h"

namespace iked::ike {
namespace {

using wire::ProposalPayload;
using wire::SaPayload;
using wire::Transform;

// No honest peer has more; what a stranger writes must not fill the log.
constexpr size_t most_proposals_shown = 8;
constexpr size_t most_transforms_shown = 48;

std::string name_of(const Transform& t) {
  switch (t.type) {
    case TransformType::ENCR:
      return to_string(EncrId{t.id}, t.key_bits.value_or(0));
    case TransformType::PRF:
      return to_string(PrfId{t.id});
    case TransformType::INTEG:
      return to_string(IntegId{t.id});
    case TransformType::KE:
      return to_string(KeId{t.id});
    case TransformType::ESN:
      return to_string(EsnId{t.id});
  }
  return fmt::format("transform {} of type {}", t.id, static_cast<unsigned>(t.type));
}

std::string_view keyword_of(TransformType type) {
  switch (type) {
    case TransformType::ENCR:
      return "enc ";
    case TransformType::PRF:
      return "prf ";
    case TransformType::INTEG:
      return "auth ";
    case TransformType::KE:
      return "group ";
    case TransformType::ESN:
      break;
  }
  return "";
}

// Whether iked.conf has a word for it: names of unknown numbers have a space ("enc 99").
bool has_word(const Transform& t) {
  return name_of(t).find(' ') == std::string::npos;
}

bool is_sized(const Transform& t) {
  return t.type == TransformType::ENCR && to_string(EncrId{t.id}, 1) != to_string(EncrId{t.id}, 2);
}

// What is wrong with the attributes, for people; empty when nothing is.
std::string oddity_of(const Transform& t) {
  if (t.unknown_attribute) return " (with an unknown attribute)";
  if (is_sized(t) && !t.key_bits) return " (without key length)";
  const bool own_size =
      t.type == TransformType::ENCR && (t.id == static_cast<uint16_t>(EncrId::BLOWFISH) ||
                                        t.id == static_cast<uint16_t>(EncrId::CAST));
  if (t.key_bits && !is_sized(t) && !own_size) {
    return fmt::format(" (with key length {})", *t.key_bits);
  }
  return {};
}

std::string word(const Transform& t) {
  const std::string name = name_of(t);
  const std::string_view keyword = has_word(t) ? keyword_of(t.type) : "";
  return fmt::format("{}{}{}", keyword, name, oddity_of(t));
}

std::string join(const std::vector<Transform>& transforms) {
  std::string text;
  size_t shown = 0;
  for (const Transform& t : transforms) {
    if (shown == most_transforms_shown) {
      return text + fmt::format(" and {} more", transforms.size() - shown);
    }
    if (shown++ > 0) text += ' ';
    text += word(t);
  }
  return text.empty() ? "nothing" : text;
}

std::vector<Transform> of_type(const ProposalPayload& proposal, TransformType type) {
  std::vector<Transform> list;
  std::copy_if(proposal.transforms.begin(), proposal.transforms.end(), std::back_inserter(list),
               [type](const Transform& t) { return t.type == type; });
  return list;
}

// One of ours against one of theirs: the types without a common transform.
struct Comparison {
  const Proposal* ours = nullptr;
  const ProposalPayload* theirs = nullptr;
  std::optional<std::string> flaw;
  std::vector<TransformType> apart;
  // A flawed proposal is farther away than one that only wants other algorithms.
  size_t distance() const { return apart.size() + (flaw ? all_transform_types.size() : 0); }
};

Comparison compare(const Proposal& ours, const ProposalPayload& theirs, size_t spi_size) {
  Comparison result{&ours, &theirs, flaw_of(theirs, spi_size), {}};
  for (TransformType type : all_transform_types) {
    if (!pick(ours, theirs, type, KeId::NONE)) result.apart.push_back(type);
  }
  return result;
}

std::optional<Comparison> closest(const std::vector<Proposal>& ours, const SaPayload& offer,
                                  size_t spi_size) {
  std::optional<Comparison> best;
  for (const Proposal& mine : ours) {
    for (const ProposalPayload& theirs : offer.proposals) {
      if (mine.protocol != theirs.protocol) continue;
      Comparison next = compare(mine, theirs, spi_size);
      if (!best || next.distance() < best->distance()) best = std::move(next);
    }
  }
  return best;
}

// Of the peer's transforms of one type those that iked.conf can name, each once.
std::vector<Transform> nameable(const ProposalPayload& theirs, TransformType type, bool aead) {
  std::vector<Transform> list;
  for (const Transform& t : of_type(theirs, type)) {
    if (!has_word(t) || !oddity_of(t).empty()) continue;
    if (type == TransformType::ENCR && is_aead(EncrId{t.id}) != aead) continue;
    if (std::find(list.begin(), list.end(), t) == list.end()) list.push_back(t);
  }
  return list;
}

// Our proposal with the peer's transforms where they are apart. Nothing where no line would do.
std::optional<std::string> line_to_write(const Comparison& at) {
  const auto is_apart = [&](TransformType type) {
    return std::find(at.apart.begin(), at.apart.end(), type) != at.apart.end();
  };
  // AEAD and other ciphers do not share a line, and only the others take an auth.
  const bool offers_integ = !of_type(*at.theirs, TransformType::INTEG).empty() &&
                            !offers_none(*at.theirs, TransformType::INTEG);
  const bool own_aead = !at.ours->encr.empty() && is_aead(at.ours->encr.front().id);
  const bool aead = is_apart(TransformType::ENCR) ? !offers_integ : own_aead;
  std::vector<Transform> line;
  for (TransformType type : all_transform_types) {
    const std::vector<Transform> part =
        is_apart(type) ? nameable(*at.theirs, type, aead) : alternatives(*at.ours, type);
    const bool integ = type == TransformType::INTEG;
    if (is_apart(type) && part.empty() && !(integ && aead)) return std::nullopt;
    if (integ && aead && !part.empty()) return std::nullopt;
    line.insert(line.end(), part.begin(), part.end());
  }
  return join(line);
}

std::string explain(const std::vector<Proposal>& ours, const SaPayload& offer, size_t spi_size,
                    std::string_view clause) {
  std::string text = fmt::format("peer offers {}; we accept {}", to_string(offer),
                                 to_string(build_offer(ours, {})));
  const auto at = closest(ours, offer, spi_size);
  if (!at) {
    if (ours.empty() || offer.proposals.empty()) return text;
    return text + fmt::format("; the peer wants {}, the policy has {}",
                              to_string(offer.proposals[0].protocol), to_string(ours[0].protocol));
  }
  if (at->flaw) {
    return text + fmt::format("; its proposal {} has {}: this can only be mended at the peer",
                              at->theirs->number, *at->flaw);
  }
  std::string differences;
  for (TransformType type : at->apart) {
    differences +=
        fmt::format("{} in \"{}\" (peer) against \"{}\" (ours)", differences.empty() ? "" : " and",
                    join(of_type(*at->theirs, type)), join(alternatives(*at->ours, type)));
  }
  text += fmt::format("; they differ{}", differences);
  if (const auto line = line_to_write(*at)) {
    return text + fmt::format(": to accept it, write {} {}", clause, *line);
  }
  return text + ", for which iked.conf has no words: change it at the peer";
}

}  // namespace

std::string to_string(const SaPayload& sa) {
  std::string text;
  size_t shown = 0;
  for (const ProposalPayload& proposal : sa.proposals) {
    if (shown == most_proposals_shown) {
      return text + fmt::format(" and {} more proposals", sa.proposals.size() - shown);
    }
    if (shown++ > 0) text += ' ';
    text += fmt::format("[{}] {}", proposal.number, join(proposal.transforms));
  }
  return text.empty() ? "nothing" : text;
}

std::string explain_no_ike(const std::vector<Proposal>& ours, const SaPayload& offer,
                           size_t spi_size) {
  return explain(ours, offer, spi_size, "ikesa");
}

std::string explain_no_child(const std::vector<Proposal>& ours, const SaPayload& offer) {
  return explain(ours, offer, 4, "childsa");
}

std::string explain_no_first_child(const std::vector<Proposal>& ours, const SaPayload& offer) {
  return explain(first_child_proposals(ours), offer, 4, "childsa");
}

}  // namespace iked::ike
