// SPDX-License-Identifier: ISC
// Exempts a socket from the host's IPsec policies, so that IKE passes even where a policy protects
// everything between the two gateways. Policies of the host itself are xfrm/'s.
#pragma once

#include "base/ip.h"

namespace iked::net {

/// Sets an "allow" policy of the socket's own for both directions. Returns 0 or an errno: EPERM
/// without CAP_NET_ADMIN, EINVAL or ENOPROTOOPT where the kernel has no XFRM or its netlink module
/// is not loaded (opening a NETLINK_XFRM socket loads it).
int exempt_from_policies(int socket, Family family);

}  // namespace iked::net
