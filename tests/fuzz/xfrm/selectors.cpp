// SPDX-License-Identifier: ISC
// Two traffic selectors and a packet, all from the fuzzer: the kernel's pieces match the packet
// exactly when the traffic selectors do.
#include <algorithm>

#include "base/check.h"
#include "xfrm/reader.h"
#include "xfrm/selectors.h"

using namespace iked;
using namespace iked::xfrm;

namespace {

class Input {
 public:
  explicit Input(ByteView octets) : rest_(octets) {}
  template <typename T>
  T take() {
    const auto value = read_struct<T>(rest_);
    rest_ = rest_.subspan(std::min(sizeof(T), rest_.size()));
    return value.value_or(T{});
  }
  IpAddress address(bool v4) {
    return v4 ? IpAddress::v4(take<std::array<uint8_t, 4>>())
              : IpAddress::v6(take<std::array<uint8_t, 16>>());
  }

 private:
  ByteView rest_;
};

bool matches(PortBlock block, uint16_t port) {
  return ((port ^ block.value) & block.mask) == 0;
}

bool within(const TrafficSelector& selector, const IpAddress& address) {
  return address >= selector.first && address <= selector.last;
}

// The port as a selector of the RFC sees it; the kernel shows 0 where there is none to see.
bool port_within(const TrafficSelector& selector, uint16_t port) {
  if (selector.opaque()) return port == 0;
  return port >= selector.first_port && port <= selector.last_port;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input({data, size});
  const auto shape = input.take<uint8_t>();
  const bool v4 = (shape & 1) != 0;
  TrafficSelector source;
  TrafficSelector destination;
  source.protocol = destination.protocol = (shape & 2) != 0 ? 17 : 0;
  for (TrafficSelector* side : {&source, &destination}) {
    side->first = input.address(v4);
    side->last = (shape & 4) != 0 ? input.address(v4) : side->first;
    if (source.protocol == 0) continue;
    side->first_port = input.take<uint16_t>();
    side->last_port = input.take<uint16_t>();
  }
  const auto pieces = split(source, destination);
  if (!pieces) return 0;
  IKED_CHECK(pieces->size() <= kMaxSelectors);
  const IpAddress from = input.address(v4);
  const IpAddress to = input.address(v4);
  const auto from_port = input.take<uint16_t>();
  const auto to_port = input.take<uint16_t>();
  const bool wanted = within(source, from) && within(destination, to) &&
                      port_within(source, from_port) && port_within(destination, to_port);
  const auto matching = std::ranges::count_if(*pieces, [&](const KernelSelector& piece) {
    return piece.source.contains(from) && piece.destination.contains(to) &&
           matches(piece.source_port, from_port) && matches(piece.destination_port, to_port);
  });
  IKED_CHECK(matching == (wanted ? 1 : 0));
  return 0;
}
