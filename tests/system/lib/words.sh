# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Proposals are written in strongSwan's words: '-' joins the transforms of a proposal, ',' separates proposals. Here they
# become the words of the other daemons and those of the kernel. All functions set variables and start no process,
# because a process for each word would be slow in a guest.
#
#   iked_words ikesa|childsa PROPOSALS   $IKED_WORDS, for iked.conf (OpenIKED has the same words)
#   libreswan_words ike|esp PROPOSALS    $LIBRESWAN_WORDS, for ike= and esp= of ipsec.conf, and $LIBRESWAN_ESN for esn=
#   kernel_words PROPOSAL                $KERNEL_WORDS, as esp_table prints them
#   strongswan_ike_words PROPOSAL        $STRONGSWAN_WORDS, as swanctl --list-sas prints them
#   libreswan_ike_words PROPOSAL         $LIBRESWAN_WORDS, as the log has them: {cipher=... integ=... prf=... group=...}
#   transform_of WORD                    $KIND_OF: encr, integ, prf, group or esn; of encr also $CIPHER ("aes"), $KEY_BITS,
#                                        $MODE ("", ctr, gcm, ccm, gmac) and $ICV (octets); of others $NAME

transform_of() {
  CIPHER='' KEY_BITS='' MODE='' ICV='' NAME=$1
  case $1 in
    esn | noesn) KIND_OF=esn ;;
    prf*) KIND_OF=prf NAME=${1#prf} ;;
    md5 | sha* | aesxcbc | aescmac) KIND_OF=integ ;;
    modp* | ec155 | ec185 | ecp* | x25519 | x448) KIND_OF=group ;;
    *)
      KIND_OF=encr
      case $1 in
        chacha20poly1305) CIPHER=$1 KEY_BITS=256 MODE=aead ICV=16 ;;
        3des) CIPHER=3des KEY_BITS=192 ;;
        des) CIPHER=des KEY_BITS=64 ;;
        null) CIPHER=null KEY_BITS=0 ;;
        *)
          [[ $1 =~ ^(aes|camellia|blowfish|cast)([0-9]+)(ctr|gmac|gcm|ccm)?(8|12|16)?$ ]] || fail "no algorithm $1"
          CIPHER=${BASH_REMATCH[1]} KEY_BITS=${BASH_REMATCH[2]} MODE=${BASH_REMATCH[3]} ICV=${BASH_REMATCH[4]}
          ;;
      esac
      ;;
  esac
}

# --- iked and OpenIKED

iked_words() {
  local proposal transform
  IKED_WORDS=
  for proposal in ${2//,/ }; do
    IKED_WORDS+=" $1"
    for transform in ${proposal//-/ }; do
      iked_word "$transform"
      IKED_WORDS+=" $IKED_WORD"
    done
  done
}

iked_word() {
  transform_of "$1"
  case $KIND_OF:$NAME in
    encr:*) iked_cipher ;;
    integ:md5) IKED_WORD="auth hmac-md5" ;;
    integ:sha1) IKED_WORD="auth hmac-sha1" ;;
    integ:sha1_160) IKED_WORD="auth hmac-sha1-160" ;;
    integ:sha*) IKED_WORD="auth hmac-sha2-${NAME#sha}" ;;
    integ:aes*) IKED_WORD="auth aes-${NAME#aes}" ;;
    prf:md5 | prf:sha1) IKED_WORD="prf hmac-$NAME" ;;
    prf:sha*) IKED_WORD="prf hmac-sha2-${NAME#sha}" ;;
    prf:aes*) IKED_WORD="prf aes-${NAME#aes}" ;;
    group:x*) IKED_WORD="group curve${NAME#x}" ;;
    group:ecp*bp) NAME=${NAME%bp} IKED_WORD="group brainpool${NAME#ecp}" ;;
    group:modp*s*) IKED_WORD="group ${NAME/s/-}" ;;
    group:*) IKED_WORD="group $NAME" ;;
    esn:*) IKED_WORD=$NAME ;;
  esac
}

