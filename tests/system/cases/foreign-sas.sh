# SPDX-License-Identifier: ISC
# SAs and policies of other programs stay as they are; what a killed iked left behind goes away.
# Needs: iked
net_pair
kernel_plant a
kernel_plant b
kernel_note a b
# As a killed iked leaves them: a reqid of its own range. Not noted, so they have to be gone at the end.
ip -n a xfrm state add src 192.0.2.1 dst 192.0.2.77 proto esp spi 0x4242 reqid 0x49000007 mode tunnel \
  aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128
ip -n a xfrm policy add src 10.1.0.0/24 dst 10.77.0.0/24 dir out priority 99 \
  tmpl src 192.0.2.1 dst 192.0.2.77 proto esp reqid 0x49000007 mode tunnel

configure iked a active
configure iked b passive
peer_start iked b
peer_start iked a
tunnel_works
left_over() { ip -n a xfrm state | grep -q 192.0.2.77 || ip -n a xfrm policy | grep -q 192.0.2.77; }
gone() { ! left_over; }
wait_for 30 "what was left over is gone" gone
step "reset, reload, kill, start, stop"
ikectl_on a reset sa
ikectl_on a reload
peer_stop a KILL
peer_start iked a
wait_for 60 "one pair of SAs" esp_pair a "$addr_a"
tunnel_works
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
clean_check a b
