# SPDX-License-Identifier: ISC
# The adapter to the kernel's IPsec against a kernel with ESP: every suite carries packets, events come, nothing is left.
# Needs: iked
# Limit: 300
program=$BUILD/tests/xfrm_kernel_test
if [ ! -x "$program" ]; then
  echo "the tests are not built: $program" >"$OUT/skip"
  exit 77
fi
# Debian's linux.uml has it as a module.
[ -e /proc/sys/net/ipv6 ] || modprobe ipv6
"$program" --gtest_brief=1 | tee "$OUT/kernel-adapter.log"
check "no packet test ran: is there ESP in this kernel?" grep -q 'PASSED' "$OUT/kernel-adapter.log"
refuse "tests that failed" grep -q 'FAILED' "$OUT/kernel-adapter.log"
