# SPDX-License-Identifier: ISC
# A wire that loses, doubles and reorders packets: the tunnel comes up, goes and comes back all the same.
# Needs: iked
# Limit: 240
net_pair
configure iked a active
configure iked b passive
topo_netem wire p_a delay 20ms 10ms loss 25% duplicate 15% || skip "the guest's kernel has no netem"
topo_netem wire p_b delay 20ms 10ms loss 25% duplicate 15%
peer_start iked b
peer_start iked a
wait_for 120 "a tunnel on a" has_tunnel a "$addr_a"
wait_for 120 "one pair of SAs on b" esp_pair b "$addr_b"
for _ in 1 2; do
  step "reset"
  before=$(spis a "$addr_a")
  ikectl_on a reset sa
  wait_for 120 "other SAs" spis_changed a "$addr_a" "$before"
  wait_for 120 "one pair of SAs on a" esp_pair a "$addr_a"
  wait_for 120 "one pair of SAs on b" esp_pair b "$addr_b"
done
step "a good wire again"
tc -n wire qdisc del dev p_a root
tc -n wire qdisc del dev p_b root
wire_start wire
tunnel_works
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
