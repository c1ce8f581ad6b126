# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# The interoperability matrix: `matrix KIND KIND [LIST]` brings up one tunnel for each row of rows_LIST (lib/rows.sh; tunnels),
# all at the same time, between the initiator on a and the responder on b, and gives each a result and a cell of the printed
# table.

# Sets the variables of lib/configs.sh for row $1 (its number) from the columns that follow; $esp and $ike are what has
# to be agreed on.
matrix_row() {
  row=$1 outer=$2 inner=$3 mode=$4 esp_a=$5 esp_b=$6 ike_a=$7 ike_b=$8
  [ "$esp_b" = = ] && esp_b=$esp_a
  [ "$ike_b" = = ] && ike_b=$ike_a
  esp=$esp_b ike=$ike_b
  case $esp in *,*) esp=$esp_a ;; esac
  case $ike in *,*) ike=$ike_a ;; esac
  name=v$outer-$mode-${esp%-noesn}
  [ "$outer" = "$inner" ] || name=v${inner}in$name
  if [ "$outer" = 4 ]; then addr_a=192.0.2.$((10 + row)) addr_b=192.0.2.$((110 + row))
  else addr_a=2001:db8::a:$row addr_b=2001:db8::b:$row; fi
  if [ "$mode" = transport ]; then inner_a=$addr_a inner_b=$addr_b net_a=$addr_a net_b=$addr_b
  elif [ "$inner" = 4 ]; then inner_a=10.1.$row.1 inner_b=10.2.$row.1 net_a=10.1.$row.0/24 net_b=10.2.$row.0/24
  else inner_a=fd00:1:$row::1 inner_b=fd00:2:$row::1 net_a=fd00:1:$row::/64 net_b=fd00:2:$row::/64; fi
  peer_a=$addr_b peer_b=$addr_a
  id_a=init-$name.example.com id_b=resp-$name.example.com
  key_a="Ahb4s-Pie7O $name" key_b=$key_a
}

# Once for each row that the pattern in $IKED_ROWS selects and that both daemons can do; matrix_each_lack for those that
# one of them cannot: $LACKER lacks $LACKS.
matrix_each() { matrix_rows_with no "$@"; }
matrix_each_lack() { matrix_rows_with yes "$@"; }

matrix_rows_with() {  # no|yes FUNCTION ARG...
  local row=0 line want=$1 lack kind LACKS LACKER EVIDENCE
  local outer inner mode esp esp_a esp_b ike ike_a ike_b name addr_a addr_b peer_a peer_b inner_a inner_b net_a net_b
  local id_a id_b key_a key_b
  shift
  while read -r -a line <&3; do
    row=$((row + 1)) lack=no
    matrix_row "$row" "${line[@]}"
    # shellcheck disable=SC2053
    [[ $name == ${IKED_ROWS:-*} ]] || continue
    for kind in $MATRIX_KINDS; do
      if "${kind}_lacks"; then lack=yes LACKER=$kind; fi
    done
    [ $lack = "$want" ] || continue
    "$@" || return
  done 3< <("rows_$MATRIX_LIST")
}

matrix_addresses() {  # a|b KIND
  local mine=addr_$1 peer=peer_$1 inside=inner_$1 other=net_b
  [ "$1" = a ] || other=net_a
  local bits=/24 dad=
  [ "$outer" = 4 ] || bits=/64 dad=nodad
  echo "addr add ${!mine}$bits dev eth0 $dad"
  # OpenIKED calls from the address that the kernel chooses, whatever its policy says.
  [ "$2" != openiked ] || echo "route add ${!peer} dev eth0 src ${!mine}"
  [ "$mode" != transport ] || return 0
  bits=/32 dad=
  [ "$inner" = 4 ] || bits=/128 dad=nodad
  echo "addr add ${!inside}$bits dev lo $dad"
  echo "route add ${!other} dev eth0 src ${!inside}"
}

matrix_kernel_has() {  # HOST ADDR TABLE
  local src dst spi words n=0
  kernel_words "$esp"
  while read -r src dst spi _ words; do
    case "$2" in "$src" | "$dst") ;; *) continue ;; esac
    n=$((n + 1))
    [ "$words" = "$KERNEL_WORDS" ] || { echo "on $1 SA $spi has $words and not $KERNEL_WORDS"; return 1; }
  done <"$3"
  [ $n -eq 2 ] || { echo "on $1 there are $n SAs for $2"; return 1; }
}

# What the peer of KIND on HOST says it agreed on for IKE; KIND_note writes it to $T/HOST.ike, KIND_agreed looks for the row.

iked_note() { :; }
iked_agreed() { :; }

strongswan_note() { swanctl_on "$1" --list-sas >"$T/$1.ike"; }

