// SPDX-License-Identifier: ISC
// Any datagram on the event socket: no crash, and every event is of ours and consistent.
#include "base/check.h"
#include "base/overloaded.h"
#include "model/reqid_range.h"
#include "xfrm/records.h"

using namespace iked;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<KernelEvent> events;
  xfrm::parse_events({data, size}, events);
  for (const KernelEvent& event : events) {
    std::visit(overloaded{
                   [](const AcquireEvent& e) {
                     IKED_CHECK(is_own(e.reqid));
                     IKED_CHECK(e.source.family() == e.destination.family());
                     IKED_CHECK(e.source.protocol == e.destination.protocol);
                     IKED_CHECK(e.source.first <= e.source.last);
                     IKED_CHECK(e.destination.first <= e.destination.last);
                   },
                   [](const ExpireEvent& e) {
                     IKED_CHECK(e.sa.source.family() == e.sa.destination.family());
                   },
                   [](const MappingEvent& e) {
                     IKED_CHECK(e.sa.source.family() == e.new_source.address.family());
                   },
                   [](const ResyncEvent&) { IKED_CHECK(false); },
               },
               event);
  }
  return 0;
}
