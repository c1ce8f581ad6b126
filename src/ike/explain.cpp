// SPDX-License-Identifier: ISC
// Why a negotiation failed, in words that can be typed into iked.conf. Declared in ike/choose.h.
#include <algorithm>
#include <array>

#include "ike/choose.h"

namespace iked::ike {
namespace {

using wire::ProposalPayload;
using wire::SaPayload;
using wire::Transform;

constexpr std::array types = {TransformType::ENCR, TransformType::PRF, TransformType::INTEG,
                              TransformType::KE, TransformType::ESN};

std::string word(const Transform& t) {
  std::string text;
  switch (t.type) {
    case TransformType::ENCR:
      text = "enc " + to_string(EncrId{t.id}, t.key_bits.value_or(0));
      break;
    case TransformType::PRF:
      text = "prf " + to_string(PrfId{t.id});
      break;
    case TransformType::INTEG:
      text = "auth " + to_string(IntegId{t.id});
      break;
    case TransformType::KE:
      text = "group " + to_string(KeId{t.id});
      break;
    case TransformType::ESN:
      text = to_string(EsnId{t.id});
      break;
    default:
      text = fmt::format("transform type {}", static_cast<unsigned>(t.type));
  }
  return t.unknown_attribute ? text + " (with an unknown attribute)" : text;
}

std::string words(const ProposalPayload& proposal, TransformType type) {
  std::string text;
  for (const Transform& t : proposal.transforms) {
    if (t.type != type) continue;
    if (!text.empty()) text += ' ';
    text += word(t);
  }
  return text;
}

std::string words(const ProposalPayload& proposal) {
  std::string text;
  for (const Transform& t : proposal.transforms) {
    if (!text.empty()) text += ' ';
    text += word(t);
  }
  return text;
}

bool meets(const ProposalPayload& ours, const ProposalPayload& theirs, TransformType type) {
  const std::string mine = words(ours, type);
  const std::string other = words(theirs, type);
  if (mine.empty() || other.empty()) {
    const std::string& there = mine.empty() ? other : mine;
    return there.empty() || there.find("none") != std::string::npos;
  }
  return std::any_of(ours.transforms.begin(), ours.transforms.end(), [&](const Transform& a) {
    return a.type == type && std::find(theirs.transforms.begin(), theirs.transforms.end(), a) !=
                                 theirs.transforms.end();
  });
}

}  // namespace

std::string to_string(const SaPayload& sa) {
  std::string text;
  for (const ProposalPayload& proposal : sa.proposals) {
    if (!text.empty()) text += ' ';
    text += fmt::format("[{}] {}", proposal.number, words(proposal));
  }
  return text.empty() ? "nothing" : text;
}

std::string explain_no_choice(const std::vector<Proposal>& ours, const SaPayload& offer,
                              std::string_view clause) {
  const SaPayload mine = build_offer(ours, {});
  const ProposalPayload* closest_ours = nullptr;
  const ProposalPayload* closest_theirs = nullptr;
  size_t fewest = types.size() + 1;
  for (const ProposalPayload& a : mine.proposals) {
    for (const ProposalPayload& b : offer.proposals) {
      if (a.protocol != b.protocol) continue;
      const auto apart = static_cast<size_t>(std::count_if(
          types.begin(), types.end(), [&](TransformType type) { return !meets(a, b, type); }));
      if (apart < fewest) {
        fewest = apart;
        closest_ours = &a;
        closest_theirs = &b;
      }
    }
  }
  std::string text = fmt::format("peer offers {}; we accept {}", to_string(offer), to_string(mine));
  if (closest_ours == nullptr) return text + "; the protocols differ (esp, ah)";
  for (TransformType type : types) {
    if (meets(*closest_ours, *closest_theirs, type)) continue;
    const std::string theirs = words(*closest_theirs, type);
    const std::string own = words(*closest_ours, type);
    text += fmt::format("; they differ in \"{}\" (peer) against \"{}\" (ours)",
                        theirs.empty() ? "nothing" : theirs, own.empty() ? "nothing" : own);
    if (!theirs.empty()) text += fmt::format(": to accept it, write {} {}", clause, theirs);
    break;
  }
  return text;
}

}  // namespace iked::ike
