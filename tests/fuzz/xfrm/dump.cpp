// SPDX-License-Identifier: ISC
// Any answer on the request socket: acknowledgements, SAs and policies. What could be read is
// written again as a request, and that must be well-formed.
#include <algorithm>

#include "base/check.h"
#include "xfrm/messages.h"

using namespace iked;
using namespace iked::xfrm;

namespace {

void check_well_formed(const Batch& batch, size_t messages) {
  MessageReader reader(batch.octets());
  for (size_t i = 0; i < messages; ++i) IKED_CHECK(reader.next().has_value());
  IKED_CHECK(!reader.next());
}

void move(const SaRecord& sa) {
  SaKey to = sa.key;
  to.destination = IpAddress::any(to.destination.family());
  Batch batch;
  if (!put_moved_sa(batch, SaVerb::add, sa, to, UdpEncap{4500, 4501}, 1000)) return;
  check_well_formed(batch, 1);
  const Message written = MessageReader(batch.octets()).next().value();
  const auto moved = parse_sa(written);
  IKED_CHECK(moved && moved->key == to && moved->mark == sa.mark);
  IKED_CHECK((moved->encap == UdpEncap{4500, 4501}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MessageReader reader({data, size});
  while (const auto message = reader.next()) {
    if (const auto outcome = parse_outcome(*message)) {
      const std::string text = to_string(*outcome);
      IKED_CHECK(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
    }
    if (const auto sa = parse_sa(*message)) {
      (void)usage_of(*sa, std::chrono::seconds(1700000000));
      move(*sa);
    }
    if (const auto policy = parse_policy(*message)) {
      Batch batch;
      put_delete_policy(batch, *policy);
      check_well_formed(batch, 1);
    }
  }
  return 0;
}
