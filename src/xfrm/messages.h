// SPDX-License-Identifier: ISC
// Each request of ours to the kernel as one function that appends it to a Batch. Pure: what they
// write depends on their arguments only, so tests compare octets.
#pragma once

#include <cstdint>
#include <optional>

#include "model/kernel.h"
#include "xfrm/batch.h"
#include "xfrm/records.h"
#include "xfrm/selectors.h"
#include "xfrm/uapi.h"

namespace iked::xfrm {

/// Inbound SPIs come from here: 2^28 numbers that the kernel draws from at random, above those that
/// people give to SAs by hand and far from 0..255, which RFC 4303 2.1 reserves.
struct SpiRange {
  uint32_t first = 0xc0000000;
  uint32_t last = 0xcfffffff;
};

/// ALLOCSPI; answered with an XFRM_MSG_NEWSA that names the SPI. `key.spi` is not looked at.
void put_allocate_spi(Batch& batch, const SaKey& key, Reqid reqid, SpiRange range,
                      bool with_direction);

/// What to do about an SA that exists already.
enum class SaVerb : uint8_t {
  add,     // NEWSA: refuse
  update,  // UPDSA: it must exist; takes the place of a larval one, changes a few fields of a real
           // one
};

/// Adds or updates an SA. `with_direction`: this kernel knows XFRMA_SA_DIR. Fails on a suite that
/// the kernel has no names for, on keys of the wrong size and on addresses of two families.
Result<void> put_sa(Batch& batch, SaVerb verb, const KernelSa& sa, SaDirection direction,
                    bool with_direction);

void put_get_sa(Batch& batch, const SaKey& key, const std::optional<Mark>& mark);
void put_delete_sa(Batch& batch, const SaKey& key, const std::optional<Mark>& mark);
/// All SAs, or with `between` those from its source to its destination.
void put_dump_sas(Batch& batch, const SaKey* between);

/// Writes an SA that was read back under a new address and encapsulation: keys, replay state,
/// lifetimes and counters go on. An outbound sequence number goes on `skip` further, since packets
/// may have left after it was read. Fails when the kernel did not tell the keys, and when there
/// are not `skip` sequence numbers left.
Result<void> put_moved_sa(Batch& batch, SaVerb verb, const SaRecord& sa, const SaKey& to,
                          const std::optional<UdpEncap>& encap, uint32_t skip);

/// What to do about a policy with the same selector, direction, mark and interface.
enum class PolicyVerb : uint8_t {
  add,     // NEWPOLICY: refuse
  update,  // UPDPOLICY: take its place in one step, whoever made it
};

/// Adds a policy or puts it in place of another. `selector` is one of split(policy.source,
/// policy.destination).
void put_policy(Batch& batch, PolicyVerb verb, const KernelPolicy& policy,
                const KernelSelector& selector);

/// Puts in place of a policy that was read one that lets nothing through, with kLeftoverReqid.
void put_closed_policy(Batch& batch, const PolicyRecord& policy);
/// Puts a policy of ours that was read back in its place.
void put_policy_back(Batch& batch, const PolicyRecord& policy);

/// What the policy with this selector is, whoever made it.
void put_get_policy(Batch& batch, const KernelPolicy& policy, const KernelSelector& selector);
/// Deletes exactly the policy that was read: by index, which only its successor in the same place
/// can have.
void put_delete_policy(Batch& batch, const PolicyRecord& policy);
void put_dump_policies(Batch& batch);

/// The kernel's number of a direction.
uint8_t direction_number(PolicyDirection direction);

}  // namespace iked::xfrm
