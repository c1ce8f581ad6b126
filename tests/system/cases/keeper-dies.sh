# SPDX-License-Identifier: ISC
# Killed are iked and, while it calls, its keeper: the handshake goes on with the next keeper, no packet is lost.
# Needs: iked, python3
# Limit: 900
net_pair
configure iked a active
configure iked b passive
kernel_note a b
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works

keeper_of() {  # HOST: sets KEEPER
  local pid name
  KEEPER=
  for pid in $(ip netns pids "$1"); do
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
    if [ "$name" = iked-keeper ]; then KEEPER=$pid; fi
  done
}
pause() { nap "0.$(printf %03d $((RANDOM % 300)))"; }

step "10 times iked of a, and its keeper somewhere in the next handshake"
steady_traffic a
for round in {1..10}; do
  pause
  peer_stop a KILL
  peer_start iked a
  pause
  keeper_of a
  if [ -n "$KEEPER" ]; then kill -KILL "$KEEPER" 2>/dev/null || :; fi
  wait_for 60 "round $round: the tunnel is back" ike_is_up a
  wait_for 60 "round $round: one pair of SAs on a" esp_pair a "$addr_a"
  wait_for 60 "round $round: one pair of SAs on b" esp_pair b "$addr_b"
done
steady_traffic_end
grep 'packet loss' "$OUT/steady-a.log"
check "packets were lost" grep -q ' 0% packet loss' "$OUT/steady-a.log"
tunnel_works
# Neither a zombie nor a process of an earlier iked.
check "processes left on a" [ "$(ip netns pids a | wc -l)" = 3 ]

step "stop both"
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
