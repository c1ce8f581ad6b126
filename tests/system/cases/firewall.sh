# SPDX-License-Identifier: ISC
# The rules of docs/examples do what docs/firewall.md says: gateway.nft, skip.nft, mss.nft, marks.nft and queues.tc.
# Needs: iked, nft, tc
net_sites
examples=$here/../../docs/examples
on a nft add table inet probe 2>/dev/null || skip "this kernel has no nft"
on a nft delete table inet probe

ESP_MSS=1406  # of 1500: ESP with AES-GCM over IPv4 leaves 1446, IPv4 and TCP take 40 of these

example() {  # HOST FILE SED-SCRIPT
  sed "$3" "$examples/$2" | on "$1" nft -f - || fail "$2 does not load"
}

# A SYN from FROM to port 9 of ADDR on TO, where nobody listens: the rule there that counts its segment size.
syn_has_mss() {  # FROM ADDR TO MSS
  on "$3" nft -f - <<RULES
table ip seen
delete table ip seen
table ip seen { chain input { type filter hook input priority 0; tcp flags syn tcp option maxseg size $4 counter; }; }
RULES
  on "$1" bash -c "exec 3<>/dev/tcp/$2/9" 2>/dev/null && fail "somebody listens to port 9"
  on "$3" nft list table ip seen >"$T/seen"
  has "$T/seen" "size $4 counter packets 1 "
}

class_packets() {  # CLASS, of eth0 on a
  tc -n a -s class show dev eth0 | awk -v c="$1" '$3 == c { found = 1 } found && $1 == "Sent" { print $4; exit }'
}

class_counts() {  # CLASS: pings between the sites are counted there
  local before
  before=$(class_packets "$1")
  sites_check 10.1.0.9 10.2.0.9
  [ "$(class_packets "$1")" -ge $((before + 2 * PINGS)) ]
}

step "without a tunnel nothing passes, in clear least of all"
example a gateway.nft "s/^define peer = .*/define peer = $OUTER_B/"
example b skip.nft ''
wire_start wire
refuse "a packet went through without a tunnel" on ha ping -n -q -c 2 -i 0.2 -W 1 10.2.0.9
configure iked a active
configure iked b passive
peer_start iked b
peer_start iked a
wait_tunnel a "$addr_a" b "$addr_b"

step "with it, from both sides"
sites_check 10.1.0.9 10.2.0.9

step "without mss.nft TCP promises what does not fit, with it what does"
check "the path is not what this test thinks" syn_has_mss ha 10.2.0.9 hb 1460
check "the path is not what this test thinks" syn_has_mss hb 10.1.0.9 ha 1460
example a mss.nft ''
check "into the tunnel" syn_has_mss ha 10.2.0.9 hb $ESP_MSS
check "out of the tunnel" syn_has_mss hb 10.1.0.9 ha 1300

step "the class of a mark counts its ESP packets, another one those without a mark"
sed 's/^#.*//' "$examples/queues.tc" | tc -n a -batch - || fail "queues.tc does not load"
check "not in the class of ESP" class_counts 1:40
example a marks.nft 's/10\.1\.2\.0/10.2.0.0/'
check "not in the class of its mark" class_counts 1:20

step "the tunnel ends, and nothing passes again"
peer_stop a
wait_no_sa b "$addr_b"
peer_stop b
refuse "a packet went through without a tunnel" on ha ping -n -q -c 2 -i 0.2 -W 1 10.2.0.9
wire_stop wire
wire_no_clear wire
clean_check a b
