# SPDX-License-Identifier: ISC
# What iked cannot start with: each time one clear line, exit status 1, and nothing left behind.
# Needs: iked, python3, setpriv
net_pair
configure iked a passive
kernel_plant a
kernel_note a

refused() {  # TEXT WORD...: the output of the last start has a line with all the words, and not many lines at all
  local text=$1 lines
  shift
  expect_line "$OUT/a.run" "$@"
  lines=$(grep -vc ' debug: ' "$OUT/a.run")
  [ "$lines" -le 4 ] || fail "$text: $lines lines of output"
  clean_check a
}

step "UDP port 500 in use"
cat >"$T/hold.py" <<'PYTHON'
import socket, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 500))
print("held", flush=True)
time.sleep(600)
PYTHON
caps=-all,+net_bind_service
privileges=(--bounding-set "$caps" --inh-caps "$caps" --ambient-caps "$caps")
ip netns exec a setpriv --reuid 4711 --clear-groups "${privileges[@]}" python3 "$T/hold.py" >"$T/held" &
holder=$!
wait_for 30 "the port is held" grep -q held "$T/held"
rc=0; iked_on a || rc=$?
check "exit status $rc" [ "$rc" = 1 ]
refused "port in use" 500 4711 'in use'
kill $holder
wait $holder || :

step "a file that others may read"
chmod 644 "$T/a/iked.conf"
rc=0; iked_on a || rc=$?
check "exit status $rc" [ "$rc" = 1 ]
refused "readable by others" "$T/a/iked.conf"

step "a file that is not there"
rm "$T/a/iked.conf"
rc=0; iked_on a || rc=$?
check "exit status $rc" [ "$rc" = 1 ]
refused "no file" "$T/a/iked.conf" 'No such file'

step "an unknown word"
peer_config iked a <<<'ikev2 "t" esp from 10.1.0.0/24 to 10.2.0.0/24 pear 192.0.2.2 psk "ohV4a-very-secret"'
rc=0; iked_on a || rc=$?
check "exit status $rc" [ "$rc" = 1 ]
expect_line "$OUT/a.run" "$T/a/iked.conf:1:" pear
expect_line "$OUT/a.run" peer
refuse "the key is shown" grep -q 'very-secret' "$OUT/a.run"
clean_check a

step "no privileges for XFRM"
configure iked a passive
chown 65534 "$T" "$T/a" "$T/a/iked.conf"
rc=0
ip netns exec a setpriv --reuid 65534 --clear-groups "${privileges[@]}" \
  timeout 20 "$BUILD/iked" -d -v -f "$T/a/iked.conf" -s "$T/a/sock" >"$OUT/a.run" 2>&1 || rc=$?
check "exit status $rc" [ "$rc" = 1 ]
refused "no privileges" CAP_NET_ADMIN
chown -R 0 "$T"

step "a second one with the same socket"
peer_start iked a
kernel_list a >"$T/first"
rc=0; iked_on a || rc=$?
check "exit status $rc" [ "$rc" = 1 ]
expect_line "$OUT/a.run" "already running" "${PEER_PIDS[a]}"
check "the first one does not answer any more" ikectl_on a show sa
kernel_list a | diff "$T/first" - || fail "the second one changed the kernel of the first"
peer_stop a
clean_check a
