# SPDX-License-Identifier: ISC
# The rig itself: a clear packet, a missing SA, an SA left behind are found.
net_pair
wire_start wire
step "pings without any SA"
ping_from a "$INNER_A" "$INNER_B"
wire_stop wire
refuse "clear pings were not seen on the wire" eval '(wire_no_clear wire) >/dev/null'
refuse "pings without ESP were accepted" eval '(esp_check a "$OUTER_A" "$INNER_A" b "$OUTER_B" "$INNER_B") >/dev/null'
refuse "an SA was seen where none is" has_tunnel a "$OUTER_A"

step "an SA and a policy that nobody removes"
kernel_note a b
clean_check a b
kernel_plant a
refuse "an SA left behind was not seen" eval '(clean_check a) >/dev/null'
kernel_note a
clean_check a
ip -n a xfrm state deleteall
refuse "the loss of a foreign SA was not seen" eval '(clean_check a) >/dev/null'
