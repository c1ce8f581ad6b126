# SPDX-License-Identifier: ISC
# A policy for everything between the two gateways themselves: IKE still passes, in clear UDP, in both directions.
# Needs: iked, strongswan
# Limit: 240
net_pair
mode=transport inner_a=$OUTER_A inner_b=$OUTER_B net_a=$OUTER_A net_b=$OUTER_B

# An IKE packet on the wire after the first ESP packet, from port 500, or 4500 where strongSwan moved to it.
ike_after_esp() {  # FROM TO
  awk -v from="$1." -v to="$2." '
    /ESP\(spi=/ { esp = 1 }
    esp && /isakmp/ && index($3, from) == 1 && index($5, to) == 1 { found = 1 }
    END { exit !found }' "$OUT/wire.wire"
}

for pair in "iked iked" "iked strongswan" "strongswan iked"; do
  read -r kind_a kind_b <<<"$pair"
  step "$kind_a with $kind_b"
  configure "$kind_a" a active
  configure "$kind_b" b passive
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  step "stop: the Delete and its answer pass"
  peer_stop a
  wait_no_sa b "$addr_b"
  wire_stop wire
  check "no IKE from a after ESP" ike_after_esp "$OUTER_A" "$OUTER_B"
  check "no IKE from b after ESP" ike_after_esp "$OUTER_B" "$OUTER_A"
  wire_esp wire "$OUTER_A" "$OUTER_B"
  check "no ESP on the wire" [ "$WIRE_ESP" -ge $((2 * PINGS)) ]
  wire_no_clear wire
  peer_stop b
  clean_check a b
done
