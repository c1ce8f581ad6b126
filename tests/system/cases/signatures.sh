# SPDX-License-Identifier: ISC
# Keys instead of a pre-shared one: raw public keys and certificates of each kind, with strongSwan and OpenIKED, both roles.
# Needs: iked, strongswan, openiked, openssl
# Limit: 900
net_pair
STRONGSWAN_EXTRA='load = random nonce pem pkcs1 pkcs8 pubkey x509 revocation constraints openssl hmac kdf aes sha1 sha2 gcm curve25519 kernel-netlink socket-default vici'
make=$T/make
mkdir -p "$make"

new_key() {  # KIND FILE
  case $1 in
    rsa*) openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:${1#rsa}" -out "$2" ;;
    p*) openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:P-${1#p}" -out "$2" ;;
    *) openssl genpkey -quiet -algorithm "$1" -out "$2" ;;
  esac
}
certificate() {  # FILE ID ISSUER TEXT: FILE.crt for FILE.key by ISSUER.key
  printf '%s\n' "$4" >"$1.ext"
  openssl req -new -key "$1.key" -subj "/O=case/CN=$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt"
}
leaf() { certificate "$1" "$2" "$3" "subjectAltName=DNS:$2
keyUsage=critical,digitalSignature
authorityKeyIdentifier=keyid
subjectKeyIdentifier=hash"; }

step "an authority, another one below it, and a key of each kind for both"
{
  new_key p256 "$make/root.key"
  openssl req -x509 -new -key "$make/root.key" -subj /O=case/CN=root -days 30 -out "$make/root.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
  new_key p256 "$make/middle.key"
  certificate "$make/middle" middle "$make/root" "basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid"
  kinds=(rsa2048 rsa3072 p256 p384 p521 ed25519)
  for kind in "${kinds[@]}"; do
    for host in a b; do
      id=id_$host
      new_key "$kind" "$make/$host-$kind.key"
      openssl pkey -in "$make/$host-$kind.key" -pubout -out "$make/$host-$kind.pub"
      leaf "$make/$host-$kind" "${!id}" "$make/root"
    done
  done
  cp "$make/a-p256.key" "$make/a-low.key"
  leaf "$make/a-low" "$id_a" "$make/middle"
  cp "$make/b-p256.key" "$make/b-low.key"
  leaf "$make/b-low" "$id_b" "$make/middle"
} >>"$OUT/make.log" 2>&1

# What HOST has to have for FORM (raw, cert, chain) and KIND, as its daemon wants it. PEER is the other host.
iked_keys() {  # HOST PEER FORM KIND FOLDER
  local folder=$5 id=id_$2
  rm -rf "$folder"
  mkdir -p "$folder"/{private,certs,ca,crls,pubkeys/fqdn}
  cp "$make/$1-$4.key" "$folder/private/local.key"
  chgrp _iked-keeper "$folder/private/local.key"
  chmod 640 "$folder/private/local.key"
  case $3 in
    raw) cp "$make/$2-$4.pub" "$folder/pubkeys/fqdn/${!id}" ;;
    *) cp "$make/root.crt" "$folder/ca/"; cp "$make/$1-$4.crt" "$folder/certs/" ;;
  esac
  [ "$3" != chain ] || cp "$make/middle.crt" "$folder/certs/"
}
openiked_keys() {
  local own=id_$1
  iked_keys "$1" "$2" "$3" "$4" /etc/iked
  chown -R root:root /etc/iked
  chmod 600 /etc/iked/private/local.key
  openssl pkey -in /etc/iked/private/local.key -pubout -out /etc/iked/local.pub
  if [ "$3" != raw ]; then mv "/etc/iked/certs/$1-$4.crt" "/etc/iked/certs/${!own}.crt"; fi
}
strongswan_keys() {
  local folder
  folder=$(peer_dir "$1")
  rm -rf "$folder"/{private,pubkey,x509,x509ca}
  mkdir -p "$folder"/{private,pubkey,x509,x509ca}
  cp "$make/$1-$4.key" "$folder/private/"
  if [ "$3" = raw ]; then
    cp "$make/$1-$4.pub" "$make/$2-$4.pub" "$folder/pubkey/"
  else
    cp "$make/$1-$4.crt" "$folder/x509/"
    cp "$make/root.crt" "$folder/x509ca/"
    if [ "$3" = chain ]; then cp "$make/middle.crt" "$folder/x509ca/"; fi
  fi
}

keys_config() {  # KIND-OF-DAEMON HOST START FORM KIND
  local daemon=$1 host=$2 start=$3 form=$4 kind=$5 peer=b local remote
  [ "$host" = a ] || peer=a
  "${daemon}_keys" "$host" "$peer" "$form" "$kind" "$T/keys-$host"
  local=$(v=addr_$host; echo "${!v}") remote=$(v=addr_$peer; echo "${!v}")
  set -- "$start" "$local" "$remote" "$(v=net_$host; echo "${!v}")" "$(v=net_$peer; echo "${!v}")" \
    "$(v=id_$host; echo "${!v}")" "$(v=id_$peer; echo "${!v}")" "" "" ""
  case $daemon in
    strongswan)
      config_strongswan "$@" | sed -e '/^secrets/,$d' | if [ "$form" = raw ]; then
        sed -e "s/local { auth = psk/local { auth = pubkey\n    pubkeys = $host-$kind.pub/" \
          -e "s/remote { auth = psk/remote { auth = pubkey\n    pubkeys = $peer-$kind.pub/"
      else
        sed -e "s/local { auth = psk/local { auth = pubkey\n    certs = $host-$kind.crt/" \
          -e 's/remote { auth = psk/remote { auth = pubkey/'
      fi ;;
    *) config_iked "$@" | sed 's/ psk ""//' ;;
  esac | peer_config "$daemon" "$host"
}

start_with_keys() { if [ "$1" = iked ]; then peer_start iked "$2" -k "$T/keys-$2"; else peer_start "$1" "$2"; fi; }

wire_start wire
try() {  # CALLER CALLED FORM KIND
  local name=$1-calls-$2-$3-$4
  keys_config "$1" a active "$3" "$4"
  keys_config "$2" b passive "$3" "$4"
  start_with_keys "$2" b
  start_with_keys "$1" a
  tunnel_works
  peer_stop a
  peer_stop b
  ip -n a xfrm state flush
  ip -n b xfrm state flush
  ip -n a xfrm policy flush
  ip -n b xfrm policy flush
  part PASS "$name"
  echo "  $name"
}
for kind in "${kinds[@]}"; do
  for form in raw cert; do
    try iked strongswan $form "$kind"
    try strongswan iked $form "$kind"
  done
done
try iked iked raw p256
try iked iked cert ed25519
try iked iked chain low
try iked strongswan chain low
try strongswan iked chain low
for kind in rsa2048 p256; do
  for form in raw cert; do
    try iked openiked $form "$kind"
    try openiked iked $form "$kind"
  done
done
wire_stop wire
wire_no_clear wire
