# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Stories that are told for several pairs of daemons: each function takes the KIND on a, the initiator, and that on b.

nat_case() {
  local kind_a=$1 kind_b=$2
  net_nat
  configure "$kind_a" a active
  configure "$kind_b" b passive
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  step "both kernels have ESP in UDP, the responder with the NAT's port"
  check "no encapsulation on a" has_encap a "$NATTED_A" 4500 "$OUTER_B" 4500
  check "no encapsulation on b" has_encap b "$OUTER_A" '20[0-9]{3}' "$OUTER_B" 4500
  step "stop $kind_a: its Delete finds $kind_b through the NAT"
  peer_stop a
  wait_no_sa b "$OUTER_B"
  peer_stop b
  wire_stop wire
  wire_esp wire "$OUTER_A" "$OUTER_B"
  check "no ESP from the NAT" [ "$WIRE_ESP" -ge $((2 * PINGS)) ]
  wire_esp wire "$OUTER_B" "$OUTER_A"
  check "no ESP to the NAT" [ "$WIRE_ESP" -ge $((2 * PINGS)) ]
  refuse "ESP was not in UDP" grep -E '[0-9]: ESP\(' "$OUT/wire.wire"
  refuse "the NAT is none" grep -E "$OUTER_A\.(500|4500) >" "$OUT/wire.wire"
  wire_no_clear wire
  clean_check a b
}

# One SA each way: "src SRC dst DST" with encap "sport N dport N"; ports are patterns.
has_encap() {
  local text
  text=$(ip -n "$1" xfrm state list nokeys | tr '\n' ' ')
  grep -qE "src $2 dst $4 [^!]*type espinudp sport $3 dport $5" <<<"${text//src /!src }" &&
    grep -qE "src $4 dst $2 [^!]*type espinudp sport $5 dport $3" <<<"${text//src /!src }"
}

# The side named first is active and comes back by itself when the other one is restarted.
restart_case() {
  local kind_a=$1 kind_b=$2 signal
  net_pair
  kernel_plant a
  kernel_note a
  configure "$kind_a" a active
  configure "$kind_b" b passive
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  for signal in TERM KILL; do restart_one a "$kind_a" "$signal"; done
  restart_one b "$kind_b" TERM
  # Nothing tells a that b was killed, so b has to begin.
  configure "$kind_b" b active
  restart_one b "$kind_b" KILL
  step "stop both: clean kernels"
  peer_stop a
  [ "$kind_b" = strongswan ] || wait_no_sa b "$addr_b"
  peer_stop b
  wire_stop wire
  wire_no_clear wire
  if [ "$kind_a" = iked ]; then clean_check a; fi
  if [ "$kind_b" = iked ]; then clean_check b; fi
}

restart_one() {  # HOST KIND SIGNAL
  local host=$1 kind=$2 signal=$3 addr=addr_$1 before
  before=$(spis "$host" "${!addr}")
  step "SIG$signal to $kind on $host"
  peer_stop "$host" "$signal"
  if [ "$signal" = TERM ]; then
    check "exit status $PEER_STATUS after SIGTERM" [ "$PEER_STATUS" = 0 ]
    check "SAs left after SIGTERM" no_sa "$host" "${!addr}"
  else
    # The kernels go on without the daemon: what is sent now is still protected.
    step "traffic while it is dead"
    esp_check a "$addr_a" "$inner_a" b "$addr_b" "$inner_b"
    # While iked comes back nothing may leave in clear: the wire is looked at in the end.
    if [ "$kind" = iked ]; then steady_traffic "$host"; fi
  fi
  peer_start "$kind" "$host"
  wait_for 90 "other SAs on $host" spis_changed "$host" "${!addr}" "$before"
  # strongSwan leaves the SAs of a killed one in the kernel, iked must not.
  if [ "${PEER_KIND[a]}" = iked ]; then wait_for 60 "one pair of SAs on a" esp_pair a "$addr_a"; fi
  if [ "${PEER_KIND[b]}" = iked ]; then wait_for 60 "one pair of SAs on b" esp_pair b "$addr_b"; fi
  if [ -n "$STEADY_PID" ]; then steady_traffic_end; fi
  tunnel_works
}

# From one host's inner address to the other's, ten packets a second, whether they arrive or not.
STEADY_PID=
steady_traffic() {  # HOST
  local from=inner_$1 to=inner_b
  if [ "$1" = b ]; then to=inner_a; fi
  ip netns exec "$1" ping -q -n -i 0.1 -I "${!from}" "${!to}" >"$OUT/steady-$1.log" 2>&1 &
  STEADY_PID=$!
}
steady_traffic_end() {
  kill -INT "$STEADY_PID"
  wait "$STEADY_PID" || true
  STEADY_PID=
}

