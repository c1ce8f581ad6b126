# SPDX-License-Identifier: ISC
# Both sides are active and begin at the same time, without a network at first: one tunnel, no loop of new SAs.
# Needs: iked
net_pair
configure iked a active
configure iked b active
step "no network: both try and go on trying"
ip -n wire link set p_a nomaster
wire_start wire
peer_start iked a
peer_start iked b
wait_for 60 "an attempt of a" has "$(peer_log a)" IKE_SA_INIT
wait_for 60 "an attempt of b" has "$(peer_log b)" IKE_SA_INIT
ip -n wire link set p_a master br0
step "the network is there"
wait_for 150 "a tunnel on a" has_tunnel a "$addr_a"
tunnel_works
wait_for 60 "one pair of SAs on a" esp_pair a "$addr_a"
wait_for 60 "one pair of SAs on b" esp_pair b "$addr_b"
step "it stays as it is"
before=$(spis a "$addr_a")
for _ in 1 2 3 4 5; do
  nap 1
  check "pings while nothing should happen" ping_from a "$inner_a" "$inner_b"
done
check "new SAs though nothing happened" [ "$(spis a "$addr_a")" = "$before" ]
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