iked_cipher() {
  case $CIPHER:$MODE in
    aes:g?m | aes:ccm)
      IKED_WORD="enc aes-$KEY_BITS-$MODE"
      [ "$ICV" = 16 ] || IKED_WORD+="-$ICV"
      ;;
    aes:?*) IKED_WORD="enc aes-$KEY_BITS-$MODE" ;;
    aes: | camellia:) IKED_WORD="enc $CIPHER-$KEY_BITS" ;;
    chacha*) IKED_WORD="enc chacha20-poly1305" ;;
    *) IKED_WORD="enc $CIPHER" ;;
  esac
}

# --- libreswan: ike=CIPHER+CIPHER-HASH+HASH-GROUP+GROUP. A hash there is a PRF and the integrity algorithm of the same
# name, so the other side has to say which is which. Extended sequence numbers belong to the connection.

libreswan_words() {
  local proposal transform encr hash group word
  LIBRESWAN_WORDS='' LIBRESWAN_ESN=''
  for proposal in ${2//,/ }; do
    encr='' hash='' group=''
    for transform in ${proposal//-/ }; do
      transform_of "$transform"
      case $KIND_OF in
        encr) libreswan_cipher && encr+=+$word ;;
        integ | prf)
          case $NAME in sha1) word=sha1 ;; sha*) word=sha2_${NAME#sha} ;; aes*) word=aes_${NAME#aes} ;; *) word=$NAME ;; esac
          case $hash+ in *+$word+*) ;; *) hash+=+$word ;; esac
          ;;
        group) libreswan_group && group+=+$word ;;
        esn)
          case $NAME:$LIBRESWAN_ESN in
            esn:no | noesn:yes) LIBRESWAN_ESN=either ;;
            esn:) LIBRESWAN_ESN=yes ;;
            noesn:) LIBRESWAN_ESN=no ;;
          esac
          ;;
      esac
    done
    LIBRESWAN_WORDS+=,${encr#+}
    [ -z "$hash" ] || LIBRESWAN_WORDS+=-${hash#+}
    [ -z "$group" ] || LIBRESWAN_WORDS+=-${group#+}
  done
  LIBRESWAN_WORDS=${LIBRESWAN_WORDS#,}
}

libreswan_cipher() {  # sets word
  case $CIPHER:$MODE in
    aes:gmac) word=null_auth_aes_gmac_$KEY_BITS ;;
    aes:gcm | aes:ccm) word=aes_${MODE}_${ICV}_$KEY_BITS ;;
    aes:ctr) word=aes_ctr$KEY_BITS ;;
    aes: | camellia:) word=$CIPHER$KEY_BITS ;;
    chacha*) word=chacha20_poly1305 ;;
    *) word=$CIPHER ;;
  esac
}

libreswan_group() {
  case $NAME in
    ecp256) word=dh19 ;;
    ecp384) word=dh20 ;;
    ecp521) word=dh21 ;;
    x25519) word=dh31 ;;
    *) word=$NAME ;;
  esac
}

libreswan_ike_words() {
  local transform cipher integ=n/a prf group
  for transform in ${1//-/ }; do
    transform_of "$transform"
    case $KIND_OF:$NAME in
      encr:3des) cipher=3DES_CBC_192 ;;
      encr:chacha*) cipher=CHACHA20_POLY1305_256 ;;
      encr:*) cipher=$CIPHER${MODE:+_$MODE}${ICV:+_$ICV} && [ -n "$MODE" ] || cipher+=_CBC
        cipher=${cipher^^}_$KEY_BITS ;;
      integ:*) hash_words; integ=$HASH ;;
      prf:*) prf_words; prf=${PRF/128/} ;;
      group:*) local word; libreswan_group; group=${word^^} ;;
    esac
  done
  LIBRESWAN_WORDS="{cipher=$cipher integ=$integ prf=$prf group=$group}"
}

