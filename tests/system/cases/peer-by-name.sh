# SPDX-License-Identifier: ISC
# The peer is a name that cannot be resolved at first: it is resolved again at each retry.
# Needs: iked
# Limit: 300
net_pair
mkdir -p /etc/netns/a
echo "127.0.0.1 localhost" >/etc/netns/a/hosts
echo "nameserver 127.0.0.1" >/etc/netns/a/resolv.conf
peer_a=gate.example.net
configure iked a active
configure iked b passive
wire_start wire
peer_start iked b
peer_start iked a
wait_for 60 "a line about the name" has "$(peer_log a)" '"t"' gate.example.net
refuse "iked ended" peer_ended a
step "the name gets an address"
echo "$OUTER_B gate.example.net" >>/etc/netns/a/hosts
wait_for 150 "a tunnel on a" has_tunnel a "$addr_a"
tunnel_works
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
