# SPDX-License-Identifier: ISC
# ikectl decouple takes everything of ours out of the kernel and keeps the IKE SAs; couple brings the same SAs back.
# Needs: iked
net_pair
kernel_plant a
kernel_note a
configure iked a active
configure iked b passive
wire_start wire
peer_start iked b
peer_start iked a
tunnel_works

# Without the exemptions of iked's sockets, which go with these.
tables() { awk '/^\tsocket/ { held = ""; next } held != "" { print held; held = "" } /^src/ { held = $0; next } { print }'; }
before=$(spis a "$addr_a")
ike=$(ikectl_on a show sa | awk '/^iked_sas:/ { print $2, $3, $4 }')

for round in 1 2; do
  step "decouple, round $round"
  ikectl_on a decouple
  no_sa a "$addr_a" || fail "SAs in spite of decouple"
  diff <(tables <"$T/a.noted") <(kernel_list a | tables) || fail "decoupled, the kernel is not as it was before iked"
  ike_is_up a || fail "the IKE SA is gone"
  step "couple, round $round"
  ikectl_on a couple
  check "other SAs after couple" [ "$(spis a "$addr_a")" = "$before" ]
  tunnel_works
done
check "another IKE SA" [ "$(ikectl_on a show sa | awk '/^iked_sas:/ { print $2, $3, $4 }')" = "$ike" ]

step "rekeyed by the peer while decoupled"
ikectl_on a decouple
ikectl_on b reset sa
wait_for 90 "an IKE SA on a" ike_is_up a
no_sa a "$addr_a" || fail "SAs in spite of decouple"
ikectl_on a couple
wait_for 60 "one pair of SAs on a" esp_pair a "$addr_a"
wait_for 60 "one pair of SAs on b" esp_pair b "$addr_b"
tunnel_works

peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
wire_stop wire
wire_no_clear wire
grep -o 'ESP(spi=0x[0-9a-f]*,seq=0x[0-9a-f]*)' "$OUT/wire.wire" | sort >"$T/sequences"
check "no ESP on the wire: the check is wrong" [ -s "$T/sequences" ]
check "a sequence number twice under one SPI" [ -z "$(uniq -d "$T/sequences")" ]
check "sequence numbers did not skip what may have been sent" grep -q 'seq=0x[2-9][0-9a-f]\{5\})' "$T/sequences"
clean_check a b
