# SPDX-License-Identifier: ISC
# ikectl reload and SIGHUP: a broken file changes nothing, what did not change keeps its SAs, new policies come up, old go.
# Needs: iked
net_pair
printf 'addr add %s dev eth0\n' 192.0.2.3/24 | conf_ip a
printf 'addr add %s dev eth0\n' 192.0.2.4/24 | conf_ip b

second() {  # SIDE START: another tunnel
  local name=second addr_a=192.0.2.3 addr_b=192.0.2.4 peer_a=192.0.2.4 peer_b=192.0.2.3
  local net_a=10.1.9.0/24 net_b=10.2.9.0/24 id_a=x.example.com id_b=y.example.com
  config_text iked "$1" "$2"
}

configure iked a active
{ config_text iked b passive; second b passive; } | peer_config iked b
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works
before=$(spis a "$addr_a")

step "a broken file: reload says where, and nothing changes"
{ config_text iked a active; echo 'ikev2 "x" esp frm 10.1.0.0/24'; } | peer_config iked a
rc=0
ikectl_on a reload >"$OUT/reload" 2>&1 || rc=$?
check "exit status $rc of reload" [ "$rc" = 1 ]
expect_line "$OUT/reload" "$T/a/iked.conf:2:"
check "new SAs after a broken file" [ "$(spis a "$addr_a")" = "$before" ]
step "the same with SIGHUP"
kill -HUP "${PEER_PIDS[a]}"
wait_for 30 "the error in the log" has "$(peer_log a)" "$T/a/iked.conf:2:"
tunnel_works
check "new SAs after a broken file" [ "$(spis a "$addr_a")" = "$before" ]

step "one policy more: it comes up, the first keeps its SAs"
{ second a active; config_text iked a active; } | peer_config iked a
ikectl_on a reload
wait_tunnel a 192.0.2.3 b 192.0.2.4
check "new SAs for a policy that did not change" [ "$(spis a "$addr_a")" = "$before" ]
tunnel_works

step "and gone again, by SIGHUP"
configure iked a active
kill -HUP "${PEER_PIDS[a]}"
wait_no_sa a 192.0.2.3
wait_no_sa b 192.0.2.4
check "new SAs for a policy that did not change" [ "$(spis a "$addr_a")" = "$before" ]
tunnel_works
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