# --- names of the registry of IANA, which strongSwan and libreswan print

hash_words() {  # sets HASH, the integrity algorithm of NAME
  case $NAME in
    md5) HASH=HMAC_MD5_96 ;;
    sha1) HASH=HMAC_SHA1_96 ;;
    sha1_160) HASH=HMAC_SHA1_160 ;;
    sha*) HASH=HMAC_SHA2_${NAME#sha}_$((${NAME#sha} / 2)) ;;
    aes*) HASH=AES_${NAME#aes}_96 HASH=${HASH^^} ;;
  esac
}

prf_words() {  # sets PRF, the name of NAME as a PRF
  case $NAME in
    md5 | sha1) PRF=HMAC_${NAME^^} ;;
    sha*) PRF=HMAC_SHA2_${NAME#sha} ;;
    aes*) PRF=AES128_${NAME#aes} PRF=${PRF^^} ;;
  esac
}

strongswan_ike_words() {
  local transform word
  STRONGSWAN_WORDS=
  for transform in ${1//-/ }; do
    transform_of "$transform"
    case $KIND_OF:$NAME in
      encr:3des) word=3DES_CBC ;;
      encr:chacha*) word=CHACHA20_POLY1305 ;;
      encr:*) word=${CIPHER}_${MODE:-cbc}${ICV:+_$ICV} word=${word^^}-$KEY_BITS ;;
      integ:*) hash_words; word=$HASH ;;
      prf:*) prf_words; word=PRF_$PRF ;;
      group:x*) word=CURVE_${NAME#x} ;;
      group:ecp*bp) word=ECP_${NAME#ecp} word=${word%bp}_BP ;;
      group:modp*s*) word=MODP_${NAME#modp} word=${word/s/_} ;;
      group:modp*) word=MODP_${NAME#modp} ;;
      group:*) word=ECP_${NAME#ecp} ;;
    esac
    STRONGSWAN_WORDS+=/$word
  done
  STRONGSWAN_WORDS=${STRONGSWAN_WORDS#/}
}

# --- the kernel

kernel_words() {
  local transform cipher='' integ='' esn=noesn
  for transform in ${1//-/ }; do
    transform_of "$transform"
    case $KIND_OF in
      encr) kernel_cipher ;;
      integ) kernel_integ ;;
      esn) esn=$NAME ;;
    esac
  done
  KERNEL_WORDS="$esn $cipher$integ"
}

kernel_cipher() {  # the key has the salt of the cipher behind it
  case $CIPHER:$MODE in
    aes:gcm) cipher="rfc4106(gcm(aes)):$((KEY_BITS + 32))/$((ICV * 8))" ;;
    aes:ccm) cipher="rfc4309(ccm(aes)):$((KEY_BITS + 24))/$((ICV * 8))" ;;
    aes:gmac) cipher="rfc4543(gcm(aes)):$((KEY_BITS + 32))/128" ;;
    aes:ctr) cipher="rfc3686(ctr(aes)):$((KEY_BITS + 32))" ;;
    chacha*) cipher="rfc7539esp(chacha20,poly1305):288/128" ;;
    3des:) cipher="cbc(des3_ede):192" ;;
    cast:) cipher="cbc(cast5):$KEY_BITS" ;;
    null:) cipher="ecb(cipher_null):0" ;;
    *) cipher="cbc($CIPHER):$KEY_BITS" ;;
  esac
}

kernel_integ() {
  case $NAME in
    md5) integ="+hmac(md5):128/96" ;;
    sha1) integ="+hmac(sha1):160/96" ;;
    sha1_160) integ="+hmac(sha1):160/160" ;;
    sha*) integ="+hmac($NAME):${NAME#sha}/$((${NAME#sha} / 2))" ;;
    aes*) integ="+${NAME#aes}(aes):128/96" ;;
  esac
}
