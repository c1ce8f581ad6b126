# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Daemons under test, one kind a function name: KIND is iked, strongswan, openiked or libreswan.
#
#   peer_config KIND HOST <<'TEXT'   write its configuration, for root alone, or for iked's keeper as well
#   peer_start KIND HOST [ARG...]    start it on HOST, wait until it answers, load the configuration
#   peer_stop HOST [SIGNAL]          send the signal (TERM), wait for the end; the exit status is in $PEER_STATUS
#   peer_version KIND                one line
#   peer_log HOST                    the file its log is in
#   iked_on HOST [ARG...]            run iked in the foreground of the case, for starts that must fail;
#                                    output in $OUT/HOST.run, exit status returned
#   ikectl_on HOST WORD...           talk to the iked on HOST
#   swanctl_on HOST WORD...          talk to the strongSwan on HOST
#   openikedctl_on HOST WORD...      talk to the OpenIKED on HOST
#   whack_on HOST WORD...            talk to the libreswan on HOST
#
# $STRONGSWAN_EXTRA goes into strongswan.conf. (`ip netns exec` instead of `on` where $! must be the daemon itself.) A new
# KIND needs KIND_config_file, KIND_spawn (sets PEER_PID), KIND_ready, KIND_load and KIND_version.

declare -A PEER_KIND PEER_PIDS
PEER_PID= PEER_STATUS=

peer_dir() { mkdir -p "$T/$1" && echo "$T/$1"; }
peer_log() { echo "$OUT/$1.log"; }

peer_config() {
  local file
  file=$(peer_dir "$2")/$("$1_config_file")
  (umask 077; cat >"$file")
  if [ "$1" = iked ]; then
    chgrp _iked-keeper "$file"
    chmod 640 "$file"
  fi
  cp "$file" "$OUT/$2.conf"
}

peer_start() {
  local kind=$1 host=$2
  shift 2
  PEER_KIND[$host]=$kind
  echo "==== start" >>"$(peer_log "$host")"
  "${kind}_spawn" "$host" "$@"
  PEER_PIDS[$host]=$PEER_PID
  wait_for 60 "$kind on $host answers or ends" peer_settled "$host"
  kill -0 "$PEER_PID" 2>/dev/null || fail "$kind on $host ended at once"
  "${kind}_load" "$host"
}

peer_settled() { ! kill -0 "${PEER_PIDS[$1]}" || "${PEER_KIND[$1]}_ready" "$1"; }

peer_ended() { ! kill -0 "${PEER_PIDS[$1]}" 2>/dev/null; }

peer_stop() {
  local host=$1 signal=${2-TERM}
  peer_ended "$host" && fail "${PEER_KIND[$host]} on $host had ended by itself"
  kill "-$signal" "${PEER_PIDS[$host]}"
  wait_for 60 "${PEER_KIND[$host]} on $host ends after SIG$signal" peer_ended "$host"
  PEER_STATUS=0
  wait "${PEER_PIDS[$host]}" 2>/dev/null || PEER_STATUS=$?
}

peer_version() { "$1_version"; }

# --- iked

iked_config_file() { echo iked.conf; }
iked_socket() { echo "/run/iked-$1.sock"; }
iked_ready() { ikectl_on "$1" show sa; }
iked_load() { :; }
ikectl_on() { local host=$1; shift; "$BUILD/ikectl" -s "$(iked_socket "$host")" "$@"; }

iked_spawn() {
  local host=$1
  shift
  ip netns exec "$host" "$BUILD/iked" -d -v -f "$T/$host/iked.conf" -s "$(iked_socket "$host")" "$@" \
    >>"$(peer_log "$host")" 2>&1 </dev/null &
  PEER_PID=$!
}

iked_on() {
  local host=$1
  shift
  on "$host" timeout 20 "$BUILD/iked" -d -v -f "$T/$host/iked.conf" -s "$(iked_socket "$host")" "$@" \
    >"$OUT/$host.run" 2>&1 </dev/null
}

iked_version() { echo "this build${IKED_REVISION:+ ($IKED_REVISION)}"; }

# --- strongSwan: charon-systemd needs no systemd, and all its paths can be chosen

strongswan_config_file() { echo swanctl.conf; }
strongswan_ready() { swanctl_on "$1" --stats; }
swanctl_on() { local host=$1; shift; swanctl "$@" --uri "unix:///run/charon-$host.vici"; }

