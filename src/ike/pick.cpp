// SPDX-License-Identifier: ISC
#include "ike/pick.h"

#include <fmt/format.h>

#include <algorithm>

namespace iked::ike {
namespace {

using wire::ProposalPayload;
using wire::Transform;

template <typename Id>
void append_ids(std::vector<Transform>& to, TransformType type, const std::vector<Id>& ids) {
  for (Id id : ids) to.push_back({type, static_cast<uint16_t>(id), std::nullopt, false});
}

enum class Place : uint8_t { forbidden, optional, mandatory };

// RFC7296 3.3.3. INTEG is optional for IKE because of AEAD ciphers; without one our own proposal
// wants it.
Place place_of(ProtocolId protocol, TransformType type) {
  const bool ike = protocol == ProtocolId::IKE;
  switch (type) {
    case TransformType::ENCR:
      return protocol == ProtocolId::AH ? Place::forbidden : Place::mandatory;
    case TransformType::PRF:
      return ike ? Place::mandatory : Place::forbidden;
    case TransformType::INTEG:
      return protocol == ProtocolId::AH ? Place::mandatory : Place::optional;
    case TransformType::KE:
      return ike ? Place::mandatory : Place::optional;
    case TransformType::ESN:
      return ike ? Place::forbidden : Place::mandatory;
  }
  return Place::forbidden;
}

std::string_view name_of(TransformType type) {
  switch (type) {
    case TransformType::ENCR:
      return "encryption";
    case TransformType::PRF:
      return "prf";
    case TransformType::INTEG:
      return "integrity";
    case TransformType::KE:
      return "group";
    case TransformType::ESN:
      return "esn";
  }
  return {};
}

bool is_none(const Transform& t) {
  return t.id == 0 && !t.key_bits && !t.unknown_attribute;
}

bool is_aead(const Proposal& proposal) {
  return !proposal.encr.empty() && iked::is_aead(proposal.encr.front().id);
}

// Where our own proposal has nothing of a type, or NONE alone.
std::optional<Pick> pick_none(const Proposal& ours, const ProposalPayload& offer,
                              TransformType type) {
  const Transform none{type, 0, std::nullopt, false};
  if (!offers_type(offer, type)) return Pick{none, false};
  if (place_of(ours.protocol, type) != Place::optional || !offers_none(offer, type)) {
    return std::nullopt;
  }
  // RFC7296 3.3: combined-mode ciphers "MUST either offer no integrity algorithm or a single
  // integrity algorithm of "NONE""
  const bool alone = std::all_of(offer.transforms.begin(), offer.transforms.end(),
                                 [&](const Transform& t) { return t.type != type || is_none(t); });
  if (type == TransformType::INTEG && is_aead(ours) && !alone) return std::nullopt;
  return Pick{none, true};
}

}  // namespace

std::vector<Transform> alternatives(const Proposal& ours, TransformType type) {
  std::vector<Transform> list;
  switch (type) {
    case TransformType::ENCR:
      for (const Encr& encr : ours.encr) {
        Transform transform{type, static_cast<uint16_t>(encr.id), std::nullopt, false};
        if (encr.key_bits != 0) transform.key_bits = encr.key_bits;
        list.push_back(transform);
      }
      break;
    case TransformType::PRF:
      append_ids(list, type, ours.prf);
      break;
    case TransformType::INTEG:
      append_ids(list, type, ours.integ);
      break;
    case TransformType::KE:
      append_ids(list, type, ours.ke);
      break;
    case TransformType::ESN:
      append_ids(list, type, ours.esn);
      break;
  }
  return list;
}

bool same(const Transform& ours, const Transform& theirs) {
  // RFC7296 3.3.6: "If the responder receives a transform that it does not understand, or one that
  // contains a Transform Attribute it does not understand, it MUST consider this transform
  // unacceptable"
  return !theirs.unknown_attribute && ours.type == theirs.type && ours.id == theirs.id &&
         ours.key_bits == theirs.key_bits;
}

bool offers_type(const ProposalPayload& offer, TransformType type) {
  return std::any_of(offer.transforms.begin(), offer.transforms.end(),
                     [&](const Transform& t) { return t.type == type; });
}

bool offers_none(const ProposalPayload& offer, TransformType type) {
  if (place_of(offer.protocol, type) != Place::optional) return false;
  return std::any_of(offer.transforms.begin(), offer.transforms.end(),
                     [&](const Transform& t) { return t.type == type && is_none(t); });
}

std::optional<Pick> pick(const Proposal& ours, const ProposalPayload& offer, TransformType type,
                         KeId guess) {
  const std::vector<Transform> wanted = alternatives(ours, type);
  const bool optional = place_of(ours.protocol, type) == Place::optional;
  if (wanted.empty() || (optional && wanted.size() == 1 && is_none(wanted[0]))) {
    return pick_none(ours, offer, type);
  }
  const auto offered = [&](const Transform& mine) {
    return std::any_of(offer.transforms.begin(), offer.transforms.end(),
                       [&](const Transform& theirs) { return same(mine, theirs); });
  };
  if (type == TransformType::KE && guess != KeId::NONE) {
    const Transform guessed{type, static_cast<uint16_t>(guess), std::nullopt, false};
    if (std::find(wanted.begin(), wanted.end(), guessed) != wanted.end() && offered(guessed)) {
      return Pick{guessed};
    }
  }
  for (const Transform& mine : wanted) {
    if (offered(mine)) return Pick{mine};
    // A type that is not offered at all stands for NONE, where we take NONE.
    if (optional && is_none(mine) && !offers_type(offer, type)) return Pick{mine, false};
  }
  return std::nullopt;
}

std::optional<std::string> flaw_of(const ProposalPayload& offer, size_t spi_size) {
  // RFC7296 3.3.1: no SPI in the first IKE SA's proposals, 4 octets for AH and ESP.
  if (offer.spi.size() != spi_size) return fmt::format("an SPI of {} octets", offer.spi.size());
  // RFC 4303 2.1: the values 0 to 255 are reserved.
  if (spi_size == 4 && offer.spi[0] == 0 && offer.spi[1] == 0 && offer.spi[2] == 0) {
    return "a reserved SPI";
  }
  for (const Transform& t : offer.transforms) {
    // RFC7296 3.3.6: "If the responder receives a proposal that contains a Transform Type it does
    // not understand, ... it MUST consider this proposal unacceptable"
    if (std::find(all_transform_types.begin(), all_transform_types.end(), t.type) ==
        all_transform_types.end()) {
      return fmt::format("transform type {}, which iked does not know",
                         static_cast<unsigned>(t.type));
    }
    if (place_of(offer.protocol, t.type) == Place::forbidden) {
      return fmt::format("{} transforms, which have no place in {}", name_of(t.type),
                         to_string(offer.protocol));
    }
  }
  // RFC7296 3.3.6: "... or a proposal that is missing a mandatory Transform Type, ..."
  for (TransformType type : all_transform_types) {
    if (place_of(offer.protocol, type) == Place::mandatory && !offers_type(offer, type)) {
      return fmt::format("no {} transform, which {} must have", name_of(type),
                         to_string(offer.protocol));
    }
  }
  return std::nullopt;
}

}  // namespace iked::ike