spis_changed() {
  local now
  now=$(spis "$1" "$2")
  case $now in *in*out*) ;; *) return 1 ;; esac
  [ "$now" != "$3" ]
}

wrong_psk_case() {
  local kind_a=$1 kind_b=$2
  net_pair
  key_b=Theo8-iep6V-aiG2u
  configure "$kind_a" a active
  configure "$kind_b" b passive
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  if [ "$kind_b" = iked ]; then
    step "the responder says which policy, which peer, which ID"
    wait_for 60 "a line on b" has "$(peer_log b)" '"t"' "$OUTER_A" a.example.com psk
  fi
  if [ "$kind_a" = iked ]; then
    step "the initiator says what it was told and what it had sent"
    wait_for 60 "a line on a" has "$(peer_log a)" '"t"' "$OUTER_B" AUTHENTICATION_FAILED
    wait_for 60 "a line on a" has "$(peer_log a)" '"t"' a.example.com psk
  else
    wait_for 60 "the refusal on a" has "$(peer_log a)" "received AUTHENTICATION_FAILED"
  fi
  check "SAs in spite of the wrong key on a" no_sa a "$addr_a"
  check "SAs in spite of the wrong key on b" no_sa b "$addr_b"
  refuse "keys in the logs" grep -E 'Quoo5|Theo8' "$(peer_log a)" "$(peer_log b)"
  step "the right key: it comes up"
  peer_stop b
  key_b=$key_a
  configure "$kind_b" b passive
  peer_start "$kind_b" b
  # iked tries again by itself; strongSwan has to be told.
  if [ "$kind_a" = strongswan ]; then swanctl_on a --initiate --child t >>"$(peer_log a)"; fi
  wait_for 150 "a tunnel with the right key" has_tunnel a "$addr_a"
  tunnel_works
  peer_stop a
  peer_stop b
  wire_stop wire
  wire_no_clear wire
  clean_check a b
}

sites_case() {
  local kind_a=$1 kind_b=$2
  net_sites
  # Both flows in one policy. strongSwan takes lists with commas, iked.conf repeats from .. to.
  sites_config "$kind_a" a active
  sites_config "$kind_b" b passive
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  wait_tunnel a "$addr_a" b "$addr_b"
  step "forwarded packets of both families"
  sites_check 10.1.0.9 10.2.0.9
  sites_check fd00:1::9 fd00:2::9
  peer_stop a
  wait_no_sa b "$addr_b"
  peer_stop b
  wire_stop wire
  wire_no_clear wire
  clean_check a b
}

# shellcheck disable=SC2153
sites_config() {
  if [ "$1" = strongswan ]; then
    net_a=$NET_A,$NET6_A net_b=$NET_B,$NET6_B
  elif [ "$2" = a ]; then
    net_a=$NET_A net_b="$NET_B from $NET6_A to $NET6_B"
  else
    net_b=$NET_B net_a="$NET_A from $NET6_B to $NET6_A"
  fi
  configure "$@"
}

sites_check() {  # pings between the hosts, counted on the gateways
  local host
  for host in a b; do esp_table $host >"$T/$host.before"; done
  ping_from ha "$1" "$2" && ping_from hb "$2" "$1" || fail "no ping from site to site"
  for host in a b; do esp_table $host >"$T/$host.after"; done
  esp_moved a "$addr_a" "$T/a.before" "$T/a.after" && esp_moved b "$addr_b" "$T/b.before" "$T/b.after" ||
    fail "pings without ESP"
}