strongswan_agreed() {  # the line below that of the connection
  local line ours=no
  strongswan_ike_words "$ike"
  while read -r line; do
    case $line in "$name: #"*ESTABLISHED*) ours=yes ;; *": #"*) ours=no ;; esac
    [ "$ours:$line" = "yes:$STRONGSWAN_WORDS" ] && return
  done <"$T/$1.ike"
  echo "strongSwan on $1 has no IKE SA with $STRONGSWAN_WORDS"
  return 1
}

# "... policy 'NAME' as initiator (enc aes-256 auth hmac-sha2-256 group ecp256 prf hmac-sha2-256)"
openiked_note() { { grep ' established peer ' "$(peer_log "$1")" || :; } | tr '()' '  ' >"$T/$1.ike"; }

openiked_agreed() {
  local transform words=()
  for transform in ${ike//-/ }; do
    iked_word "$transform"
    words+=(" $IKED_WORD ")
  done
  has "$T/$1.ike" "'$name'" "${words[@]}" || { echo "OpenIKED on $1 has no IKE SA with ${words[*]}"; return 1; }
}

# '"NAME" #1: sent IKE_AUTH request {cipher=AES_CBC_256 integ=HMAC_SHA2_256_128 prf=HMAC_SHA2_256 group=DH19}'
libreswan_note() { grep -F '{cipher=' "$(peer_log "$1")" >"$T/$1.ike" || :; }

libreswan_agreed() {
  libreswan_ike_words "$ike"
  has "$T/$1.ike" "\"$name\" #" "$LIBRESWAN_WORDS" || { echo "libreswan on $1 has no IKE SA with $LIBRESWAN_WORDS"; return 1; }
}

matrix_up() {  # HOST...: an SA pair for every row
  local host
  for host; do
    esp_table "$host" >"$T/$host.table"
    matrix_each matrix_row_up "$host" || return
  done
}

matrix_row_up() {
  local addr=addr_$1
  esp_sum "${!addr}" <"$T/$1.table"
  [ -n "$ESP_SAS" ]
}

matrix_gone() { esp_table "$1" >"$T/left"; [ ! -s "$T/left" ]; }

matrix_ping() {
  if ! { ping_from a "$inner_a" "$inner_b" && ping_from b "$inner_b" "$inner_a"; } >"$T/why"; then
    echo "$name: no answer" "$(tail -n 2 "$T/why")"
  fi
}

matrix_row_passes() {  # KIND_A KIND_B
  esp_moved a "$addr_a" "$T/a.before" "$T/a.after" &&
    esp_moved b "$addr_b" "$T/b.before" "$T/b.after" &&
    matrix_kernel_has a "$addr_a" "$T/a.after" &&
    matrix_kernel_has b "$addr_b" "$T/b.after" &&
    "$1_agreed" a && "$2_agreed" b &&
    { [ "$there" -ge $((2 * PINGS)) ] && [ "$back" -ge $((2 * PINGS)) ] || { echo "$there and $back ESP packets on the wire"; return 1; }; }
}

matrix_report() {  # KIND_A KIND_B
  local there back result=PASS
  wire_esp wire "$addr_a" "$addr_b"
  there=$WIRE_ESP
  wire_esp wire "$addr_b" "$addr_a"
  back=$WIRE_ESP
  if ! matrix_row_passes "$@" >"$T/why"; then
    result=FAIL
    MATRIX_FAILED=$((MATRIX_FAILED + 1))
    echo "$name: $(cat "$T/why")"
  fi
  part $result "$name"
  echo "$MATRIX_LIST|$row|$name|$ike|$esp|$1>$2|$result|$((there + back))" >>"$OUT/cells"
}

# What one of the two lacks has to be refused by itself, or it would go untested.
matrix_report_lack() {  # KIND_A KIND_B
  "${LACKER}_refuses" || fail "$LACKER was said to have no $LACKS, but takes $ike $esp"
  echo "$MATRIX_LIST|$row|$name|$ike|$esp|$1>$2|LACK|$LACKER has no $LACKS" >>"$OUT/cells"
}

# The same test must not refuse what works.
matrix_takes() {  # KIND, for the first row
  [ -z "$MATRIX_TAKES" ] || return 0
  MATRIX_TAKES=$name
  refuse "$1 seems to refuse $ike $esp" "$1_refuses"
}

# OpenIKED finds out only when it has keys for the kernel: so these rows are run, too, in the hope that they fail.
openiked_refuses() {
  local host=a addr
  [ "${PEER_KIND[a]}" = openiked ] || host=b
  addr=addr_$host
  case $EVIDENCE in
    policy) openiked_left_out "$host" ;;
    sel*) [[ $(ip -n "$host" xfrm state list src "${!addr}" nokeys) == *"$EVIDENCE"* ]] ;;
    *) has "$(peer_log "$host")" "$EVIDENCE" && no_sa "$host" "${!addr}" ;;
  esac
}

