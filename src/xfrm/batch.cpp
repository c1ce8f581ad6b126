// SPDX-License-Identifier: ISC
#include "xfrm/batch.h"

#include <linux/netlink.h>

#include <cstring>

#include "base/check.h"

namespace iked::xfrm {

void Batch::begin(uint16_t type, uint16_t flags) {
  starts_.push_back(octets_.size());
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  put(octets_of(header));
}

void Batch::attribute(uint16_t type, ByteView value) {
  attribute_of_parts(type, value, {});
}

void Batch::attribute_of_parts(uint16_t type, ByteView head, ByteView tail) {
  nlattr header{};
  header.nla_type = type;
  const size_t length = sizeof header + head.size() + tail.size();
  IKED_CHECK(length <= UINT16_MAX);
  header.nla_len = static_cast<uint16_t>(length);
  WipedOctets value(head.begin(), head.end());
  value.insert(value.end(), tail.begin(), tail.end());
  put(octets_of(header));
  put(value);
}

// Appends, pads to the alignment of netlink and corrects the length of the message begun last.
void Batch::put(ByteView more) {
  octets_.insert(octets_.end(), more.begin(), more.end());
  octets_.resize(NLMSG_ALIGN(octets_.size()));
  const auto length = static_cast<uint32_t>(octets_.size() - starts_.back());
  std::memcpy(&octets_[starts_.back() + offsetof(nlmsghdr, nlmsg_len)], &length, sizeof length);
}

void Batch::number_from(uint32_t first) {
  for (size_t start : starts_) {
    std::memcpy(&octets_[start + offsetof(nlmsghdr, nlmsg_seq)], &first, sizeof first);
    ++first;
  }
}

ByteView Batch::messages(size_t from, size_t to) const {
  const size_t begin = starts_[from];
  const size_t end = to < starts_.size() ? starts_[to] : octets_.size();
  return octets().subspan(begin, end - begin);
}

}  // namespace iked::xfrm
