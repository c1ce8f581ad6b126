# SPDX-License-Identifier: ISC
# The NAT between them forgets its mappings, twice, under a stream of pings: they come back with the same IKE SA.
# Needs: iked
# Limit: 300
net_nat
dpd() { echo "set dpd_check_interval 5"; }
{ dpd; config_text iked a active; } | peer_config iked a
{ dpd; config_text iked b passive; } | peer_config iked b
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works
before=$(spis a "$addr_a")
port() { ip -n b xfrm state list nokeys | grep -oE 'espinudp sport 4500 dport [0-9]+' | sort -u; }
other_port() { [ -n "$(port)" ] && [ "$(port)" != "$1" ]; }
answered() { grep -c 'bytes from' "$OUT/stream.log" || :; }
more() { [ "$(answered)" -ge $(($1 + 20)) ]; }

ip netns exec a ping -n -i 0.1 -I "$inner_a" "$inner_b" >"$OUT/stream.log" 2>&1 &
stream=$!
wait_for 20 "pings" more 0
for ports in 21000-21999 22000-22999; do
  step "the NAT starts again, with other ports"
  old=$(port) seen=$(answered) at=$SECONDS
  # Masquerading forgets what went out by an interface that goes down.
  ip -n nat link set eth0 down
  on nat nft flush ruleset
  topo_nat nat eth0 "$ports"
  ip -n nat link set eth0 up
  wait_for 90 "another port on b" other_port "$old"
  wait_for 90 "pings again" more "$(answered)"
  step "answered again after $((SECONDS - at)) s: $seen before, $(answered) now, $(port)"
  check "new SAs" [ "$(spis a "$addr_a")" = "$before" ]
done
kill -INT $stream
wait $stream || :
check "another IKE SA" [ "$(grep -c 'IKE SA up' "$(peer_log a)")" = 1 ]
tunnel_works
peer_stop a
wait_no_sa b "$OUTER_B"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
