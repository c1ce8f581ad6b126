# SPDX-License-Identifier: ISC
# The installed unit under a real systemd: users, sandbox and tunnel; reload, deaths, watchdog, restart and stop.
# Needs: iked, systemd-analyze, cmake
# Where: systemd
# Limit: 420
net_pair
kernel_note a b
cmake --install "$BUILD" --prefix /usr >"$OUT/install.log" 2>&1 || skip "not all of the build is there: ninja"
systemd-sysusers
configure iked b passive
configure iked a active
install -m 640 -o root -g _iked-keeper "$T/a/iked.conf" /etc/iked.conf
# The unit as it is, in the network of host a.
mkdir -p /run/systemd/system/iked.service.d
printf '[Service]\nNetworkNamespacePath=/run/netns/a\n' >/run/systemd/system/iked.service.d/case.conf
systemctl daemon-reload
systemctl start dbus.service

property() { systemctl show -P "$1" iked.service; }
is_active() { [ "$(property ActiveState)/$(property SubState)" = active/running ]; }
journal() { journalctl -q --no-pager -u iked.service -o cat >"$OUT/a.log"; }
journal_has() { journal && has "$OUT/a.log" "$@"; }
processes() {  # sets PID[name]
  local pid name
  PID=()
  for pid in $(</sys/fs/cgroup/system.slice/iked.service/cgroup.procs); do
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
    PID[$name]=$pid
  done
}
has_three() { processes && [ "${#PID[@]}" = 3 ]; }
status_of() {  # NAME FIELD
  local field value
  while read -r field value; do
    if [ "$field" = "$2:" ]; then echo "${value%%[[:space:]]*}"; fi
  done <"/proc/${PID[$1]}/status"
}
declare -A PID

step "start"
wire_start wire
peer_start iked b
systemctl start iked.service || { journal; fail "it does not start"; }
check "not active" is_active
check "status: $(property StatusText)" grep -q '^Serving' <<<"$(property StatusText)"
tunnel_works
check "ikectl" grep -q ESTABLISHED <<<"$(ikectl show sa)"
wait_for 20 "org.iked1 on the bus" busctl --no-pager status org.iked1

step "who runs as whom, and what each may do"
wait_for 20 "three processes" has_three
for name in iked iked-keeper iked-starter; do
  echo "$name: uid $(status_of "$name" Uid), capabilities $(status_of "$name" CapEff), seccomp $(status_of "$name" Seccomp)"
  check "$name has new privileges" [ "$(status_of "$name" NoNewPrivs)" = 1 ]
  check "$name has no filter" [ "$(status_of "$name" Seccomp)" = 2 ]
done
check "user of iked" [ "$(status_of iked Uid)" = "$(id -u _iked)" ]
check "user of the keeper" [ "$(status_of iked-keeper Uid)" = "$(id -u _iked-keeper)" ]
check "user of the starter" [ "$(status_of iked-starter Uid)" = "$(id -u _iked-starter)" ]
check "capabilities of the starter" [ "$(status_of iked-starter CapEff)" = 00000000000000c0 ]
check "capabilities of iked" [ "$(status_of iked CapEff)" = 0000000000001400 ]
check "capabilities of the keeper" [ "$(status_of iked-keeper CapEff)" = 0000000000000000 ]
check "the main process" [ "$(property MainPID)" = "${PID[iked]}" ]
systemd-analyze --no-pager security iked.service >"$OUT/security.log" || :
tail -n 1 "$OUT/security.log"
check "more exposed than it was" systemd-analyze --no-pager security --threshold=20 iked.service >/dev/null

