# SPDX-License-Identifier: ISC
# After several handshakes the memory of iked has no pre-shared key and no password, that of its keeper no session key.
# Needs: iked, python3
net_pair
key_a=planted-Key-4711-west key_b=planted-Key-4711-west
planted=planted-Password-0815
name=planted-policy-name
for host in a b; do
  start=passive
  if [ "$host" = a ]; then start=active; fi
  { config_text iked $host $start; echo "user \"ann\" \"$planted\""; } | peer_config iked $host
done
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works

keeper_of() {  # HOST: sets KEEPER
  local pid name
  KEEPER=
  for pid in $(ip netns pids "$1"); do
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
    if [ "$name" = iked-keeper ]; then KEEPER=$pid; fi
  done
}
esp_keys() { ip -n "$1" xfrm state | grep -oE '0x[0-9a-f]{32,}'; }
other_spis() { local now; now=$(spis a "$addr_a"); case $now in *in*out*) [ "$now" != "$1" ] ;; *) return 1 ;; esac; }

keys=$(esp_keys a)
for round in 1 2 3; do
  step "handshake $round"
  before=$(spis a "$addr_a")
  ikectl_on a reset sa
  wait_for 60 "new SAs" other_spis "$before"
  wait_for 60 "one pair on a" esp_pair a "$addr_a"
  keys+=" $(esp_keys a)"
done
ikectl_on b reload
tunnel_works
check "no session keys to look for" [ "$(wc -w <<<"$keys")" -ge 8 ]

memory() { python3 "$here/lib/memory.py" "$@"; }
for host in a b; do
  step "iked on $host"
  found=$(memory "${PEER_PIDS[$host]}" "$key_a" "$planted" "$name")
  check "iked has: $found" [ "$found" = "$name" ]
  step "its keeper"
  keeper_of $host
  # shellcheck disable=SC2086
  found=$(memory "$KEEPER" "$key_a" "$planted" "$name" $keys)
  check "the keeper has: $found" [ "$found" = "$key_a
$planted
$name" ]
  check "the keeper is not a user of its own" grep -qE '^Uid:\s64912' "/proc/$KEEPER/status"
  check "iked is not _iked" grep -qE "^Uid:\s$(id -u _iked)\s" "/proc/${PEER_PIDS[$host]}/status"
done

step "what a process in iked's place may do"
probe=$BUILD/tests/sandbox_probe
if [ -x "$probe" ]; then
  ip netns add probe
  ip netns exec probe "$probe" iked "$T/a/iked.conf" /run/iked-probe.sock >"$OUT/probe.run" 2>&1
  expect_line "$OUT/probe.run" "uid $(id -u _iked)"
  for what in open-config open-shadow execve ptrace tcp-connect; do expect_line "$OUT/probe.run" "$what refused E"; done
  refuse "something is allowed" grep -E 'ALLOWED|BROKEN' "$OUT/probe.run"
fi
peer_stop a
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