strongswan_spawn() {
  local host=$1 conf
  conf=$(peer_dir "$host")/strongswan.conf
  cat >"$conf" <<TEXT
charon-systemd {
  load = random nonce pem pkcs8 x509 revocation openssl gcrypt hmac kdf aes md5 sha1 sha2 gcm ccm ctr cmac xcbc chapoly curve25519 kernel-netlink socket-default vici
  install_routes = no
  retry_initiate_interval = 2
  retransmit_timeout = 1
  ${STRONGSWAN_EXTRA-}
  plugins { vici { socket = unix:///run/charon-$host.vici } }
  journal { default = -1 }
  filelog { case { path = $(peer_log "$host")
    append = yes
    flush_line = yes
    ike_name = yes
    default = 1
    cfg = 2
    knl = 2 } }
}
swanctl { load = random pem pkcs8 x509 openssl }
TEXT
  rm -f "/run/charon-$host.vici"
  STRONGSWAN_CONF=$conf ip netns exec "$host" charon-systemd >>"$(peer_log "$host")" 2>&1 </dev/null &
  PEER_PID=$!
}

strongswan_load() {
  local host=$1
  swanctl_on "$host" --load-all --file "$T/$host/swanctl.conf" >>"$(peer_log "$host")" 2>&1 ||
    fail "strongSwan on $host refused its configuration"
}

strongswan_version() { dpkg-query -W -f '${Version} (Debian)\n' charon-systemd; }

# --- OpenIKED. It empties the kernel's tables of its namespace when it starts, and SIGTERM sends no Delete.

OPENIKED=/usr/sbin/iked OPENIKED_CTL=/usr/sbin/ikectl
openiked_config_file() { echo iked.conf; }
openiked_ready() { openikedctl_on "$1" show sa; }
openiked_load() { :; }
openikedctl_on() { local host=$1; shift; "$OPENIKED_CTL" -s "/run/openiked-$host.sock" "$@"; }

openiked_spawn() {
  local host=$1
  ip netns exec "$host" "$OPENIKED" -d -v -f "$T/$host/iked.conf" -s "/run/openiked-$host.sock" \
    >>"$(peer_log "$host")" 2>&1 </dev/null &
  PEER_PID=$!
}

openiked_version() { dpkg-query -W -f '${Version} (Debian)\n' openiked; }

# --- libreswan: pluto reads the connections by itself, and listens when it has them. The package cannot be installed beside
# strongSwan: scripts/deps unpacks it, and here it gets the place it was built for. (No "whack | grep -q": whack says for
# ever what nobody reads.)

LIBRESWAN=/usr/libexec/ipsec LIBRESWAN_UNPACKED=/usr/local/lib/iked-peers/libreswan
libreswan_config_file() { echo ipsec.conf; }
libreswan_ready() { local text; text=$(whack_on "$1" --status) && [[ $text == *"000 interface eth0"* ]]; }
libreswan_load() { :; }
whack_on() { local host=$1; shift; "$LIBRESWAN/whack" --ctlsocket "$T/$host/pluto/pluto.ctl" "$@"; }

libreswan_spawn() {
  local host=$1 dir
  dir=$(peer_dir "$host")
  mkdir -p "$dir/nss" "$dir/pluto" "$dir/ipsec.d" /usr/libexec
  [ -e $LIBRESWAN ] || ln -s "$LIBRESWAN_UNPACKED/usr/libexec/ipsec" $LIBRESWAN
  [ -e "$dir/nss/cert9.db" ] || certutil -N -d "sql:$dir/nss" --empty-password
  (umask 077; sed -n 's/^#psk //p' "$dir/ipsec.conf" >"$dir/ipsec.secrets")
  ip netns exec "$host" "$LIBRESWAN/pluto" --nofork --stderrlog --config "$dir/ipsec.conf" --secretsfile "$dir/ipsec.secrets" \
    --ipsecdir "$dir/ipsec.d" --nssdir "$dir/nss" --rundir "$dir/pluto" >>"$(peer_log "$host")" 2>&1 </dev/null &
  PEER_PID=$!
}

libreswan_version() { echo "$(<$LIBRESWAN_UNPACKED/version) (Debian)"; }
