// SPDX-License-Identifier: ISC
#include "net/bypass.h"

// The socket option takes a struct of this header: the one place outside of xfrm/ that needs it.
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace iked::net {

int exempt_from_policies(int socket, Family family) {
  const bool v4 = family == Family::v4;
  for (const uint8_t direction : {XFRM_POLICY_IN, XFRM_POLICY_OUT}) {
    xfrm_userpolicy_info policy{};
    policy.sel.family = v4 ? AF_INET : AF_INET6;
    policy.dir = direction;
    policy.action = XFRM_POLICY_ALLOW;
    if (setsockopt(socket, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY,
                   &policy, sizeof policy) != 0) {
      return errno;
    }
  }
  return 0;
}

}  // namespace iked::net
