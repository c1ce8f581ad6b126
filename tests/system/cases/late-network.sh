# SPDX-License-Identifier: ISC
# iked starts before the host has its address, and stops while the peer cannot be reached.
# Needs: iked
# Limit: 300
net_pair
configure iked a active
configure iked b passive
conf_ip a <<LINES
addr del $OUTER_A/24 dev eth0
link set eth0 down
LINES
wire_start wire
peer_start iked b
peer_start iked a
wait_for 60 "a line about the policy" has "$(peer_log a)" '"t"'
nap 2
refuse "iked ended without a network" peer_ended a
step "the network comes"
conf_ip a <<LINES
link set eth0 up
addr add $OUTER_A/24 dev eth0
route add $NET_B via $OUTER_B src $INNER_A
LINES
wait_for 150 "a tunnel on a" has_tunnel a "$addr_a"
tunnel_works
step "stop while the wire is cut: it ends all the same and cleans up"
ip -n wire link set p_a nomaster
peer_stop a
clean_check a
ip -n wire link set p_a master br0
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check b
