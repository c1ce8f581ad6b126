# SPDX-License-Identifier: ISC
# Our network is another one for the peer: what nat-into-tunnel.conf and .nft of docs/examples do, and that nothing ever
# leaves in clear, neither with the old addresses nor with the new one.
# Needs: iked, nft
net_sites
nat=10.10.10.1
printf 'route add %s via %s\n' $nat "$OUTER_A" | conf_ip b
on a nft add table inet probe 2>/dev/null || skip "this kernel has no nft"
on a nft delete table inet probe

sed "s/192\.168\.1\.0/10.1.0.0/; s/192\.168\.2\.0/10.2.0.0/" "$here/../../docs/examples/nat-into-tunnel.nft" | on a nft -f - ||
  fail "nat-into-tunnel.nft does not load"
on hb nft -f - <<RULES
table ip seen { chain input { type filter hook input priority 0; icmp type echo-request ip saddr $nat counter; }; }
RULES

step "without a tunnel nothing passes"
wire_start wire
refuse "a packet went through without a tunnel" on ha ping -n -q -c 2 -i 0.2 -W 1 10.2.0.9
net_a="$nat (10.1.0.0/24)" configure iked a active
net_a=$nat configure iked b passive
peer_start iked b
peer_start iked a
wait_tunnel a "$addr_a" b "$addr_b"

step "with it the other side sees the new address"
esp_table a >"$T/before"
for round in 1 2; do  # as many packets as when both sides ping
  ping_from ha 10.1.0.9 10.2.0.9 || fail "no ping through the tunnel, round $round"
done
esp_table a >"$T/after"
esp_moved a "$addr_a" "$T/before" "$T/after" || fail "pings without ESP"
on hb nft list table ip seen >"$T/seen"
check "the other side sees other addresses" has "$T/seen" "counter packets $((2 * PINGS)) "

step "the tunnel ends, and nothing passes again"
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
refuse "a packet went through without a tunnel" on ha ping -n -q -c 2 -i 0.2 -W 1 10.2.0.9
wire_stop wire
wire_no_clear wire
clean_check a b
