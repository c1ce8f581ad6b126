// SPDX-License-Identifier: ISC
// What XfrmKernel asks of the kernel's two tables in more than one place: find what is there, and
// delete it only if it is ours.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/kernel.h"
#include "xfrm/messages.h"
#include "xfrm/records.h"
#include "xfrm/socket.h"

namespace iked::xfrm {

/// One kernel selector of a policy of ours.
struct PlacedPolicy {
  const KernelPolicy* policy;  // outlives this
  KernelSelector selector;
};

/// Splits each policy. Fails when one cannot be split.
Result<std::vector<PlacedPolicy>> place(const std::vector<KernelPolicy>& policies);

/// Sorts them and drops repetitions: ranges of one child may overlap, and then have pieces in
/// common.
void drop_repeated(std::vector<PlacedPolicy>& policies);

/// "out policy 10.1.0.0/24 -> 10.2.0.0/24"
std::string to_string(const PlacedPolicy& placed);

/// "SA 192.0.2.1 -> 192.0.2.2 SPI 0xc1234567"
std::string to_string(const SaKey& key);

/// An SA read back, with the octets that its record points into.
struct FoundSa {
  WipedOctets payload;
  SaRecord record;
};

/// Keeps a copy of the message that a record was read from.
Result<FoundSa> keep_sa(const Message& message);

/// The SA of ours with this name, whatever its mark; nothing when the kernel has none. Fails when
/// the kernel cannot be asked.
Result<std::optional<FoundSa>> find_own_sa(RequestSocket& socket, const SaKey& key);

/// The policy with this selector, whoever made it; nothing when there is none.
std::optional<PolicyRecord> find_policy(RequestSocket& socket, const PlacedPolicy& placed);

/// Deletes those of the SAs that are ours. What is gone already is well; other failures are logged.
void delete_own_sas(RequestSocket& socket, const std::vector<SaKey>& keys,
                    const std::optional<Mark>& mark);

/// Deletes those of the policies that carry the reqid they were installed with.
void delete_own_policies(RequestSocket& socket, const std::vector<PlacedPolicy>& policies);

}  // namespace iked::xfrm
