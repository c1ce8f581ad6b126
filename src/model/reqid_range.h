// SPDX-License-Identifier: ISC
// Which reqids are ours. The kernel attaches a reqid to every SA and policy, and it is the only
// mark of ownership that both carry: what has a reqid outside of this range belongs to somebody
// else and is never touched; what has one inside of it and is in no table of ours is left over from
// a process that was killed.
#pragma once

#include "model/ids.h"

namespace iked {

/// 'I' in the top octet: far from the small numbers that people and other daemons count up from,
/// and room for 16 million selector sets.
inline constexpr Reqid kFirstReqid{0x49000000};
inline constexpr Reqid kLastReqid{0x49fffffd};
/// Of policies that a process of ours left behind when it was killed and that cannot carry traffic:
/// they let nothing through until the tunnel is up again (xfrm/leftovers.h). No SA ever has it.
inline constexpr Reqid kLeftoverReqid{0x49fffffe};
/// For short-lived SAs that ask the kernel what it can do. Ours, but never of a tunnel.
inline constexpr Reqid kProbeReqid{0x49ffffff};

/// Whether a kernel entry with this reqid was made by iked.
inline bool is_own(Reqid reqid) {
  return reqid >= kFirstReqid && reqid <= kProbeReqid;
}

}  // namespace iked
