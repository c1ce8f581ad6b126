// SPDX-License-Identifier: ISC
// The SA payload: proposals in it, transforms in them, attributes in those. Each level counts or
// measures the one inside, and all of it must agree (RFC7296 3.3).
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// The first octet of a substructure (RFC7296 3.3.1, 3.3.2).
constexpr uint8_t last_one = 0;
constexpr uint8_t more_proposals = 2;
constexpr uint8_t more_transforms = 3;

constexpr uint16_t proposal_header = 8;
constexpr uint16_t transform_header = 8;

// The first bit of an attribute: a value of two octets follows instead of a length and a value.
constexpr uint16_t short_format = 0x8000;
constexpr uint16_t key_length = short_format | static_cast<uint16_t>(AttributeType::KEY_LENGTH);

void parse_attribute(Reader& r, Transform& transform) {  // RFC7296 3.3.5
  const uint16_t type = r.u16();
  const uint16_t length_or_value = r.u16();
  if ((type & short_format) == 0) r.skip(length_or_value);
  // RFC7296 3.3: "A transform MUST NOT have multiple attributes of the same type." And 3.3.5: Key
  // Length "MUST NOT be encoded using the variable-length encoding". No key has 0 bits.
  if (type == key_length && !transform.key_bits && length_or_value != 0) {
    transform.key_bits = length_or_value;
  } else {
    transform.unknown_attribute = true;
  }
}

Result<Transform> parse_transform(Reader& proposal, bool last) {  // RFC7296 3.3.2
  const uint8_t more = proposal.u8();
  proposal.skip(1);  // RESERVED
  const uint16_t length = proposal.u16();
  if (!proposal.ok()) return fail("a transform is cut short");
  if (more != (last ? last_one : more_transforms)) {
    return fail("the count of transforms and their last one do not agree");
  }
  if (length < transform_header) return fail("a transform of {} octets", length);
  Reader r = proposal.sub(length - size_t{4});
  Transform transform;
  transform.type = TransformType{r.u8()};
  r.skip(1);  // RESERVED
  transform.id = r.u16();
  while (r.ok() && !r.at_end()) parse_attribute(r, transform);
  return r.finish(transform, "transform");
}

// RFC7296 3.3.1: 4 octets for AH and ESP; 8 for IKE, or none in the first negotiation. Which of the
// two is right for IKE depends on the exchange. A proposal for a protocol that we do not know is
// kept, so that it can be refused without the others.
bool spi_size_fits(ProtocolId protocol, size_t size) {
  switch (protocol) {
    case ProtocolId::IKE:
      return size == 0 || size == 8;
    case ProtocolId::AH:
    case ProtocolId::ESP:
      return size == 4;
    default:
      return true;
  }
}

// RFC7296 3.3.1, from Proposal Num on.
Result<ProposalPayload> parse_proposal(Reader r) {
  ProposalPayload proposal;
  proposal.number = r.u8();
  proposal.protocol = ProtocolId{r.u8()};
  const uint8_t spi_size = r.u8();
  const uint8_t transforms = r.u8();
  proposal.spi = to_bytes(r.take(spi_size));
  if (!r.ok()) return fail("a proposal is cut short");
  if (!spi_size_fits(proposal.protocol, spi_size)) {
    return fail("a proposal for {} with a SPI of {} octets", to_string(proposal.protocol),
                spi_size);
  }
  // RFC7296 3.3.1: "One or more transform substructures."
  if (transforms == 0) return fail("a proposal without transforms");
  proposal.transforms.reserve(transforms);
  for (unsigned i = 1; i <= transforms; ++i) {
    auto transform = parse_transform(r, i == transforms);
    if (!transform) return fail(transform);
    proposal.transforms.push_back(*transform);
  }
  return r.finish(std::move(proposal), "proposal");
}

void encode_transform(const Transform& transform, bool last, Bytes& out) {
  const size_t begin = out.size();
  out.push_back(last ? last_one : more_transforms);
  put_zeros(out, 1);
  const LengthField length(out, begin);
  out.push_back(static_cast<uint8_t>(transform.type));
  put_zeros(out, 1);
  put_u16(out, transform.id);
  if (transform.key_bits) {
    put_u16(out, key_length);
    put_u16(out, *transform.key_bits);
  }
  length.fill(out);
}

void encode_proposal(const ProposalPayload& proposal, bool last, Bytes& out) {
  const size_t begin = out.size();
  out.push_back(last ? last_one : more_proposals);
  put_zeros(out, 1);
  const LengthField length(out, begin);
  out.push_back(proposal.number);
  out.push_back(static_cast<uint8_t>(proposal.protocol));
  put_u8(out, proposal.spi.size());
  put_u8(out, proposal.transforms.size());
  append(out, proposal.spi);
  for (const Transform& transform : proposal.transforms) {
    encode_transform(transform, &transform == &proposal.transforms.back(), out);
  }
  length.fill(out);
}

}  // namespace

Result<SaPayload> parse_sa(ByteView body) {  // RFC7296 3.3
  Reader r{body};
  SaPayload sa;
  uint8_t more = more_proposals;
  while (more == more_proposals) {
    if (sa.proposals.size() == max_proposals) return fail("over {} proposals", max_proposals);
    more = r.u8();
    r.skip(1);  // RESERVED
    const uint16_t length = r.u16();
    if (!r.ok()) break;
    if (more != last_one && more != more_proposals)
      return fail("a proposal that begins with {}", more);
    if (length < proposal_header) return fail("a proposal of {} octets", length);
    Reader substructure = r.sub(length - size_t{4});
    if (!r.ok()) break;
    auto proposal = parse_proposal(substructure);
    if (!proposal) return fail(proposal);
    // RFC7296 3.3.1: "subsequent proposals MUST be one more than the previous proposal".
    if (!sa.proposals.empty() && proposal->number != sa.proposals.back().number + 1) {
      return fail("proposal {} comes after proposal {}", proposal->number,
                  sa.proposals.back().number);
    }
    sa.proposals.push_back(std::move(*proposal));
  }
  return r.finish(std::move(sa), "SA payload");
}

void encode(const SaPayload& sa, Bytes& out) {
  for (const ProposalPayload& proposal : sa.proposals) {
    encode_proposal(proposal, &proposal == &sa.proposals.back(), out);
  }
}

}  // namespace iked::wire
