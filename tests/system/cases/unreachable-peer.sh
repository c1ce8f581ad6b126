# SPDX-License-Identifier: ISC
# Nobody answers, then somebody does: iked goes on trying, says so, and the tunnel comes up.
# Needs: iked
# Limit: 300
net_pair
configure iked a active
configure iked b passive
step "packets vanish"
ip -n wire link set p_b nomaster
wire_start wire
peer_start iked a
wait_for 120 "a line about the silence" has "$(peer_log a)" '"t"' "$OUTER_B" 'no answer'
step "packets are refused: the host is there, the daemon is not"
ip -n wire link set p_b master br0
nap 3
refuse "iked ended" peer_ended a
ikectl_on a show sa >"$OUT/show"
refuse "an SA with nobody" grep ESTABLISHED "$OUT/show"
step "the peer starts"
peer_start iked b
wait_for 150 "a tunnel on a" has_tunnel a "$addr_a"
tunnel_works
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