step "reload"
before=$(property MainPID)
{ cat "$T/a/iked.conf"; echo 'ikev2 "second" passive esp from 10.77.0.0/24 to 10.78.0.0/24 peer 192.0.2.77 psk "chieK6-aiph"'; } >/etc/iked.conf
systemctl reload iked.service
wait_for 20 "the new policy" grep -q second <<<"$(ikectl show policy)"
check "it began anew" [ "$(property MainPID)" = "$before" ]
echo 'ikev2 "broken' >/etc/iked.conf
systemctl reload iked.service || :
wait_for 20 "a line about the mistake" journal_has iked.conf:1
check "a broken file has ended it" is_active
cp "$T/a/iked.conf" /etc/iked.conf
tunnel_works

step "the keeper dies"
processes
kill -KILL "${PID[iked-keeper]}"
wait_for 30 "the next keeper" journal_has 'iked-keeper is back'
check "the service noticed" [ "$(property MainPID)/$(property NRestarts)" = "$before/0" ]

step "the keeper hangs in the middle of a handshake"
processes
kill -STOP "${PID[iked-keeper]}"
ikectl reset sa
wait_for 60 "it is ended" journal_has 'it is ended and started again'
tunnel_works

step "iked dies: systemd starts it again, and no packet is lost"
steady_traffic a
kill -KILL "$before"
wait_for 30 "another process" bash -c "[ \"\$(systemctl show -P MainPID iked.service)\" != $before ] && systemctl is-active -q iked.service"
wait_for 30 "the tunnel" bash -c "ikectl show sa | grep -q ESTABLISHED"
check "restarts" [ "$(property NRestarts)" = 1 ]
wait_for 30 "one pair of SAs on a" esp_pair a "$addr_a"
steady_traffic_end
grep 'packet loss' "$OUT/steady-a.log"
check "packets were lost" grep -q ' 0% packet loss' "$OUT/steady-a.log"
wait_for 20 "three processes" has_three

step "iked hangs: the watchdog ends it"
before=$(property MainPID)
kill -STOP "$before"
wait_for 90 "another process" bash -c "[ \"\$(systemctl show -P MainPID iked.service)\" != $before ] && systemctl is-active -q iked.service"
tunnel_works

step "restart"
deletes() { grep -c 'the peer deleted it' "$(peer_log b)" || :; }
told=$(deletes)
before=$(property MainPID)
systemctl restart iked.service
refuse "the same process" [ "$(property MainPID)" = "$before" ]
tunnel_works

check "b was told of an end" [ "$(deletes)" = "$told" ]

step "restart with ESP in UDP: no packet is lost, because the ports stay open"
printf '[Service]\nNetworkNamespacePath=/run/netns/a\nExecStart=\nExecStart=/usr/sbin/iked -t\n' >/run/systemd/system/iked.service.d/case.conf
systemctl daemon-reload
systemctl restart iked.service
wait_for 30 "the tunnel" bash -c "ikectl show sa | grep -q ESTABLISHED"
encapsulated() { esp_pair a "$addr_a" && [ "$(ip -n a xfrm state list proto esp | grep -c 'encap type espinudp')" = 2 ]; }
wait_for 30 "encapsulated SAs" encapsulated
esp_check a "$addr_a" "$inner_a" b "$addr_b" "$inner_b"
for how in restart restart kill; do
  steady_traffic a
  before=$(property MainPID) old=$(spis a "$addr_a")
  if [ $how = restart ]; then systemctl restart iked.service; else kill -KILL "$before"; fi
  wait_for 60 "other SAs" spis_changed a "$addr_a" "$old"
  wait_for 60 "one pair of SAs on a" esp_pair a "$addr_a"
  steady_traffic_end
  grep 'packet loss' "$OUT/steady-a.log"
  check "packets were lost" grep -q ' 0% packet loss' "$OUT/steady-a.log"
done
journal_has 'handing over' || fail "no word of handing over"

step "stop"
systemctl stop iked.service
check "result $(property Result)" [ "$(property Result)" = success ]
group=/sys/fs/cgroup/system.slice/iked.service/cgroup.procs
if [ -e "$group" ]; then check "processes are left" [ -z "$(cat "$group")" ]; fi
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
journal
