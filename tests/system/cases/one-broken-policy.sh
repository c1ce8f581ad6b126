# SPDX-License-Identifier: ISC
# Two policies, one broken: the other tunnel is not disturbed by it, at start or later.
# Needs: iked
net_pair
printf 'addr add %s dev eth0\n' 192.0.2.3/24 | conf_ip a
printf 'addr add %s dev eth0\n' 192.0.2.4/24 | conf_ip b

broken() {  # SIDE START: a second tunnel, other addresses and networks, keys that differ
  local name=broken addr_a=192.0.2.3 addr_b=192.0.2.4 peer_a=192.0.2.4 peer_b=192.0.2.3
  local net_a=10.1.9.0/24 net_b=10.2.9.0/24 id_a=x.example.com id_b=y.example.com key_a=Iem2a-Ohh9e-xai3R key_b=Zoh7i-Ree4k-ooQ5w
  config_text iked "$1" "$2"
}

{ broken a active; config_text iked a active; } | peer_config iked a
{ config_text iked b passive; broken b passive; } | peer_config iked b
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works
wait_for 60 "the failure of the other one" has "$(peer_log a)" '"broken"' AUTHENTICATION_FAILED
wait_for 60 "the failure of the other one" has "$(peer_log b)" '"broken"' x.example.com
before=$(spis a "$addr_a")

step "it goes on failing"
wait_for 120 "a second failure" eval '[ "$(grep -c AUTHENTICATION_FAILED "$(peer_log a)")" -ge 2 ]'
check "the good tunnel was made anew" [ "$(spis a "$addr_a")" = "$before" ]
tunnel_works
check "SAs of the broken one" no_sa a 192.0.2.3
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
