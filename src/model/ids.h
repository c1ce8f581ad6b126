// SPDX-License-Identifier: ISC
// Numbers that must not be mixed up, each a type of its own. All are in host byte order.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace iked {

/// A number that is only equal to its own kind.
template <typename Tag, typename Number>
struct Id {
  Number value = 0;
  explicit operator bool() const { return value != 0; }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using IkeSpi = Id<struct IkeSpiTag, uint64_t>;      // RFC7296 3.1; 0 = not known yet
using ChildSpi = Id<struct ChildSpiTag, uint32_t>;  // of an ESP or AH SA; 0 = none
using MessageId = Id<struct MessageIdTag, uint32_t>;
using SaId = Id<struct SaIdTag, uint64_t>;    // one of our IKE SAs, never reused in this process
using JobId = Id<struct JobIdTag, uint64_t>;  // never reused in this process
using PolicyId = Id<struct PolicyIdTag, uint64_t>;  // one policy of one load, never reused
using SecretId = Id<struct SecretIdTag, uint64_t>;  // equal exactly when the secrets are equal
using Reqid = Id<struct ReqidTag, uint32_t>;        // of kernel SAs and policies

}  // namespace iked

template <typename Tag, typename Number>
struct std::hash<iked::Id<Tag, Number>> {
  size_t operator()(const iked::Id<Tag, Number>& id) const noexcept {
    return std::hash<Number>{}(id.value);
  }
};
