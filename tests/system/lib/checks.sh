# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Observations that cannot pass without ESP. ADDR is always the outer address as the host itself has it.
#
#   tunnel_works                                  the tunnel of lib/configs.sh: wait_tunnel, then esp_check
#   wait_tunnel A ADDR B ADDR                     both kernels have ESP SAs and policies for these addresses
#   ike_is_up HOST                                iked on HOST shows an established IKE SA
#   wait_no_sa HOST ADDR                          HOST has no SA for ADDR any more
#   esp_check A ADDR INNER B ADDR INNER           pings pass both ways and every one of them is counted by the SAs
#                                                 of both kernels
#   esp_pair HOST ADDR                            exactly one SA in and one out
#   spis HOST ADDR                                "in 0x... out 0x...", sorted
#   esp_table HOST; policy_table HOST             SAs and policies as tables
#   wire_start WIRE; wire_stop                    capture everything on a wire, as text in $OUT/WIRE.wire
#   wire_no_clear WIRE                            not one packet of a protected flow in clear (pings, inner addresses)
#   wire_esp WIRE ADDR ADDR                       sets $WIRE_ESP: ESP packets from the first to the second, plain or in UDP
#   kernel_note HOST...                           remember SAs and policies (those that are not ours)
#   kernel_plant HOST                             an SA and policies of somebody else, to be left alone
#   clean_check HOST...                           exactly these are there again: ours are gone, theirs untouched
#
# Protected flows of all cases: echo requests and replies, and anything with an inner address, which is always
# in 10.0.0.0/8 or fd00::/8 (no outer address is).

declare -A WIRE_PID

# One line an installed SA: source, destination, SPI, packets so far, esn or noesn, algorithms with key bits (the salt
# of an AEAD included) and bits of the integrity check: "rfc4106(gcm(aes)):288/128", "cbc(aes):256+hmac(sha256):256/128".
# A reserved SPI has no algorithm yet and is left out. One process for all SAs of a host: they are slow in a guest.
esp_table() {
  ip -s -n "$1" xfrm state list proto "${protocol:-esp}" | awk '
    function bits(key) { return key ~ /^0x/ ? (length(key) - 2) * 4 : 0 }
    function flush() { if (alg auth != "") print src, dst, spi, packets, esn, alg auth; alg = auth = "" }
    /^src/ { flush(); src = $2; dst = $4; esn = "noesn"; packets = 0 }
    $1 == "proto" { for (i = 1; i < NF; i++) if ($i == "spi") spi = $(i + 1); sub(/\(.*/, "", spi) }
    $1 == "replay-window" && / esn/ { esn = "esn" }
    $1 == "aead" { alg = $2 ":" bits($3) "/" $NF }
    $1 == "enc" { alg = $2 ":" bits($3) }
    $1 == "auth-trunc" || $1 == "auth" { auth = "+" $2 ":" bits($3) "/" $NF }
    /lifetime current:/ { current = 1; next }
    current { split($2, p, "("); packets = p[1]; current = 0 }
    END { flush() }'
}

# Reads a table from stdin: packets counted in and out for ADDR, and the SAs in $ESP_SAS ("in out" for one pair).
esp_sum() {
  local src dst packets rest
  ESP_IN=0 ESP_OUT=0 ESP_SAS=
  while read -r src dst _ packets rest; do
    [ "$dst" = "$1" ] && ESP_IN=$((ESP_IN + packets)) ESP_SAS="in $ESP_SAS"
    [ "$src" = "$1" ] && ESP_OUT=$((ESP_OUT + packets)) ESP_SAS="$ESP_SAS out"
  done
  return 0
}

spis() { esp_table "$1" | awk -v a="$2" '$1 == a { print "out", $3 } $2 == a { print "in", $3 }' | sort | tr '\n' ' '; }

esp_pair() { esp_sum "$2" < <(esp_table "$1"); [ "$ESP_SAS" = "in  out" ]; }

no_sa() { esp_sum "$2" < <(esp_table "$1"); [ -z "$ESP_SAS" ]; }
wait_no_sa() { wait_for 60 "no SA on $1 for $2" no_sa "$1" "$2"; }

# The outer address of policies, with their direction: "in 192.0.2.1". Of transport mode it is the selector's.
policy_table() {
  ip -n "$1" xfrm policy | awk '
    $1 == "src" { src = $2; dst = $4; sub(/\/.*/, "", src); sub(/\/.*/, "", dst) }
    $1 == "dir" { dir = $2 }
    $1 == "tmpl" { print dir, ($3 ~ /[1-9a-f]/ ? $3 " " $5 : src " " dst) }'
}

has_tunnel() {
  local dir src dst seen=
  esp_sum "$2" < <(esp_table "$1")
  case $ESP_SAS in *in*out*) ;; *) return 1 ;; esac
  while read -r dir src dst; do
    case $dir:$2 in "in:$dst" | "out:$src") seen="$seen $dir" ;; esac
  done < <(policy_table "$1")
  case $seen in *in*out* | *out*in*) ;; *) return 1 ;; esac
}

wait_tunnel() {
  wait_for 60 "an ESP tunnel on $1 for $2" has_tunnel "$1" "$2"
  wait_for 60 "an ESP tunnel on $3 for $4" has_tunnel "$3" "$4"
}

tunnel_works() {
  wait_tunnel a "$addr_a" b "$addr_b"
  esp_check a "$addr_a" "$inner_a" b "$addr_b" "$inner_b"
}

