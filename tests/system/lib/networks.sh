# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# The three networks that cases use. The wire between the gateways is called "wire" and can be captured.
#
#   net_pair    a ---wire--- b                    outer 192.0.2.1, 2001:db8::1     and 192.0.2.2, 2001:db8::2
#                                                 inner 10.1.0.1, fd00:1::1 (/24, /64) and 10.2.0.1, fd00:2::1
#   net_sites   ha --- a ---wire--- b --- hb      the same gateways; ha is 10.1.0.9, hb 10.2.0.9 (fd00:1::9, fd00:2::9)
#   net_nat     a --- nat ---wire--- b            a is 172.16.9.2 and reaches b, which sees 192.0.2.1, ports 20000-20999
# net_inner_routes HOST ADDR...  send 10/8 and fd00::/8 there over eth0 from the host's inner address, so that what no
#                                policy catches goes out in clear and is seen on the wire
# Each also sets the variables of lib/configs.sh to an IPv4 tunnel between the two inner networks.

OUTER_A=192.0.2.1 OUTER_B=192.0.2.2 OUTER6_A=2001:db8::1 OUTER6_B=2001:db8::2
INNER_A=10.1.0.1 INNER_B=10.2.0.1 INNER6_A=fd00:1::1 INNER6_B=fd00:2::1
NET_A=10.1.0.0/24 NET_B=10.2.0.0/24 NET6_A=fd00:1::/64 NET6_B=fd00:2::/64
NATTED_A=172.16.9.2

tunnel_defaults() {
  name=t mode=tunnel
  addr_a=$OUTER_A addr_b=$OUTER_B peer_a=$OUTER_B peer_b=$OUTER_A
  net_a=$NET_A net_b=$NET_B inner_a=$INNER_A inner_b=$INNER_B
  id_a=a.example.com id_b=b.example.com key_a=Quoo5-mahX8-eeW1n key_b=Quoo5-mahX8-eeW1n
  ike_a= ike_b= esp_a= esp_b=
}

net_pair() {
  tunnel_defaults
  topo_host a b
  topo_wire wire
  topo_plug a eth0 "$OUTER_A/24,$OUTER6_A/64" wire
  topo_plug b eth0 "$OUTER_B/24,$OUTER6_B/64" wire
  conf_ip a <<LINES
addr add $INNER_A/24 dev lo
addr add $INNER6_A/64 dev lo nodad
route add $NET_B via $OUTER_B src $INNER_A
route add $NET6_B via $OUTER6_B src $INNER6_A
LINES
  conf_ip b <<LINES
addr add $INNER_B/24 dev lo
addr add $INNER6_B/64 dev lo nodad
route add $NET_A via $OUTER_A src $INNER_B
route add $NET6_A via $OUTER6_A src $INNER6_B
LINES
}

net_sites() {
  tunnel_defaults
  topo_host a b ha hb
  topo_router a b
  topo_wire wire
  topo_plug a eth0 "$OUTER_A/24,$OUTER6_A/64" wire
  topo_plug b eth0 "$OUTER_B/24,$OUTER6_B/64" wire
  topo_link a eth1 "$INNER_A/24,$INNER6_A/64" ha eth0 "10.1.0.9/24,fd00:1::9/64"
  topo_link b eth1 "$INNER_B/24,$INNER6_B/64" hb eth0 "10.2.0.9/24,fd00:2::9/64"
  printf '%s\n' "route add default via $INNER_A" "route add default via $INNER6_A" | conf_ip ha
  printf '%s\n' "route add default via $INNER_B" "route add default via $INNER6_B" | conf_ip hb
  printf '%s\n' "route add $NET_B via $OUTER_B" "route add $NET6_B via $OUTER6_B" | conf_ip a
  printf '%s\n' "route add $NET_A via $OUTER_A" "route add $NET6_A via $OUTER6_A" | conf_ip b
}

net_nat() {
  tunnel_defaults
  addr_a=$NATTED_A peer_b=any
  topo_host a nat b
  topo_router nat
  topo_wire wire
  topo_link a eth0 "$NATTED_A/24" nat eth1 172.16.9.1/24
  topo_plug nat eth0 "$OUTER_A/24" wire
  topo_plug b eth0 "$OUTER_B/24" wire
  topo_nat nat eth0 20000-20999
  conf_ip a <<LINES
addr add $INNER_A/24 dev lo
route add default via 172.16.9.1
route add $NET_B via 172.16.9.1 src $INNER_A
LINES
  conf_ip b <<LINES
addr add $INNER_B/24 dev lo
route add $NET_A via $OUTER_A src $INNER_B
LINES
}
