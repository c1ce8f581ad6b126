// SPDX-License-Identifier: ISC
// The kernel's XFRM interface as this folder sees it: the one place that includes its header, and
// the numbers that are newer than the oldest header we build with. Never included outside of xfrm/.
#pragma once

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace iked::xfrm {

// Enumerators of the kernel's header cannot be tested for with #ifdef; the numbers are ABI.
inline constexpr uint16_t kAttrSaDir = 33;  // XFRMA_SA_DIR, one octet, Linux 6.10

/// Which way an SA is used, as XFRMA_SA_DIR says it.
enum class SaDirection : uint8_t { in = 1, out = 2 };

inline constexpr uint8_t kProtocolEsp = 50;
inline constexpr uint8_t kProtocolAh = 51;
inline constexpr uint16_t kEncapEspInUdp = 2;  // UDP_ENCAP_ESPINUDP of <linux/udp.h>

inline constexpr uint32_t kGroupAcquire = 1U << (XFRMNLGRP_ACQUIRE - 1);
inline constexpr uint32_t kGroupExpire = 1U << (XFRMNLGRP_EXPIRE - 1);
inline constexpr uint32_t kGroupMapping = 1U << (XFRMNLGRP_MAPPING - 1);

/// The fields of xfrm_replay_state_esn, whose array at the end C++ does not allow in an optional.
struct ReplayEsnHead {
  uint32_t bmp_len;  // words of 32 bits that follow
  uint32_t oseq;
  uint32_t seq;
  uint32_t oseq_hi;
  uint32_t seq_hi;
  uint32_t replay_window;
};
static_assert(sizeof(ReplayEsnHead) == sizeof(xfrm_replay_state_esn));

/// A kernel structure with every octet zero, padding included: it goes to the kernel as it lies in
/// memory.
template <typename T>
requires std::is_trivially_copyable_v<T> T zeroed() {
  T value;
  std::memset(&value, 0, sizeof value);
  return value;
}

}  // namespace iked::xfrm
