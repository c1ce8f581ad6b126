# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# The rows of the matrix, and what peers lack.
#
# Columns: outer and inner family, mode; then what the initiator and the responder have for ESP and for IKE, in the words
# of lib/words.sh. '=' is "the same". One side has only one choice, so the other has to follow it: that is what must be
# agreed on. All rows of a list are up at the same time.
#
#   rows_tunnels       modes, families and choices, for each pair of daemons
#   rows_algorithms    each algorithm of IKE and of ESP once, for iked and strongSwan, which has them all but a few
#   KIND_lacks         whether KIND cannot do the row in $esp, $ike, $outer and $inner; what it lacks is in $LACKS, and is
#                      asked of the peer itself (KIND_refuses of lib/matrix.sh): a newer one does not go untested.

rows_tunnels() {
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
4 4 tunnel    aes128-sha1-noesn              =                        3des-sha1-prfsha1-modp1536                   =
4 4 tunnel    3des-sha1-noesn                =                        aes192-sha256-prfsha256-modp3072             =
4 4 tunnel    aes192ctr-sha384-noesn         =                        aes256gcm16-prfsha512-modp4096               =
4 4 tunnel    blowfish160-md5-noesn          =                        aes256-md5-prfmd5-modp1024                   =
4 4 tunnel    cast128-sha1-noesn             =                        aes128gcm12-prfsha1-ecp384                   =
4 4 tunnel    null-sha512-noesn              =                        aes256gcm12-prfsha384-ecp521                 =
4 4 transport aes256-aes128-sha512-noesn     aes128-sha512-noesn      aes256-aes128-sha512-prfsha256-prfsha512-x25519 aes256-sha512-prfsha512-x25519
4 4 tunnel    aes256-sha512-esn              =                        aes256gcm16-prfsha384-ecp384                 =
6 6 tunnel    aes192-sha384-noesn            =                        aes192-sha384-prfsha384-ecp256bp             =
6 6 tunnel    aes256-sha512-sha384-noesn     aes256-sha384-noesn      aes256-sha256-prfsha256-ecp384               =
6 6 transport aes256-sha1-noesn              =                        aes256gcm16-prfsha256-modp2048               =
6 4 tunnel    aes128-sha384-noesn            =                        aes256-sha256-prfsha256-ecp521               =
4 6 tunnel    aes256-sha512-noesn            =                        aes128-sha1-prfsha256-modp2048               =
ROWS
}

