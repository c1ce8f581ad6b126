# SPDX-License-Identifier: ISC
# iked or its keeper is killed a hundred times, on either side: no packet of a stream is lost, none leaves in clear.
# Needs: iked, python3
# Limit: 900
net_pair
configure iked a active
configure iked b active
kernel_note a b
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works
wait_for 60 "one pair of SAs on a" esp_pair a "$addr_a"
wait_for 60 "one pair of SAs on b" esp_pair b "$addr_b"

keeper_of() {  # HOST: sets KEEPER
  local pid name
  KEEPER=
  for pid in $(ip netns pids "$1"); do
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
    if [ "$name" = iked-keeper ]; then KEEPER=$pid; fi
  done
}
backs() { grep -c 'iked-keeper is back' "$(peer_log "$1")" || :; }
is_back() { [ "$(backs "$1")" -gt "$2" ]; }
pause() { nap "0.$(printf %03d $((RANDOM % 300)))"; }
stream() {  # HOST FROM TO
  ip netns exec "$1" ping -q -n -i 0.02 -I "$2" "$3" >"$OUT/stream-$1.log" 2>&1 &
  STREAM[$1]=$!
}
declare -A STREAM KILLED=([iked]=0 [keeper]=0)

step "100 times, under pings both ways"
stream a "$inner_a" "$inner_b"
stream b "$inner_b" "$inner_a"
for round in {1..100}; do
  pause
  host=a
  [ $((RANDOM % 2)) = 0 ] || host=b
  if [ $((RANDOM % 2)) = 0 ]; then
    KILLED[keeper]=$((KILLED[keeper] + 1))
    keeper_of "$host"
    check "round $round: no keeper on $host" [ -n "$KEEPER" ]
    before=$(backs "$host")
    kill -KILL "$KEEPER"
    wait_for 30 "round $round: the keeper of $host comes back" is_back "$host" "$before"
  else
    KILLED[iked]=$((KILLED[iked] + 1))
    peer_stop "$host" KILL
    peer_start iked "$host"
    wait_for 60 "round $round: $host has its tunnel again" ike_is_up "$host"
  fi
done
for host in a b; do
  kill -INT "${STREAM[$host]}"
  wait "${STREAM[$host]}" || :
  grep 'packet loss' "$OUT/stream-$host.log"
  check "packets were lost" grep -q ' 0% packet loss' "$OUT/stream-$host.log"
done
echo "iked was killed ${KILLED[iked]} times, a keeper ${KILLED[keeper]} times"
check "not both were killed" [ "${KILLED[iked]}" -gt 0 -a "${KILLED[keeper]}" -gt 0 ]

step "what is left is one tunnel"
wait_for 60 "one pair of SAs on a" esp_pair a "$addr_a"
wait_for 60 "one pair of SAs on b" esp_pair b "$addr_b"
tunnel_works
# Neither a zombie nor a process of an earlier iked.
check "processes left on a" [ "$(ip netns pids a | wc -l)" = 3 ]

step "stop both"
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
