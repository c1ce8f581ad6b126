# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# One description of a tunnel between a and b, written down as the configuration of any kind of daemon.
#
#   configure KIND SIDE START     SIDE is a or b (the host, too), START active or passive; writes its configuration
#   config_text KIND SIDE START   prints it: several of these make a configuration with several tunnels
#
# The tunnel is in these variables; net_pair and the others fill in the usual values, a case changes what it needs:
#   name mode                     of the policy; tunnel or transport
#   protocol                      esp; or ah, for iked and strongSwan
#   addr_a addr_b                 outer address of each side, as the side itself has it
#   local_a local_b               the address in the configuration where it is another one, such as any
#   peer_a peer_b                 the address at which each side expects the other
#   net_a net_b inner_a inner_b   protected networks, and an address in each to ping from
#   id_a id_b key_a key_b         identity; pre-shared key as each side has it
#   life_a life_b                 seconds of each side's children and IKE SAs, "8 30"; empty: the defaults of the daemon
#   ike_a ike_b esp_a esp_b       proposals of each side in the words of lib/words.sh; empty: the defaults of the daemon

config_text() {  # KIND SIDE START
  local other=b
  [ "$2" = a ] || other=a
  local local=addr_$2 peer=peer_$2 from=net_$2 to=net_$other id=id_$2 peer_id=id_$other key=key_$2 ike=ike_$2 esp=esp_$2
  [ -z "$(eval "echo \${local_$2-}")" ] || local=local_$2
  local life=life_$2 child_life ike_life
  read -r child_life ike_life <<<"${!life-}"
  "config_$1" "$3" "${!local}" "${!peer}" "${!from}" "${!to}" "${!id}" "${!peer_id}" "${!key}" "${!ike}" "${!esp}"
}

config_iked() {  # START LOCAL PEER FROM TO ID PEER-ID KEY IKE ESP
  local ike esp
  iked_words ikesa "$9"
  ike=$IKED_WORDS
  iked_words childsa "${10}"
  esp=$IKED_WORDS
  echo "ikev2 \"$name\" $1 $mode ${protocol:-esp} from $4 to $5 peer $3 local $2$ike$esp srcid $6 dstid $7${child_life:+ ikelifetime $ike_life lifetime $child_life} psk \"$8\""
}

config_openiked() { config_iked "$@"; }

# The pre-shared key is in a comment, from which libreswan_spawn makes the file that has to have it. The script that
# would change routes takes a second a tunnel in a guest, and the routes are there.
config_libreswan() {  # the same
  local ike esp esn peer=$3
  [ "$peer" = any ] && peer=%any
  libreswan_words ike "$9"
  ike=$LIBRESWAN_WORDS
  libreswan_words esp "${10}"
  esp=$LIBRESWAN_WORDS esn=$LIBRESWAN_ESN
  cat <<TEXT
conn $name
  ikev2=insist
  authby=secret
  type=$mode
  left=$2
  right=$peer
  leftid=@$6
  rightid=@$7
  leftupdown=%disabled
TEXT
  [ "$mode" = transport ] || printf '  %s\n' "leftsubnet=$4" "rightsubnet=$5"
  [ -z "$child_life" ] || printf '  %s\n' "salifetime=${child_life}s" "ikelifetime=${ike_life}s" rekeymargin=2s rekeyfuzz=0%
  [ -z "$ike" ] || echo "  ike=$ike"
  [ -z "$esp" ] || echo "  esp=$esp"
  [ -z "$esn" ] || echo "  esn=$esn"
  case $1 in active) echo "  auto=start" ;; *) echo "  auto=add" ;; esac
  echo "#psk @$6 @$7 : PSK \"$8\""
}

config_strongswan() {  # the same
  local ts_local=$4 ts_remote=$5 own=$2 peer=$3 start
  [ "$own" = any ] && own=%any
  [ "$mode" = transport ] && ts_local=dynamic ts_remote=dynamic
  [ "$peer" = any ] && peer=%any
  case $1 in active) start='start_action = start
      close_action = start
      dpd_action = restart' ;; *) start='start_action = none' ;; esac
  cat <<TEXT
connections { $name { version = 2
  local_addrs = $own
  remote_addrs = $peer
  keyingtries = 0
  ${ike_life:+rekey_time = $((ike_life - 2))s}
  ${9:+proposals = $9}
  local { auth = psk
    id = $6 }
  remote { auth = psk
    id = $7 }
  children { $name { mode = $mode
      local_ts = $ts_local
      remote_ts = $ts_remote
      ${child_life:+rekey_time = $((child_life - 2))s
      life_time = $((child_life + 2))s
      rand_time = 1s}
      ${10:+${protocol:-esp}_proposals = ${10}}
      $start } } } }
secrets { ike-$name { id-mine = $6
  id-theirs = $7
  secret = "$8" } }
TEXT
}

configure() { config_text "$@" | peer_config "$1" "$2"; }