# IKE_AUTH is larger than a packet may be: RFC 7383. Then nothing else comes through.
fragmentation_case() {
  local kind_a=$1 kind_b=$2 letters port fits length=400
  net_pair
  # strongSwan finds no key for longer ones; then only the request has parts.
  [ "$kind_a$kind_b" = ikediked ] || length=230
  letters=$(printf "%0${length}d" 0)
  id_a=a${letters//0/a}.example.com
  id_b=b${letters//0/b}.example.com
  fragmenting_config "$kind_a" a active
  fragmenting_config "$kind_b" b passive
  wire_start wire
  STRONGSWAN_EXTRA='fragment_size = 576'
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  peer_stop a
  peer_stop b
  wire_stop wire
  check "the request is not in parts" [ "$(grep -c 'child_sa *ikev2_auth\[I\]' "$OUT/wire.wire")" -ge 2 ]
  [ "$length" = 230 ] || check "the answer is not in parts" [ "$(grep -c 'child_sa *ikev2_auth\[R\]' "$OUT/wire.wire")" -ge 2 ]
  wire_no_clear wire
  # strongSwan's first message has over 1000 octets and cannot be in parts.
  fits=600
  [ "$kind_a" != strongswan ] || fits=1100
  step "packets above $fits octets vanish on the way"
  for port in $(on wire ls /sys/class/net/br0/brif); do ip -n wire link set "$port" mtu "$fits"; done
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  peer_stop a
  peer_stop b
  clean_check a b
}

fragmenting_config() {  # KIND SIDE START
  {
    if [ "$1" = iked ]; then printf '%s\n' "set fragmentation" "set fragmentation_mtu 576"; fi
    config_text "$@"
  } | peer_config "$1" "$2"
}

# The host of the side that calls gets another address, twice, under a stream of pings: the tunnel goes with it. RFC 4555
mobike_case() {
  local kind_a=$1 kind_b=$2 elsewhere=192.0.2.77 host=b lost
  net_pair
  local_a=any
  [ "$kind_b" = iked ] || host=a
  configure "$kind_a" a active
  configure "$kind_b" b passive
  on a sysctl -qw net.ipv4.conf.all.promote_secondaries=1 net.ipv4.conf.eth0.promote_secondaries=1
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  ip netns exec a ping -q -n -i 0.05 -I "$inner_a" "$inner_b" >"$OUT/stream.log" 2>&1 &
  STEADY_PID=$!
  for addr_a in "$elsewhere" "$OUTER_A"; do
    step "a moves to $addr_a"
    ip -n a addr add "$addr_a/24" dev eth0
    nap 1
    if [ "$addr_a" = "$elsewhere" ]; then move_from=$OUTER_A; else move_from=$elsewhere; fi
    ip -n a addr del "$move_from/24" dev eth0
    wait_for 30 "SAs at the new address on a" has_tunnel a "$addr_a"
    wait_for 30 "SAs at the new address on b" peer_is_at "$addr_a"
    wait_for 30 "no SAs at the old address on a" no_sa a "$move_from"
    wait_for 30 "no SAs at the old address on b" no_sa b "$move_from"
    esp_check a "$addr_a" "$inner_a" b "$addr_b" "$inner_b"
  done
  steady_traffic_end
  sed -n 's/.* \([0-9]*\) received.*/  of the stream of pings \1 were answered/p' "$OUT/stream.log"
  lost=$(sed -n 's/\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 - \2/p' "$OUT/stream.log")
  step "lost: $((lost))"
  check "it was the same IKE SA all the time" [ "$(grep -c 'IKE SA up' "$(peer_log $host)")" = 1 ]
  peer_stop a
  wait_no_sa b "$addr_b"
  peer_stop b
  wire_stop wire
  wire_no_clear wire
  clean_check a b
}
peer_is_at() { ip -n b xfrm state list nokeys | grep -q "dst $1\$"; }

# The side named third gives its SAs so short a life that they are rekeyed all the time, under a stream of pings of which
# none may be lost.
rekey_case() {  # KIND_A KIND_B a|b|both
  local kind_a=$1 kind_b=$2 who=$3 host=a addr
  net_pair
  [ "$who" = b ] || life_a="8 30"
  [ "$who" = a ] || life_b="9 33"
  [ "$kind_a" = iked ] || host=b
  addr=addr_$host
  configure "$kind_a" a active
  configure "$kind_b" b passive
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  step "a stream of pings for ${REKEY_SECONDS:=40} seconds, while $who rekeys"
  ip netns exec a ping -q -n -i 0.05 -c $((REKEY_SECONDS * 20)) -I "$inner_a" "$inner_b" >"$OUT/stream.log" 2>&1 ||
    { cat "$OUT/stream.log"; fail "pings were lost"; }
  expect_line "$OUT/stream.log" ", 0% packet loss"
  local children ikes
  children=$(grep -c 'child SA up' "$(peer_log $host)") || :
  ikes=$(grep -c 'IKE SA rekeyed' "$(peer_log $host)") || :
  step "$children child SAs and $ikes new IKE SAs"
  check "the children were rekeyed" [ "$children" -ge $((REKEY_SECONDS / 12)) ]
  check "the IKE SA was rekeyed" [ "$ikes" -ge 1 ]
  check "the first child was not given up for a whole new tunnel" [ "$(grep -c 'IKE SA up' "$(peer_log $host)")" = 1 ]
  # ESP is counted on the wire in the end: the counters in the kernels go with each SA.
  wait_for 60 "one pair of SAs on $host" esp_pair $host "${!addr}"
  step "stop $kind_a: $kind_b hears of it"
  [ "$kind_a" != openiked ] || openikedctl_on a reset sa
  peer_stop a
  wait_no_sa b "$addr_b"
  peer_stop b
  wire_stop wire
  wire_esp wire "$OUTER_A" "$OUTER_B"
  check "no ESP there" [ "$WIRE_ESP" -ge $((REKEY_SECONDS * 20)) ]
  wire_esp wire "$OUTER_B" "$OUTER_A"
  check "no ESP back" [ "$WIRE_ESP" -ge $((REKEY_SECONDS * 20)) ]
  wire_no_clear wire
  clean_check "$host"
}
