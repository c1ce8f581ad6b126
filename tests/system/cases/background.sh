# SPDX-License-Identifier: ISC
# Without -d iked returns when it is ready and goes on in the background; -n only checks the file.
# Needs: iked
net_pair
configure iked a active
configure iked b passive
step "-n"
ip netns exec a "$BUILD/iked" -n -f "$T/a/iked.conf" >"$OUT/check.run" 2>&1
expect_line "$OUT/check.run" "configuration OK"
check "-n touched the kernel" clean_check a

step "in the background"
wire_start wire
peer_start iked b
ip netns exec a "$BUILD/iked" -f "$T/a/iked.conf" -s "$(iked_socket a)" >"$OUT/start.run" 2>&1
# It is ready: nothing to wait for.
ikectl_on a show sa
tunnel_works
# iked, the process that starts keepers, and the keeper.
mapfile -t pids < <(ip netns pids a)
check "not three processes but ${#pids[@]}" [ ${#pids[@]} = 3 ]
kill "$(</run/iked-a.pid)"
ended() { [ -z "$(ip netns pids a)" ]; }
wait_for 30 "it ends" ended
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
