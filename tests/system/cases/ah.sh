# SPDX-License-Identifier: ISC
# AH instead of ESP: packets are readable, but every one is authenticated. iked with iked and with strongSwan.
# Needs: iked, strongswan
# Limit: 240
net_pair

protocol=ah
for row in "iked iked tunnel sha256-noesn" "iked strongswan tunnel sha512-noesn" "strongswan iked tunnel sha384-noesn" \
  "iked strongswan transport sha1-noesn" "strongswan iked transport sha256-noesn"; do
  read -r kind_a kind_b mode esp_a <<<"$row"
  esp_b=$esp_a
  if [ "$mode" = transport ]; then inner_a=$OUTER_A inner_b=$OUTER_B net_a=$OUTER_A net_b=$OUTER_B; fi
  step "$kind_a with $kind_b, $mode mode, $esp_a"
  configure "$kind_a" a active
  configure "$kind_b" b passive
  wire_start wire
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  tunnel_works
  peer_stop a
  if [ "$kind_a" = iked ]; then wait_no_sa b "$addr_b"; fi
  peer_stop b
  wire_stop wire
  check "no AH on the wire" grep -q 'AH(spi=' "$OUT/wire.wire"
  refuse "pings that are not authenticated" eval "grep -v 'AH(spi=' '$OUT/wire.wire' | grep -q 'ICMP echo'"
  if [ "$kind_a" = iked ]; then clean_check a; fi
  if [ "$kind_b" = iked ]; then clean_check b; fi
done