# RFC 8247 and 8221 forbid some of these. They are here because iked has words for them.
rows_algorithms() {
  local esp ike
  while read -r esp ike; do echo "4 4 tunnel $esp = $ike ="; done <<'ROWS'
aes128-sha1             aes128-sha1-prfsha1-modp768
aes192-sha256           aes192-sha256-prfsha256-modp1024
aes256-sha384           aes256-sha384-prfsha384-modp1536
aes128-sha512           aes128-sha512-prfsha512-modp2048
aes256-md5              aes256-md5-prfmd5-modp3072
aes128-aesxcbc          aes128-aesxcbc-prfaesxcbc-modp4096
aes192-aescmac          aes192-aescmac-prfaescmac-modp6144
aes256-sha1_160         aes256-sha1_160-prfsha1-modp8192
aes128ctr-sha1          aes128ctr-sha1-prfsha256-modp1024s160
aes192ctr-sha384        aes192ctr-sha384-prfsha384-modp2048s224
aes256ctr-sha512        aes256ctr-sha512-prfsha512-modp2048s256
aes128gcm8              aes128gcm8-prfsha1-ecp192
aes192gcm8              aes192gcm8-prfsha256-ecp224
aes256gcm8              aes256gcm8-prfsha384-ecp256
aes128gcm12             aes128gcm12-prfsha512-ecp384
aes192gcm12             aes192gcm12-prfaesxcbc-ecp521
aes256gcm12             aes256gcm12-prfaescmac-ecp224bp
aes128gcm16             aes128gcm16-prfmd5-ecp256bp
aes192gcm16             aes192gcm16-prfsha384-ecp384bp
aes256gcm16             aes256gcm16-prfsha512-ecp512bp
aes128ccm8              aes128ccm8-prfsha1-x25519
aes192ccm8              aes192ccm8-prfsha256-x448
aes256ccm8              aes256ccm8-prfsha384-ecp256
aes128ccm12             aes128ccm12-prfsha512-x25519
aes192ccm12             aes192ccm12-prfsha256-ecp256
aes256ccm12             aes256ccm12-prfsha384-x448
aes128ccm16             aes128ccm16-prfsha256-modp2048
aes192ccm16             aes192ccm16-prfsha384-ecp384
aes256ccm16             aes256ccm16-prfsha512-ecp521
chacha20poly1305        chacha20poly1305-prfsha256-x25519
camellia128-sha256      camellia128-sha256-prfsha256-ecp256
camellia192-aesxcbc     camellia192-aesxcbc-prfsha384-x25519
camellia256-sha512      camellia256-aescmac-prfsha512-x448
3des-sha1               3des-md5-prfsha256-modp2048
des-md5                 3des-sha1_160-prfmd5-x25519
cast128-aescmac         aes128ctr-aesxcbc-prfsha1-x25519
blowfish160-sha1        aes256-sha256-prfsha256-x25519
null-sha256             aes192ctr-aescmac-prfaesxcbc-ecp256
aes128gmac              aes128gcm16-prfsha256-x25519
aes192gmac              aes192gcm16-prfsha256-x448
aes256gmac              aes256gcm16-prfsha256-ecp521
aes128-sha256-esn       aes128-sha256-prfsha256-ecp256bp
aes256ctr-sha256-esn    aes256ctr-sha256-prfsha256-ecp384
aes128gcm16-esn         aes128gcm16-prfaescmac-x25519
aes256ccm16-esn         aes256ccm16-prfsha512-x25519
chacha20poly1305-esn    chacha20poly1305-prfsha512-x448
aes256gmac-esn          chacha20poly1305-prfaesxcbc-ecp256
camellia256-sha384-esn  camellia256-sha384-prfsha384-ecp521
3des-sha512-esn         3des-sha512-prfsha1-ecp256
null-sha1-esn           aes256-sha1-prfsha256-modp2048
aes192-sha1             aes192-sha256-prfsha256-ec155
aes192-sha512           aes192-sha512-prfsha512-ec185
ROWS
}

iked_lacks() { return 1; }

# OpenIKED reaches the kernel of Linux through PF_KEY. $EVIDENCE is what it says in its log when it cannot (or: the policy
# that it prints lacks it, or what the kernel shows instead).
openiked_lacks() {
  EVIDENCE=
  case -$esp- in
    -aes*gcm* | -chacha*) EVIDENCE=policy LACKS="AEAD for ESP on Linux" ;;
    *-sha256-*) EVIDENCE="unsupported integrity algorithm HMAC_SHA2_256_128" LACKS="HMAC-SHA2-256 for ESP on Linux" ;;
    -blowfish*) EVIDENCE="unsupported encryption algorithm BLOWFISH" LACKS="Blowfish for ESP on Linux" ;;
    -cast*) EVIDENCE="unsupported encryption algorithm CAST" LACKS="CAST for ESP on Linux" ;;
    -null*) EVIDENCE="pfkey_reply: message: Invalid argument" LACKS="NULL encryption for ESP on Linux" ;;
    *-esn-*) EVIDENCE="no support for extended sequence numbers" LACKS="ESN on Linux" ;;
    *)
      [ "$inner" != "$outer" ] || return 1
      LACKS="IPv4 in IPv6 and IPv6 in IPv4 on Linux"
      if [ "$outer" = 4 ]; then EVIDENCE="sel src 0.0.0.0/0 dst 0.0.0.0/0"; else EVIDENCE="sel src ::/0 dst ::/0"; fi
      ;;
  esac
}

libreswan_lacks() {
  case -$esp- in
    -cast* | -blowfish* | -des*) LACKS="CAST, Blowfish or DES for ESP" ;;
    *) case -$ike- in
      *-modp1024-* | *-modp768-*) LACKS="groups below 1536 bits" ;;
      *bp-*) LACKS="Brainpool groups" ;;
      *) return 1 ;;
    esac ;;
  esac
}

strongswan_lacks() {
  case -$esp- in
    -blowfish160*) LACKS="Blowfish with 160 bits" ;;
    *) case -$ike- in
      *-ec155-* | *-ec185-*) LACKS="groups over EC2N" ;;
      *) return 1 ;;
    esac ;;
  esac
}
