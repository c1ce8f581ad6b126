# SPDX-License-Identifier: ISC
# ikectl show sa in OpenIKED's shape on both sides; reset sa ends the tunnel on both, and the active side brings it back.
# Needs: iked
net_pair
configure iked a active
configure iked b passive
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works

show() {  # HOST i|r: what it shows is what the kernel has
  local spi
  ikectl_on "$1" show sa >"$OUT/show-$1"
  grep -qE "^iked_sas: .* ESTABLISHED $2 " "$OUT/show-$1" || fail "no established IKE SA with role $2"
  for spi in $(esp_table "$1" | cut -d' ' -f3); do
    grep -qE "^  sa_childsas: \S+ ESP $spi (in|out) " "$OUT/show-$1" || fail "the kernel's SA $spi is not shown"
  done
  [ "$(grep -cE '^  sa_childsas: \S+ (ESP|AH) 0x[0-9a-f]{8} (in|out) ' "$OUT/show-$1")" = 2 ] || fail "not two child SAs"
}
show a i
show b r
expect_line "$OUT/show-a" "$OUTER_A:" "$OUTER_B:" b.example.com
expect_line "$OUT/show-a" 10.1.0.0/24 10.2.0.0/24

step "reset sa on a"
before=$(spis a "$addr_a")
ikectl_on a reset sa
wait_for 90 "other SAs on a" spis_changed a "$addr_a" "$before"
wait_for 60 "one pair of SAs on a" esp_pair a "$addr_a"
wait_for 60 "one pair of SAs on b" esp_pair b "$addr_b"
tunnel_works

step "reset sa on b, which is passive: a brings it back"
before=$(spis a "$addr_a")
ikectl_on b reset sa
wait_for 90 "other SAs on a" spis_changed a "$addr_a" "$before"
wait_for 60 "one pair of SAs on b" esp_pair b "$addr_b"
tunnel_works

step "nobody there"
peer_stop a
rc=0
ikectl_on a show sa >"$OUT/show-none" 2>&1 || rc=$?
check "exit status $rc without a daemon" [ "$rc" = 3 ]
expect_line "$OUT/show-none" "$(iked_socket a)"
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
