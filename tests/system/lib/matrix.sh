# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# The interoperability matrix: `matrix KIND KIND` brings up one tunnel for each row below, all at the same time,
# between the initiator on a and the responder on b, and gives each a result and a cell of the printed table.
#
# Columns: outer and inner family, mode; then what the initiator and the responder have for ESP and for IKE, in the words
# of lib/configs.sh. One side has only one choice, so the other has to follow it: that is what must be agreed on.
matrix_rows() {
  cat <<'ROWS'
4 4 tunnel    aes256gcm16-esn                aes256gcm16-esn          aes256-sha256-prfsha256-x25519               =
4 4 tunnel    aes256-sha256-noesn            =                        aes128gcm16-prfsha256-ecp256                 =
4 4 tunnel    chacha20poly1305-noesn         =                        aes256gcm16-prfsha384-modp2048               =
4 4 transport aes128gcm16-noesn              =                        aes128-sha512-prfsha512-ecp256               =
4 4 transport aes256-sha256-esn              =                        aes256-sha384-prfsha1-x25519                 =
4 4 transport chacha20poly1305-esn           =                        aes256gcm16-prfsha512-x25519                 =
6 6 tunnel    aes256gcm16-noesn,aes256-sha256-noesn aes256gcm16-noesn aes256-aes128-sha256-prfsha256-x25519-ecp256-modp2048 aes128-sha256-prfsha256-ecp256
6 6 tunnel    aes128gcm16-noesn,aes256-sha256-noesn aes256-sha256-noesn aes256gcm16-aes128gcm16-prfsha384-prfsha256-x25519-modp2048 aes128gcm16-prfsha256-modp2048
6 6 tunnel    chacha20poly1305-esn           aes256gcm16-esn,chacha20poly1305-esn aes256-sha256-prfsha384-ecp256   aes256gcm16-prfsha256-x25519,aes256-sha256-prfsha384-ecp256
6 6 transport aes256gcm16-noesn              =                        aes256-sha512-prfsha1-modp2048               =
6 6 transport aes256-sha256-noesn            =                        aes128gcm16-prfsha512-x25519                 =
6 6 transport chacha20poly1305-noesn         =                        aes256gcm16-aes128gcm16-prfsha256-ecp256     aes128gcm16-prfsha256-ecp256
6 4 tunnel    aes128gcm16-esn-noesn          aes128gcm16-noesn        aes256-sha256-prfsha512-x25519               =
4 6 tunnel    aes128gcm16-aes256gcm16-noesn  aes256gcm16-noesn        aes128-sha384-prfsha384-ecp256               =
ROWS
}

# Sets the variables of lib/configs.sh for row $1 (its number) from the columns that follow; $esp and $ike are what has
# to be agreed on.
matrix_row() {
  row=$1 outer=$2 inner=$3 mode=$4 esp_a=$5 esp_b=$6 ike_a=$7 ike_b=$8
  [ "$esp_b" = = ] && esp_b=$esp_a
  [ "$ike_b" = = ] && ike_b=$ike_a
  esp=$esp_b ike=$ike_b
  case $esp in *,*) esp=$esp_a ;; esac
  case $ike in *,*) ike=$ike_a ;; esac
  name=v$outer-$mode-${esp%%-*}
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

matrix_each() {  # FUNCTION ARG...: once for each row that the pattern in $IKED_ROWS selects
  local row=0 line
  local outer inner mode esp esp_a esp_b ike ike_a ike_b name addr_a addr_b peer_a peer_b inner_a inner_b net_a net_b
  local id_a id_b key_a key_b
  while read -r -a line <&3; do
    row=$((row + 1))
    matrix_row "$row" "${line[@]}"
    # shellcheck disable=SC2053
    [[ $name == ${IKED_ROWS:-*} ]] || continue
    "$@" || return
  done 3< <(matrix_rows)
}