openiked_left_out() {  # HOST: the policy it prints is without the algorithm
  local text
  text=$(grep "^ikev2 \"$name\"" "$(peer_log "$1")") || return
  iked_word "${esp%%-*}"
  case $text in *" childsa "*) ;; *) return 0 ;; esac
  case " ${text#* childsa } " in *" $IKED_WORD "*) return 1 ;; esac
}

matrix_lack_run() {  # KIND_A KIND_B
  matrix_each_lack config_text "$1" a active | peer_config "$1" a
  [ -s "$T/a/$("$1_config_file")" ] || return 0
  matrix_each_lack config_text "$2" b passive | peer_config "$2" b
  step "what openiked lacks"
  peer_start "$2" b
  peer_start "$1" a
  wait_for 60 "openiked refuses what it lacks" matrix_each_lack openiked_refuses
  matrix_each_lack matrix_report_lack "$1" "$2"
  peer_stop a
  peer_stop b
}

libreswan_refuses() {
  libreswan_words esp "$esp"
  "$LIBRESWAN/algparse" -v2 "esp=$LIBRESWAN_WORDS" >/dev/null 2>&1 || return 0
  libreswan_words ike "$ike"
  ! "$LIBRESWAN/algparse" -v2 "ike=$LIBRESWAN_WORDS" >/dev/null 2>&1
}

strongswan_refuses() {  # its other connections go, their SAs stay
  local host=a
  [ "${PEER_KIND[a]}" = strongswan ] || host=b
  config_text strongswan "$host" passive >"$T/lack.conf"
  ! swanctl_on "$host" --load-conns --file "$T/lack.conf" >/dev/null 2>&1
}

matrix_clean() {  # HOST KIND
  [ "$2" != libreswan ] || libreswan_leftovers "$1"
  clean_check "$1"
}

# libreswan leaves its exceptions for neighbour discovery. Each of six, and nothing else, may go.
libreswan_leftovers() {
  local type dir
  for type in 135 136; do
    for dir in in out fwd; do
      echo "xfrm policy delete src ::/0 dst ::/0 proto ipv6-icmp type $type dir $dir"
    done
  done | conf_ip "$1"
}

matrix() {
  local kind_a=$1 kind_b=$2 kind host end=$((SECONDS + 90))
  MATRIX_KINDS="$1 $2" MATRIX_LIST=${3-tunnels} MATRIX_FAILED=0 MATRIX_TAKES=
  net_pair
  printf "%s: %s\n" "$kind_a" "$(peer_version "$kind_a")" "$kind_b" "$(peer_version "$kind_b")" >"$OUT/versions"
  { matrix_each matrix_addresses a "$kind_a"; matrix_each_lack matrix_addresses a "$kind_a"; } | conf_ip a
  { matrix_each matrix_addresses b "$kind_b"; matrix_each_lack matrix_addresses b "$kind_b"; } | conf_ip b
  matrix_each config_text "$kind_a" a active | peer_config "$kind_a" a
  matrix_each config_text "$kind_b" b passive | peer_config "$kind_b" b
  wire_start wire
  step "start $kind_b, then $kind_a as the initiator"
  peer_start "$kind_b" b
  peer_start "$kind_a" a
  step "wait for all tunnels"
  until matrix_up a b || [ $SECONDS -ge $end ]; do nap 0.2; done
  step "ping through all of them"
  for host in a b; do esp_table $host >"$T/$host.before"; done
  matrix_each matrix_ping
  for host in a b; do esp_table $host >"$T/$host.after"; done
  "${kind_a}_note" a
  "${kind_b}_note" b
  wire_stop wire
  step "counters, algorithms, packets on the wire of each"
  matrix_each matrix_report "$kind_a" "$kind_b"
  case $MATRIX_KINDS in
    *openiked*) ;;
    *)
      matrix_each_lack matrix_report_lack "$kind_a" "$kind_b"
      for kind in $MATRIX_KINDS; do [ "$kind" = iked ] || matrix_each matrix_takes "$kind"; done
      ;;
  esac
  wire_no_clear wire
  step "stop $kind_a: $kind_b hears of it"
  if [ "$kind_a" = openiked ]; then
    openikedctl_on a reset sa
    wait_for 60 "no SA on b" matrix_gone b
  fi
  peer_stop a
  wait_for 60 "no SA on b" matrix_gone b
  step "stop $kind_b: clean kernels"
  peer_stop b
  matrix_clean a "$kind_a"
  matrix_clean b "$kind_b"
  case $MATRIX_KINDS in *openiked*) matrix_lack_run "$kind_a" "$kind_b" ;; esac
  [ $MATRIX_FAILED -eq 0 ] || fail "$MATRIX_FAILED tunnels of the matrix"
}
