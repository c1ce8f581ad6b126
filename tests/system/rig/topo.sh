# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Test networks out of network namespaces; sourced, run inside a guest (or in a private mount and network namespace).
#
#   topo_host NAME...                  hosts (namespaces), lo up
#   topo_wire NAME                     a switch, the place to capture and to disturb packets; it has 192.0.2.254
#   topo_plug HOST IF ADDRS WIRE       an interface of HOST on WIRE; ADDRS: "192.0.2.1/24,2001:db8::1/64" or "-"
#   topo_link A IF ADDRS B IF ADDRS    a cable between two hosts
#   topo_router NAME...                forwarding on
#   topo_nat HOST IF FIRST-LAST        masquerade what leaves by IF, with source ports from that range
#   topo_netem HOST IF ARGS...         e.g. loss 10% duplicate 2% delay 20ms; fails when the kernel has no netem
#   on HOST CMD...                     run CMD there
#   conf_ip HOST <<'LINES'             "ip -batch" there: one process for many addresses and routes
# (An `ip` costs 20 ms in a guest, hence the batches. "br" is no name for a bridge: `ip` reads it as "broadcast".)

on() { local host=$1; shift; ip netns exec "$host" "$@"; }
conf_ip() { ip -n "$1" -batch -; }

topo_host() {
  local name
  for name; do ip netns add "$name" && ip -n "$name" link set lo up || return; done
}

# Addresses are usable at once: no duplicate address detection.
topo_addrs() {
  local host=$1 dev=$2 addrs=$3 a
  {
    [ "$addrs" = - ] || for a in ${addrs//,/ }; do
      case $a in *:*) echo "addr add $a dev $dev nodad" ;; *) echo "addr add $a dev $dev" ;; esac
    done
    echo "link set $dev up"
  } | conf_ip "$host"
}

topo_wire() {
  topo_host "$1"
  conf_ip "$1" <<'LINES'
link add name br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
addr add 192.0.2.254/24 dev br0
link set br0 up
route add default dev br0
LINES
}

topo_plug() {
  local host=$1 dev=$2 addrs=$3 wire=$4
  ip link add "$dev" netns "$host" type veth peer name "p_$host" netns "$wire"
  ip -n "$wire" link set "p_$host" master br0 up
  topo_addrs "$host" "$dev" "$addrs"
}

topo_link() {
  ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
  topo_addrs "$1" "$2" "$3"
  topo_addrs "$4" "$5" "$6"
}

# Debian's linux.uml loads IPv6 with the first address of it.
topo_router() {
  local name
  [ -e /proc/sys/net/ipv6 ] || modprobe ipv6
  # shellcheck disable=SC2016
  for name; do
    on "$name" sh -c 'cd /proc/sys/net && echo 1 >ipv4/ip_forward && echo 1 >ipv6/conf/all/forwarding &&
      for f in ipv4/conf/*/send_redirects ipv4/conf/*/rp_filter; do echo 0 >$f; done' || return
  done
}

# Debian's linux.uml has no nft tables, hence the older iptables there.
topo_nat() {
  local host=$1 dev=$2 ports=$3
  if on "$host" nft add table ip nat 2>/dev/null; then
    on "$host" nft -f - <<RULES
add chain ip nat post { type nat hook postrouting priority 100; }
add rule ip nat post oifname $dev meta l4proto { tcp, udp } masquerade to :$ports
add rule ip nat post oifname $dev masquerade
RULES
  else
    on "$host" iptables-legacy -t nat -A POSTROUTING -o "$dev" -p udp -j MASQUERADE --to-ports "$ports"
    on "$host" iptables-legacy -t nat -A POSTROUTING -o "$dev" -j MASQUERADE
  fi
}

topo_netem() { local host=$1 dev=$2; shift 2; tc -n "$host" qdisc replace dev "$dev" root netem limit 10000 "$@"; }
