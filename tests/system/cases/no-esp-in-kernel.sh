# SPDX-License-Identifier: ISC
# A kernel without ESP: one clear line that says so, and no tunnel that carries nothing.
# Needs: iked
# Where: kernel without ESP
net_pair
configure iked a active
rc=0
iked_on a || rc=$?
check "exit status $rc" [ "$rc" = 1 ]
expect_line "$OUT/a.run" ESP kernel
[ "$(grep -ciE 'kernel.*ESP|ESP.*kernel' "$OUT/a.run")" = 1 ] || fail "not one line"
clean_check a