# iked on HOST has an IKE SA, with or without a child.
ike_is_up() { ikectl_on "$1" show sa | grep -qE '^iked_sas: .* ESTABLISHED [ir] '; }

PINGS=2
ping_from() {  # HOST FROM TO
  ip netns exec "$1" ping -n -q -I "$2" -c $PINGS -i 0.05 -W 5 "$3" >"$T/ping" 2>&1 || { echo "ping on $1"; cat "$T/ping"; return 1; }
}

# The counters of HOST for ADDR, table before and table after: every ping and every answer went through the SAs.
esp_moved() {
  local in out
  esp_sum "$2" <"$3"
  in=$ESP_IN out=$ESP_OUT
  esp_sum "$2" <"$4"
  [ $((ESP_IN - in)) -ge $((2 * PINGS)) ] && [ $((ESP_OUT - out)) -ge $((2 * PINGS)) ] && return
  echo "the SAs of $1 for $2 counted $in -> $ESP_IN in and $out -> $ESP_OUT out for $((2 * PINGS)) packets each way"
  return 1
}

# An SA that ends in between (two calls that crossed) takes its counter along: then the pings are sent again.
esp_check() {
  local a=$1 a_addr=$2 a_inner=$3 b=$4 b_addr=$5 b_inner=$6 try
  for try in 1 2 3 4 5; do
    esp_table "$a" >"$T/$a.before"
    esp_table "$b" >"$T/$b.before"
    ping_from "$a" "$a_inner" "$b_inner" && ping_from "$b" "$b_inner" "$a_inner" || fail "no ping"
    esp_table "$a" >"$T/$a.after"
    esp_table "$b" >"$T/$b.after"
    esp_moved "$a" "$a_addr" "$T/$a.before" "$T/$a.after" && esp_moved "$b" "$b_addr" "$T/$b.before" "$T/$b.after" && return
    same_sas "$a" && same_sas "$b" && break
    nap 1
  done
  fail "pings without ESP"
}
same_sas() { cmp -s <(cut -d' ' -f1-3 "$T/$1.before" | sort) <(cut -d' ' -f1-3 "$T/$1.after" | sort); }

# --- the wire

wire_start() {
  local wire=$1
  rm -f "$T/$wire.tcpdump"
  ip netns exec "$wire" tcpdump -U --immediate-mode -n -s 0 -i br0 -w "$T/$wire.pcap" >"$T/$wire.tcpdump" 2>&1 &
  WIRE_PID[$wire]=$!
  wait_for 20 "tcpdump listens" grep -qs 'listening on' "$T/$wire.tcpdump"
}

# A packet of our own comes last: when it is in the file, all before it are.
wire_stop() {
  local wire=$1 mark
  mark="end-of-capture-$RANDOM$RANDOM"
  on "$wire" bash -c "echo $mark >/dev/udp/224.0.0.1/9"
  wait_for 20 "the capture of $wire is complete" grep -qa "$mark" "$T/$wire.pcap"
  kill -TERM "${WIRE_PID[$wire]}"
  wait "${WIRE_PID[$wire]}" || :
  tcpdump -nn -tt -r "$T/$wire.pcap" >"$OUT/$wire.wire" 2>/dev/null
  awk '  # "TIME IP 192.0.2.1.4500 > 192.0.2.2.4500: UDP-encap: ESP(spi=..": from, to, packets
    function host(s) {
      sub(/:$/, "", s)
      if ($2 == "IP6" ? s ~ /\./ : s ~ /\..*\..*\..*\./) sub(/\.[0-9]+$/, "", s)
      return s
    }
    /ESP\(spi=/ { n[host($3) " " host($5)]++ }
    END { for (pair in n) print pair, n[pair] }' "$OUT/$wire.wire" >"$T/$wire.esp"
}

wire_clear() { grep -E 'ICMP6?, ?echo|ICMP echo|[ >](10\.[0-9]|fd[0-9a-f]{2}:)' "$OUT/$1.wire"; }

wire_no_clear() {
  if wire_clear "$1" >"$T/clear"; then
    head -n 5 "$T/clear"
    fail "$(wc -l <"$T/clear") packets of the protected flow crossed $1 in clear"
  fi
}

wire_esp() {
  local from to packets
  WIRE_ESP=0
  while read -r from to packets; do
    [ "$from $to" = "$2 $3" ] && WIRE_ESP=$packets
  done <"$T/$1.esp"
  return 0
}

# --- what stays behind

kernel_list() { ip -n "$1" xfrm state list nokeys; ip -n "$1" xfrm policy; }

kernel_note() { local host; for host; do kernel_list "$host" >"$T/$host.noted"; done; }

clean_check() {
  local host
  for host; do
    [ -e "$T/$host.noted" ] || : >"$T/$host.noted"
    kernel_list "$host" >"$T/$host.kernel"
    diff -u "$T/$host.noted" "$T/$host.kernel" || fail "the kernel of $host is not as it was before the start"
  done
}

# An SA and a policy as another program could have made them: not ours, to be left alone.
kernel_plant() {
  ip -n "$1" xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp spi 0x1234 reqid 77 mode tunnel \
    aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128
  ip -n "$1" xfrm policy add src 198.51.100.0/25 dst 198.51.100.128/25 dir out priority 1234 \
    tmpl src 198.51.100.1 dst 198.51.100.2 proto esp reqid 77 mode tunnel
  ip -n "$1" xfrm policy add src 198.51.100.128/25 dst 198.51.100.0/25 dir in priority 1234 \
    tmpl src 198.51.100.2 dst 198.51.100.1 proto esp reqid 77 mode tunnel
}
