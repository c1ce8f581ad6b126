# SPDX-License-Identifier: ISC
# No common proposal, for IKE and for ESP: both logs name both offers and the transform that differs.
# Needs: iked, strongswan
# Limit: 240
net_pair

mismatch() {  # KIND_A KIND_B WORD-OF-A WORD-OF-B
  step "$1 with $2: $3 against $4"
  configure "$1" a active
  configure "$2" b passive
  : >"$(peer_log a)"
  : >"$(peer_log b)"
  peer_start "$2" b
  peer_start "$1" a
  if [ "$2" = iked ]; then wait_for 60 "a line on b" has "$(peer_log b)" '"t"' "$OUTER_A" "$3" "$4"; fi
  if [ "$1" = iked ]; then wait_for 60 "a line on a" has "$(peer_log a)" '"t"' "$OUTER_B" NO_PROPOSAL_CHOSEN "$3"; fi
  check "SAs without a common proposal on a" no_sa a "$addr_a"
  check "SAs without a common proposal on b" no_sa b "$addr_b"
  refuse "iked ended on a" peer_ended a
  refuse "iked ended on b" peer_ended b
}

over() {
  peer_stop a
  peer_stop b
  clean_check a b
}

for pair in "iked iked" "iked strongswan" "strongswan iked"; do
  read -r kind_a kind_b <<<"$pair"
  esp_a=aes256gcm16-noesn esp_b=$esp_a
  ike_a=aes256-sha256-prfsha256-x25519 ike_b=aes128gcm16-prfsha256-x25519
  mismatch "$kind_a" "$kind_b" aes-256 aes-128-gcm
  over
  ike_a=aes256-sha256-prfsha256-x25519 ike_b=aes256-sha256-prfsha256-ecp256
  mismatch "$kind_a" "$kind_b" curve25519 ecp256
  over

  ike_b=$ike_a
  esp_a=aes256-sha256-noesn esp_b=aes128gcm16-noesn
  mismatch "$kind_a" "$kind_b" aes-256 aes-128-gcm
  step "only the child failed: the IKE SA stays"
  if [ "$kind_a" = iked ]; then wait_for 30 "an IKE SA on a" ike_is_up a; fi
  if [ "$kind_b" = iked ]; then wait_for 30 "an IKE SA on b" ike_is_up b; fi
  over
done
