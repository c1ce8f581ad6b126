# SPDX-License-Identifier: ISC
# No common traffic selectors: the child is refused with both sides named, the IKE SA stays.
# Needs: iked, strongswan
net_pair
for pair in "iked iked" "iked strongswan" "strongswan iked"; do
  read -r kind_a kind_b <<<"$pair"
  step "$kind_a with $kind_b"
  : >"$(peer_log a)"
  : >"$(peer_log b)"
  net_a=10.1.0.0/24 net_b=10.2.0.0/24
  configure "$kind_a" a active
  net_a=10.77.0.0/24
  configure "$kind_b" b passive
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  if [ "$kind_b" = iked ]; then wait_for 60 "a line on b" has "$(peer_log b)" '"t"' "$OUTER_A" 10.1.0.0/24 10.77.0.0/24; fi
  if [ "$kind_a" = iked ]; then wait_for 60 "a line on a" has "$(peer_log a)" '"t"' "$OUTER_B" TS_UNACCEPTABLE 10.1.0.0/24; fi
  if [ "$kind_a" = iked ]; then wait_for 30 "an IKE SA on a" ike_is_up a; fi
  if [ "$kind_b" = iked ]; then wait_for 30 "an IKE SA on b" ike_is_up b; fi
  check "a child without common selectors on a" no_sa a "$addr_a"
  check "a child without common selectors on b" no_sa b "$addr_b"
  peer_stop a
  peer_stop b
  clean_check a b
done
