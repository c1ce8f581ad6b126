// SPDX-License-Identifier: ISC
// The descriptors that the service manager hands to us at the start (sd_listen_fds(3)): the control
// socket, and the UDP sockets that an earlier iked had put into its store (service_manager::keep).
#pragma once

#include <optional>
#include <vector>

#include "base/descriptor.h"

namespace iked::daemon {

struct HandedDescriptors {
  std::optional<Descriptor> control;  // a listening stream socket
  std::vector<Descriptor> udp;
};

/// To be called once. Each has close-on-exec set; what is neither of both is closed.
HandedDescriptors take_handed_descriptors();

}  // namespace iked::daemon
