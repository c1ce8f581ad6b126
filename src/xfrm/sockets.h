// SPDX-License-Identifier: ISC
// The state of an XfrmKernel, apart from its header so that nobody else sees it.
#pragma once

#include "xfrm/leftovers.h"
#include "xfrm/socket.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {

struct XfrmKernel::Sockets {
  RequestSocket requests;
  EventSocket events;
  Leftovers leftovers;
};

}  // namespace iked::xfrm
