// SPDX-License-Identifier: ISC
// The state of an XfrmKernel: its sockets, apart from its header so that nobody else sees them.
#pragma once

#include "xfrm/socket.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {

struct XfrmKernel::Sockets {
  RequestSocket requests;
  EventSocket events;
};

}  // namespace iked::xfrm
