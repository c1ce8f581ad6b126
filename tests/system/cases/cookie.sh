# SPDX-License-Identifier: ISC
# A strongSwan that demands cookies, because another peer keeps an IKE SA half open: iked returns them.
# Needs: iked, strongswan
net_pair
topo_host c
topo_plug c eth0 192.0.2.3/24 wire
on c iptables-legacy -A OUTPUT -p udp --dport 4500 -j DROP
STRONGSWAN_EXTRA='cookie_threshold = 1'

other() {  # SIDE START: the peer that never gets further than IKE_SA_INIT
  local name=other addr_a=192.0.2.3 peer_b=192.0.2.3 net_a=10.3.0.0/24 id_a=c.example.com
  config_text strongswan "$1" "$2"
}
half_open() { swanctl_on b --stats | grep -q '1 half-open'; }

{ other b passive; config_text strongswan b passive; } | peer_config strongswan b
other a active | peer_config strongswan c
configure iked a active
wire_start wire
peer_start strongswan b
peer_start strongswan c
wait_for 30 "an IKE SA is half open on b" half_open
peer_start iked a
tunnel_works
expect_line "$(peer_log b)" "IKE_SA_INIT response" "N(COOKIE)"
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
