// SPDX-License-Identifier: ISC
#include "xfrm/reader.h"

#include <linux/netlink.h>

#include <algorithm>
#include <system_error>

namespace iked::xfrm {
namespace {

// Drops `length` octets and the padding behind them.
ByteView skip(ByteView octets, size_t length) {
  const size_t aligned = (length + 3) & ~size_t{3};
  return octets.subspan(std::min(aligned, octets.size()));
}

}  // namespace

std::optional<Message> MessageReader::next() {
  const auto header = read_struct<nlmsghdr>(rest_);
  if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > rest_.size()) {
    rest_ = {};
    return std::nullopt;
  }
  Message message;
  message.type = header->nlmsg_type;
  message.flags = header->nlmsg_flags;
  message.sequence = header->nlmsg_seq;
  message.payload = rest_.subspan(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr));
  rest_ = skip(rest_, header->nlmsg_len);
  return message;
}

std::optional<Attribute> AttributeReader::next() {
  const auto header = read_struct<nlattr>(rest_);
  if (!header || header->nla_len < sizeof(nlattr) || header->nla_len > rest_.size()) {
    rest_ = {};
    return std::nullopt;
  }
  Attribute attribute;
  attribute.type = header->nla_type & NLA_TYPE_MASK;
  attribute.value = rest_.subspan(sizeof(nlattr), header->nla_len - sizeof(nlattr));
  rest_ = skip(rest_, header->nla_len);
  return attribute;
}

std::optional<ByteView> find_attribute(ByteView attributes, uint16_t type) {
  std::optional<ByteView> found;
  AttributeReader reader(attributes);
  while (const auto attribute = reader.next()) {
    if (attribute->type == type) found = attribute->value;
  }
  return found;
}

std::string to_string(const Outcome& outcome) {
  std::string meaning = std::generic_category().message(outcome.error);
  if (outcome.words.empty()) return meaning;
  return fmt::format("{} ({})", outcome.words, meaning);
}

std::optional<Outcome> parse_outcome(const Message& message) {
  if (message.type != NLMSG_ERROR) return std::nullopt;
  const auto error = read_struct<nlmsgerr>(message.payload);
  // The lowest int has no negation, and errors of the kernel are small.
  if (!error || error->error > 0 || error->error < -4095) return std::nullopt;
  Outcome outcome;
  outcome.error = -error->error;
  if ((message.flags & NLM_F_ACK_TLVS) == 0) return outcome;
  ByteView attributes = after_struct<nlmsgerr>(message.payload);
  if ((message.flags & NLM_F_CAPPED) == 0 && error->msg.nlmsg_len >= sizeof(nlmsghdr)) {
    // The request is quoted in full, the attributes come after it.
    attributes = skip(attributes, error->msg.nlmsg_len - sizeof(nlmsghdr));
  }
  if (const auto words = find_attribute(attributes, NLMSGERR_ATTR_MSG)) {
    const auto end = std::find(words->begin(), words->end(), uint8_t{0});
    outcome.words = printable({words->begin(), end});
  }
  return outcome;
}

}  // namespace iked::xfrm
