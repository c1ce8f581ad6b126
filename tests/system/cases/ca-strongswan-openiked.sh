# SPDX-License-Identifier: ISC
# What ikectl ca makes is good for others: strongSwan and OpenIKED trust each other by it, until it is revoked.
# Needs: strongswan, openiked
# Limit: 180
ca() { "$BUILD/ikectl" -q "$@" >>"$OUT/ca.log" 2>&1 || fail "ikectl $*: $(tail -n 1 "$OUT/ca.log")"; }

net_pair
step "the authority, on b; OpenIKED looks into /etc/iked"
rm -rf /etc/ssl/vpn /etc/iked
ca ca vpn create
ca ca vpn certificate "$id_b" create server
ca ca vpn certificate "$id_a" create client
ca ca vpn certificate "$id_a" export --directory "$T"
ca ca vpn install
ca ca vpn certificate "$id_b" install

step "the archive, on a; strongSwan has other names for the folders"
folder=$(peer_dir a)
mkdir "$T/unpacked"
tar xzf "$T/$id_a.tgz" -C "$T/unpacked"
for pair in certs:x509 ca:x509ca crls:x509crl private:private; do
  cp -r "$T/unpacked/${pair%:*}" "$folder/${pair#*:}"
done

step "both configurations have no key in them"
config_strongswan active "$addr_a" "$peer_a" "$net_a" "$net_b" "$id_a" "$id_b" "" "" "" |
  sed -e "s/local { auth = psk/local { auth = pubkey\n    certs = $id_a.crt/" -e 's/remote { auth = psk/remote { auth = pubkey/' \
    -e '/^secrets/,$d' | peer_config strongswan a
config_openiked passive "$addr_b" "$peer_b" "$net_b" "$net_a" "$id_b" "$id_a" "" "" "" | sed 's/ psk ""//' |
  peer_config openiked b
wire_start wire
peer_start openiked b
peer_start strongswan a
tunnel_works
expect_line "$(peer_log a)" "authentication of '$id_b' with ECDSA" successful

step "a is revoked: b does not let it in again"
ca ca vpn certificate "$id_a" revoke
ca ca vpn install
peer_stop a
peer_stop b
peer_start openiked b
peer_start strongswan a
wait_for 60 "b refuses a" has "$(peer_log a)" AUTHENTICATION_FAILED
check "SAs in spite of the revocation" no_sa b "$addr_b"
peer_stop a
peer_stop b
wire_stop wire
wire_esp wire "$addr_a" "$addr_b"
check "no ESP on the wire" [ "$WIRE_ESP" -ge $((2 * PINGS)) ]
wire_no_clear wire
