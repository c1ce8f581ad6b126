# SPDX-License-Identifier: ISC
# "set decouple": IKE runs, but no XFRM socket is opened and the kernel gets nothing, until ikectl couple.
# Needs: iked
net_pair
{ echo "set decouple"; config_text iked a active; } | peer_config iked a
configure iked b passive

# Netlink sockets of family 6 (XFRM) that belong to a process: the table has the kernel's own with port 0.
xfrm_sockets() { ip netns exec "$1" awk '$2 == 6 && $3 != 0' /proc/net/netlink; }

peer_start iked b
check "the coupled one has no XFRM socket: the check is wrong" [ -n "$(xfrm_sockets b)" ]
peer_start iked a
wait_for 60 "an IKE SA on a" ike_is_up a
check "XFRM sockets in spite of decouple" [ -z "$(xfrm_sockets a)" ]
check "SAs in spite of decouple" [ -z "$(ip -n a xfrm state)" ]
refuse "policies in spite of decouple" grep tmpl <(ip -n a xfrm policy)

step "couple: the tunnel that is there comes into the kernel"
before=$(ikectl_on a show sa | awk '/^iked_sas:/ { print $2, $3, $4 }')
ikectl_on a couple
check "no XFRM socket" [ -n "$(xfrm_sockets a)" ]
tunnel_works
check "another IKE SA" [ "$(ikectl_on a show sa | awk '/^iked_sas:/ { print $2, $3, $4 }')" = "$before" ]
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
clean_check a b
