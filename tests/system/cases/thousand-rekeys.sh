# SPDX-License-Identifier: ISC
# A thousand rekeys under a hundred streams of pings, of which not one is lost. On half of the tunnels both sides rekey.
# Needs: iked
# Limit: 500
net_pair
tunnels=100 wanted=1000
tunnel() {  # N: the variables of lib/configs.sh for tunnel N
  name=t$1 inner_a=10.1.$1.1 inner_b=10.2.$1.1 net_a=10.1.$1.0/24 net_b=10.2.$1.0/24
  id_a=a$1.example.com id_b=b$1.example.com
  life_a="30 120" life_b=
  [ $(($1 % 2)) = 0 ] || life_b="30 130"
}
each() {  # FUNCTION WORD...: once for each tunnel
  local n
  for n in $(seq $tunnels); do
    tunnel "$n"
    "$@"
  done
}
inner_address() { printf '%s\n' "addr add ${!1}/32 dev lo" "route add ${!2} dev eth0 src ${!1}"; }
each inner_address inner_a net_b | conf_ip a
each inner_address inner_b net_a | conf_ip b
each config_text iked a active | peer_config iked a
each config_text iked b passive | peer_config iked b

# What "ip xfrm monitor" would count is in the logs: one line for each new child, and one for each new IKE SA.
count() { grep -c "$2" "$(peer_log "$1")" || :; }
all_up() { [ "$(count a 'IKE SA up')" -ge $tunnels ] && [ "$(esp_table b | wc -l)" -ge $((2 * tunnels)) ]; }
enough() { [ $(($(count a 'child SA up') - begun)) -ge $wanted ]; }

wire_start wire
peer_start iked b
peer_start iked a
wait_for 120 "all tunnels" all_up
step "streams of pings until $wanted child SAs were rekeyed"
begun=$(count a 'child SA up') ikes=$(count a 'IKE SA rekeyed') began=$SECONDS
streams=()
stream() {
  ip netns exec a ping -q -n -i 1 -I "$inner_a" "$inner_b" >"$T/$name.pings" 2>&1 &
  streams+=($!)
}
each stream
wait_for 450 "$wanted rekeys" enough
kill -INT "${streams[@]}"
wait "${streams[@]}" || :
step "$(($(count a 'child SA up') - begun)) child SAs and $(($(count a 'IKE SA rekeyed') - ikes)) IKE SAs rekeyed in $((SECONDS - began)) s"
check "no IKE SA was rekeyed" [ "$(count a 'IKE SA rekeyed')" -gt "$ikes" ]
check "tunnels were given up for new ones" [ "$(count a 'IKE SA up')" = $tunnels ]
# SIGINT may come between a ping and its answer.
answered() {
  local sent received
  read -r sent received < <(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$T/$name.pings")
  all_sent=$((all_sent + sent)) all_received=$((all_received + received))
  check "pings lost on $name: $sent sent, $received answered" [ $((sent - received)) -le 1 ]
}
all_sent=0 all_received=0
each answered
step "$all_sent pings, $all_received answered"
check "hardly any pings" [ "$all_sent" -ge $((tunnels * 50)) ]
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
# A busy machine loses packets of the capture.
wire_esp wire "$OUTER_A" "$OUTER_B"
check "no ESP there" [ "$WIRE_ESP" -ge $((all_received / 2)) ]
wire_esp wire "$OUTER_B" "$OUTER_A"
check "no ESP back" [ "$WIRE_ESP" -ge $((all_received / 2)) ]
wire_no_clear wire
clean_check a b
