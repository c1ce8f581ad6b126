// SPDX-License-Identifier: ISC
#include "daemon/decoupled_kernel.h"

namespace iked::daemon {

Result<ChildSpi> DecoupledKernel::allocate_spi(const IpAddress&, const IpAddress&, ProtocolId,
                                               Reqid) {
  for (;;) {
    const ChildSpi spi{static_cast<uint32_t>(rng_.u64())};
    if (spi.value > 255 && reserved_.insert(spi).second) return spi;
  }
}

void DecoupledKernel::remove(const ChildRemoval& child) {
  reserved_.erase(child.inbound.spi);
}

}  // namespace iked::daemon
