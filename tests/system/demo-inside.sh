# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# The part of scripts/demo that runs where nothing can be broken: in a guest, or in fresh namespaces. $BUILD has the
# programs, $BOLD and $PLAIN what makes a title stand out.
for part in rig/topo.sh lib/case.sh lib/checks.sh; do
  # shellcheck disable=SC1090
  . "$system/$part"
done
T=/run/demo OUT=/run/demo
mkdir -p "$T"

left_conf='ikev2 "to-right" active esp from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 local 192.0.2.1 srcid left.example.com dstid right.example.com psk "a secret for the demo"'
right_conf='ikev2 "to-left" esp from 10.2.0.0/24 to 10.1.0.0/24 peer 192.0.2.1 local 192.0.2.2 srcid right.example.com dstid left.example.com psk "a secret for the demo"'

title() { printf '\n%s== %s%s\n\n' "$BOLD" "$1" "$PLAIN"; }
show() { sed 's/^/    /'; }
run() { echo "  \$ $*"; "$@" 2>&1 | show; }

fail() {
  echo
  echo "scripts/demo FAILED: $*"
  for host in left right; do
    [ -s "$T/$host.log" ] && { echo "the log of $host:"; tail -n 40 "$T/$host.log" | show; }
  done
  exit 1
}

declare -A DAEMON
start() {  # HOST CONFIGURATION
  (umask 077; echo "$2" >"$T/$1.conf")
  ip netns exec "$1" "$BUILD/iked" -d -v -f "$T/$1.conf" -s "/run/$1.sock" >"$T/$1.log" 2>&1 </dev/null &
  DAEMON[$1]=$!
}
ended() { ! kill -0 "${DAEMON[$1]}" 2>/dev/null; }
established() { "$BUILD/ikectl" -s "/run/$1.sock" show sa | grep -q ' ESTABLISHED '; }
both_established() { ended left || ended right || { established left && established right && has_tunnel left 192.0.2.1; }; }

title "1. Two hosts and a wire between them (kernel $(uname -r))"
topo_host left right
topo_wire wire
topo_plug left eth0 192.0.2.1/24 wire
topo_plug right eth0 192.0.2.2/24 wire
conf_ip left <<<"addr add 10.1.0.1/24 dev lo
route add 10.2.0.0/24 via 192.0.2.2 src 10.1.0.1"
conf_ip right <<<"addr add 10.2.0.1/24 dev lo
route add 10.1.0.0/24 via 192.0.2.1 src 10.2.0.1"
cat <<'PICTURE'
      10.1.0.0/24                  the wire, where we listen                 10.2.0.0/24
    [ left  192.0.2.1 ] ------------------------------------------- [ 192.0.2.2  right ]
PICTURE
wire_start wire

title "2. One line of iked.conf on each host, and iked started on both"
echo "  left:"
fold -s -w 100 <<<"$left_conf" | show
echo "  right:"
fold -s -w 100 <<<"$right_conf" | show
start right "$right_conf"
start left "$left_conf"
wait_for 60 "the tunnel is up" both_established
if ended left || ended right; then fail "an iked ended"; fi

title "3. Pings from one network to the other"
run ip netns exec left ping -n -c 5 -i 0.2 -I 10.1.0.1 10.2.0.1
pings=$(ip netns exec left ping -n -q -c 5 -i 0.2 -I 10.1.0.1 10.2.0.1 | sed -n 's/.* \([0-9]*\) received.*/\1/p')
[ "$pings" = 5 ] || fail "only ${pings:-0} of 5 more pings were answered"

title "4. What somebody on the wire saw of it"
wire_stop wire
wire_esp wire 192.0.2.1 192.0.2.2
there=$WIRE_ESP
wire_esp wire 192.0.2.2 192.0.2.1
back=$WIRE_ESP
clear=$(wire_clear wire | wc -l || :)
echo "  First the negotiation (IKEv2), then only ESP:"
sed 's/^[0-9.]* //' "$T/wire.wire" | grep -E 'isakmp|ESP' | head -n 10 | show
echo "  In all $there ESP packets from left to right and $back back; of the pings in clear: $clear."
[ "$there" -ge 10 ] && [ "$back" -ge 10 ] || fail "the pings did not cross the wire as ESP"
[ "$clear" = 0 ] || fail "$clear packets crossed the wire in clear"

title "5. What iked put into the kernel of left (keys hidden)"
run ip -n left xfrm state list nokeys
run ip -n left xfrm policy list nosock

title "6. What iked says about it"
run "$BUILD/ikectl" -s /run/left.sock show sa

title "7. Stopping left; its log from start to end"
ikes=$("$BUILD/ikectl" -s /run/right.sock show sa | grep -c ' ESTABLISHED ')
kill -TERM "${DAEMON[left]}"
wait_for 30 "left ends" ended left
wait_for 30 "right has heard of it" no_sa right 192.0.2.2
kill -TERM "${DAEMON[right]}"
wait_for 30 "right ends" ended right
show <"$T/left.log"
for host in left right; do
  [ -z "$(ip -n $host xfrm state)$(ip -n $host xfrm policy)" ] || fail "SAs or policies were left in the kernel of $host"
done

title "What just happened"
cat <<TEXT
  left was told to be active, so it called right: two messages agreed on keys that were never sent, two more proved on
  both sides that the other knows the pre-shared key. That made $ikes IKE SA and a pair of ESP SAs, which the iked of each host
  put into its kernel, together with policies that say which packets must use them. From then on the kernels did the
  work: all 10 pings and all their answers crossed the wire inside of $((there + back)) encrypted ESP packets, and not one in clear.
  Then left was stopped: it told right so, and both kernels are as empty as before.

  The demo SUCCEEDED.
TEXT
