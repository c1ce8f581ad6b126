# SPDX-License-Identifier: ISC
# 200 tunnels come up, each at the first try, over a wire that loses 5%, delays by 50 ms, doubles and reorders packets.
# Needs: iked
# Limit: 400
net_pair
tunnels=200
tunnel() {  # N: the variables of lib/configs.sh for tunnel N
  name=t$1 net_a=10.1.$1.0/24 net_b=10.2.$1.0/24 id_a=a$1.example.com id_b=b$1.example.com
}
each() {  # FUNCTION WORD...: once for each tunnel
  local n
  for n in $(seq $tunnels); do
    tunnel "$n"
    "$@"
  done
}
each config_text iked a active | peer_config iked a
each config_text iked b passive | peer_config iked b
for side in a b; do
  topo_netem wire "p_$side" delay 50ms 20ms loss 5% duplicate 5% reorder 25% 50% limit 10000 ||
    skip "the guest's kernel has no netem"
done

# One line each in the log of whoever calls.
count() { grep -c "$1" "$(peer_log a)" || :; }
all_up() { [ "$(count 'child SA up')" -ge $tunnels ]; }
pairs() { [ "$(esp_table "$1" | wc -l)" = $((2 * tunnels)) ]; }

peer_start iked b
peer_start iked a
wait_for 300 "all tunnels" all_up
step "$(count 'child SA up') of $tunnels came up, $(count 'no IKE SA') calls failed"
check "a call failed" [ "$(count 'no IKE SA')" = 0 ]
check "a tunnel needed a second call" [ "$(count 'IKE SA up')" = $tunnels ]
wait_for 60 "one pair of SAs for each on a" pairs a
wait_for 60 "one pair of SAs for each on b" pairs b
step "and all of them end"
peer_stop a
peer_stop b KILL
ip -n b xfrm state flush
ip -n b xfrm policy flush
clean_check a