matrix_addresses() {  # a|b
  local mine=addr_$1 inside=inner_$1 other=net_b
  [ "$1" = a ] || other=net_a
  local bits=/32 dad=
  [ "$outer" = 4 ] || { bits=/128 dad=nodad; }
  [ "$outer" = 4 ] && bits=/24 || bits=/64
  echo "addr add ${!mine}$bits dev eth0 $dad"
  [ "$mode" = transport ] && return
  dad=
  [ "$inner" = 4 ] && bits=/32 || { bits=/128 dad=nodad; }
  echo "addr add ${!inside}$bits dev lo $dad"
  echo "route add ${!other} dev eth0 src ${!inside}"
}

# The agreed algorithms as both kernels must have them, in the words of esp_table.
matrix_esp_words() {
  local words=noesn
  case $esp in *-esn) words=esn ;; esac
  case $esp in
    aes128gcm16*) echo "$words rfc4106(gcm(aes)):160" ;;
    aes256gcm16*) echo "$words rfc4106(gcm(aes)):288" ;;
    chacha*) echo "$words rfc7539esp(chacha20,poly1305):288" ;;
    aes256-sha256*) echo "$words cbc(aes):256+hmac(sha256):256/128" ;;
  esac
}

matrix_kernel_has() {  # HOST ADDR TABLE
  local src dst spi words n=0 want
  want=$(matrix_esp_words)
  while read -r src dst spi _ words; do
    case "$2" in "$src" | "$dst") ;; *) continue ;; esac
    n=$((n + 1))
    [ "$words" = "$want" ] || { echo "on $1 SA $spi has $words and not $want"; return 1; }
  done <"$3"
  [ $n -eq 2 ] || { echo "on $1 there are $n SAs for $2"; return 1; }
}

# What strongSwan says it agreed on for IKE: the line below that of the connection in swanctl --list-sas.
matrix_strongswan_has() {  # HOST
  local want='' t line ours=no
  for t in ${ike//-/ }; do
    case $t in
      aes*gcm16) t=${t%gcm16} t=AES_GCM_16-${t#aes} ;;
      aes*) t=AES_CBC-${t#aes} ;;
      prfsha1) t=PRF_HMAC_SHA1 ;;
      prfsha*) t=PRF_HMAC_SHA2_${t#prfsha} ;;
      sha256) t=HMAC_SHA2_256_128 ;;
      sha384) t=HMAC_SHA2_384_192 ;;
      sha512) t=HMAC_SHA2_512_256 ;;
      x25519) t=CURVE_25519 ;;
      ecp256) t=ECP_256 ;;
      modp2048) t=MODP_2048 ;;
    esac
    want=$want${want:+/}$t
  done
  while read -r line; do
    case $line in "$name: #"*ESTABLISHED*) ours=yes ;; *": #"*) ours=no ;; esac
    [ "$ours:$line" = "yes:$want" ] && return
  done <"$T/$1.sas"
  echo "strongSwan on $1 has no IKE SA with $want"
  return 1
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
    { [ "$1" != strongswan ] || matrix_strongswan_has a; } &&
    { [ "$2" != strongswan ] || matrix_strongswan_has b; } &&
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
  echo "$name|$ike|$esp|$1>$2|$result|$((there + back))" >>"$OUT/cells"
}

matrix() {
  local kind_a=$1 kind_b=$2 host end=$((SECONDS + 90))
  MATRIX_FAILED=0
  net_pair
  printf "%s: %s\n" "$kind_a" "$(peer_version "$kind_a")" "$kind_b" "$(peer_version "$kind_b")" >"$OUT/versions"
  matrix_each matrix_addresses a | conf_ip a
  matrix_each matrix_addresses b | conf_ip b
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
  if [ "$kind_a" = strongswan ]; then swanctl_on a --list-sas >"$T/a.sas"; fi
  if [ "$kind_b" = strongswan ]; then swanctl_on b --list-sas >"$T/b.sas"; fi
  wire_stop wire
  step "counters, algorithms, packets on the wire of each"
  matrix_each matrix_report "$kind_a" "$kind_b"
  wire_no_clear wire
  step "stop $kind_a: $kind_b hears of it"
  peer_stop a
  wait_for 60 "no SA on b" matrix_gone b
  step "stop $kind_b: clean kernels"
  peer_stop b
  clean_check a b
  [ $MATRIX_FAILED -eq 0 ] || fail "$MATRIX_FAILED tunnels of the matrix"
}
