# SPDX-License-Identifier: ISC
# The Debian package under a real systemd: install, configure, use, upgrade, remove, purge; D-Bus with the real polkitd.
# Needs: iked, lintian
# Where: systemd
# Limit: 420
deb=$(ls "$BUILD"/package/iked_*.deb 2>/dev/null) || skip "no package: scripts/package makes it"
net_pair
kernel_note a b
systemctl start dbus.service polkit.service
# As on a machine that never saw iked: without the users of the other cases, and without OpenIKED, which has the same files.
sed -i '/^_iked/d' /etc/passwd /etc/group
dpkg --purge openiked >/dev/null 2>&1 || :
refuse "there is an iked.conf already" [ -e /etc/iked.conf ]
apt() { DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Options::=--force-confold "$@" >>"$OUT/apt.log" 2>&1; }
property() { systemctl show -P "$1" iked.service; }
is_active() { [ "$(property ActiveState)/$(property SubState)" = active/running ]; }
mode_of() { stat -c '%a %U:%G' "$1"; }
journal_has() { journalctl -q --no-pager -u iked.service -o cat >"$OUT/a.log" && has "$OUT/a.log" "$@"; }

step "install: nothing runs, everything is there"
check "apt: $(tail -n 5 "$OUT/apt.log" 2>/dev/null)" apt install --no-install-recommends "$deb"
dpkg -L iked >"$OUT/files.log"
check "enabled" grep -q disabled <<<"$(systemctl is-enabled iked.service || :)"
check "started" [ "$(property ActiveState)" = inactive ]
for user in _iked _iked-keeper _iked-starter; do check "no user $user" id "$user"; done
check "modes" [ "$(mode_of /etc/iked.conf)" = "640 root:_iked-keeper" ]
check "modes" [ "$(mode_of /etc/iked/private)" = "750 root:_iked-keeper" ]
check "a key of its own" [ "$(mode_of /etc/iked/private/local.key)" = "640 root:_iked-keeper" ]
check "its public part" [ "$(mode_of /etc/iked/local.pub)" = "644 root:root" ]
key=$(sha256sum </etc/iked/private/local.key)
check "folders of keys" [ -d /etc/iked/pubkeys/fqdn ]
check "the empty configuration" iked -n

step "edit one file, enable"
configure iked b passive
configure iked a active
cat "$T/a/iked.conf" >>/etc/iked.conf
check "the mode stays" [ "$(mode_of /etc/iked.conf)" = "640 root:_iked-keeper" ]
mkdir -p /run/systemd/system/iked.service.d
printf '[Service]\nNetworkNamespacePath=/run/netns/a\n' >/run/systemd/system/iked.service.d/case.conf
systemctl daemon-reload
wire_start wire
systemctl enable --now iked.service
check "not active" is_active
wait_for 20 "org.iked1 on the bus" busctl --no-pager status org.iked1
peer_start iked b
tunnel_works
check "show sa" grep -q ESTABLISHED <<<"$(/usr/sbin/ikectl show sa)"
check "status: $(property StatusText)" grep -q '1 IKE SA' <<<"$(property StatusText)"

step "D-Bus: the group of the example rule may, another user may not"
groupadd vpn
useradd -M -G vpn ann
useradd -M bob
install -D -m 644 /usr/share/doc/iked/examples/iked.rules /etc/polkit-1/rules.d/50-iked.rules
systemctl restart polkit.service
call() { runuser -u "$1" -- busctl --no-pager call org.iked1 /org/iked1 org.iked1.Manager "${@:2}"; }
check "ann lists" call ann ListIkeSas tu 0 10
check "ann reloads" call ann Reload
refuse "bob lists" call bob ListIkeSas tu 0 10 2>"$OUT/bob.log"
refuse "bob reloads" call bob Reload 2>>"$OUT/bob.log"
check "bob is told: $(cat "$OUT/bob.log")" grep -qi 'denied\|authori' "$OUT/bob.log"

step "upgrade: the configuration and the tunnel stay"
before=$(property MainPID)
steady_traffic a
check "apt" apt install --reinstall --no-install-recommends "$deb"
refuse "the old program runs" [ "$(property MainPID)" = "$before" ]
check "not active" is_active
wait_for 30 "the tunnel" bash -c "ikectl show sa | grep -q ESTABLISHED"
wait_for 30 "one pair of SAs on a" esp_pair a "$addr_a"
steady_traffic_end
grep 'packet loss' "$OUT/steady-a.log"
check "packets were lost" grep -q ' 0% packet loss' "$OUT/steady-a.log"
check "the mode stays" [ "$(mode_of /etc/iked.conf)" = "640 root:_iked-keeper" ]
check "the key stays" [ "$(sha256sum </etc/iked/private/local.key)" = "$key" ]
check "the policy stays" grep -q '^ikev2' /etc/iked.conf

step "remove: the tunnel ends, the configuration stays"
check "apt" apt remove iked
journal_has 'iked ended' || fail "it did not end well"
wait_no_sa b "$addr_b"
check "the configuration" [ -e /etc/iked.conf ]
refuse "programs" [ -e /usr/sbin/iked ]
clean_check a

step "purge: nothing stays"
check "apt" apt purge iked
while read -r path; do
  if [ ! -d "$path" ] && [ -e "$path" ]; then fail "$path is left"; fi
done <"$OUT/files.log"
for path in /etc/iked.conf /etc/iked /run/iked /run/iked.sock /usr/libexec/iked /usr/share/doc/iked; do
  refuse "$path is left" [ -e "$path" ]
done
refuse "links to units" [ -e /etc/systemd/system/multi-user.target.wants/iked.service ]
refuse "dpkg knows it" grep -q 'ok' <<<"$(dpkg-query -W -f '${Status}' iked 2>/dev/null)"
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check b
