#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Compares what iked and OpenIKED 7.2 say of the same configurations: all files in tests/conf/accept and reject.

openiked_verdicts.py IKED    prints each difference with its reason; one without a reason, or a reason without a
                             difference, is a failure. Exit 77 where Debian's package openiked 7.2 is not installed.

OpenIKED wants to be root, and looks up names and interfaces; so both run in a user and network namespace of their own,
in which there is nothing to be found.
"""

import fnmatch
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import tree

OPENIKED = "/usr/sbin/iked"
APART = ["unshare", "-rn"]

# Why iked differs, on purpose: patterns of files below tests/conf, and the reason. Ids are rows of the requirements.
REASONS = [
    # iked takes what OpenIKED refuses.
    ("accept/childsa-kernel-ciphers.conf", "T-016: the word aes-ctr of OpenBSD 4.8"),
    ("accept/ikesa-group-numbers.conf", "T-034: the word ec256 of OpenBSD 4.8"),
    ("accept/ikesa-aead-only.conf", "chacha20-poly1305 also protects IKE (RFC 7634); OpenIKED has it for ESP only"),
    ("accept/host-names.conf", "C-014: names are looked up when needed, so that a check needs no network"),
    ("accept/policy-families.conf", "C-014: names are looked up when needed, so that a check needs no network"),
    ("accept/host-name-with-length.conf", "C-007: interfaces, too, are looked up when needed"),
    ("accept/host-full-length-is-a-host.conf", "192.0.2.2/32 is one host, which can be called"),
    ("accept/policy-every-clause.conf", "natt, a word that OpenIKED has since 7.4; rdomain"),
    ("accept/rdomain.conf", "the routing table of a VRF; OpenIKED has rdomain on OpenBSD only"),
    ("accept/*-dsa.conf", "P-030, S-004: DSA, when it is named"),
    ("accept/*-eddsa.conf", "P-030, S-004: EdDSA, when it is named"),
    ("accept/skip-eap-md5.conf", "G-008: EAP-MD5"),
    ("accept/config-all.conf", "an interface may come later than the configuration"),
    ("accept/request-all.conf", "an interface may come later than the configuration"),
    ("accept/host-zone.conf", "C-014: names are looked up when needed, and a zone is an interface's name"),
    ("accept/srcnat-behind-port.conf", "P-012: the order of OpenBSD's manual"),
    ("accept/set-linux*.conf", "the settings for Linux"),
    ("accept/set-retry-one.conf", "the settings for Linux"),
    ("accept/policy-everything.conf", "natt, a word that OpenIKED has since 7.4"),
    ("accept/policy-precedences.conf", "a default policy is for any peer, also when it has several pairs"),
    ("accept/psk-file-with-0x.conf", "a file may hold a key as it stands behind psk, with 0x"),
    # The same; that iked refuses these is so only with the few algorithms that the unit test gives it.
    ("reject/childsa-auth-not-there.conf", "HMAC-SHA1 with all its 160 bits"),
    ("reject/childsa-not-there.conf", "Camellia"),
    ("reject/ikesa-kernel-cipher.conf", "AES-CTR also protects IKE (RFC 5930)"),
    # iked refuses what OpenIKED takes, and gets wrong.
    ("reject/childsa-empty.conf", "OpenIKED crashes"),
    ("reject/ikesa-empty.conf", "OpenIKED crashes"),
    ("reject/ikesa-empty-at-end.conf", "OpenIKED crashes"),
    ("reject/ikesa-auth-prefix.conf", "OpenIKED takes the first algorithm whose name begins so"),
    ("reject/ikesa-cipher-prefix.conf", "OpenIKED takes the first algorithm whose name begins so"),
    ("reject/ikesa-group-prefix.conf", "OpenIKED takes the first algorithm whose name begins so"),
    ("reject/ikesa-cipher-empty.conf", "OpenIKED takes the first algorithm whose name begins so"),
    ("reject/ikesa-group-sntrup.conf", "a number that OpenIKED chose for itself; nobody else has it"),
    ("reject/lex-macro-reserved-name.conf", "C-010: OpenIKED skips the line, for it begins like one of ipsec.conf"),
    ("reject/lex-macro-quoted-reserved.conf", "C-010: no reserved word can name a macro"),
    ("reject/lex-macro-name-with-dash.conf", "C-009: no text could use this macro, $a-b is $a and -b"),
    ("reject/psk-empty.conf", "P-029: an empty key protects nothing"),
    ("reject/psk-file-empty.conf", "P-029: an empty key protects nothing"),
    ("reject/psk-hexadecimal-empty.conf", "P-029: an empty key protects nothing"),
    ("reject/psk-hexadecimal-odd.conf", "P-029: OpenIKED drops the last digit"),
    ("reject/host-too-long-prefix.conf", "/33 of IPv4; OpenIKED checks against the 128 of IPv6"),
    ("reject/childsa-ah-enc.conf", "AH does not encrypt"),
    ("reject/active-skip.conf", "a policy that is never used cannot call"),
    ("reject/proto-zero-in-list.conf", "0 is any protocol, which makes the rest of the list mean nothing"),
    ("reject/transport-families.conf", "transport mode has one address family; OpenIKED's flow would match nothing"),
    ("reject/id-empty.conf", "an empty ID is none"),
    ("reject/policy-name-empty.conf", "nothing can call a policy by an empty name"),
    ("reject/tag-empty.conf", "an empty tag is none"),
    ("reject/tag-long.conf", "OpenIKED cuts the tag, and a rule of a firewall for the whole of it would match nothing"),
    ("reject/config-netmask.conf", "255.0.255.0 is the mask of no network"),
    ("reject/config-server-network.conf", "OpenIKED drops the prefix length of what must be one address"),
    ("reject/set-ocsp-no-url.conf", "OpenIKED finds out when it is too late that this is no URL"),
    ("reject/bytes-too-much.conf", "OpenIKED's number overflows"),
    ("reject/time-too-long*.conf", "ten years are the most; OpenIKED takes any number"),
    ("reject/set-number-range.conf", "more than the seconds of 136 years"),
    ("reject/lex-minus-number.conf", "a negative lifetime"),
    ("reject/time-junk.conf", "OpenIKED ignores all behind the unit, be it a slip or a second number"),
]


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def check_openiked():
    """Skips unless the other program is there, is the one that REASONS speak of, and can be run."""
    query = ["dpkg-query", "-W", "-f", "${Version}", "openiked"]
    if not shutil.which("dpkg-query") or not os.path.exists(OPENIKED):
        skip("openiked is not installed")
    version = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    if not version.startswith("7.2"):
        skip(f"the package openiked has version {version or 'none'} and not 7.2")
    if subprocess.run(APART + ["true"], capture_output=True, check=False).returncode != 0:
        skip("no namespaces can be made here")


def verdict(program, folder, name):
    command = APART + [program, "-n", "-f", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    # A child of unshare that ends by a signal ends unshare the same way.
    return {0: "takes it", 1: "refuses it"}.get(done.returncode, f"crashes (status {done.returncode})")


def private_copy(target):
    """tests/conf/accept and reject below target, with the modes that files with secrets must have."""
    names = []
    for folder in ("accept", "reject"):
        os.makedirs(os.path.join(target, folder), mode=0o700)
        for source in sorted(glob.glob(os.path.join(tree.ROOT, "tests", "conf", folder, "*.conf"))):
            base = os.path.basename(source)
            copied = shutil.copyfile(source, os.path.join(target, folder, base))
            os.chmod(copied, 0o600)
            if not base.startswith("included-"):
                names.append((folder, base))
    return names


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    iked = os.path.abspath(sys.argv[1])
    check_openiked()
    problems, used, differences = [], set(), 0
    with tempfile.TemporaryDirectory(prefix="iked-check-") as target:
        names = private_copy(target)
        for folder, base in names:
            where = os.path.join(target, folder)
            ours, theirs = verdict(iked, where, base), verdict(OPENIKED, where, base)
            if ours.startswith("crashes"):
                problems.append(f"{folder}/{base}: iked {ours}")
            if ours == theirs:
                continue
            differences += 1
            path = f"{folder}/{base}"
            said = f"{path}: iked {ours}, OpenIKED {theirs}"
            row = next((row for row in REASONS if fnmatch.fnmatchcase(path, row[0])), None)
            if row:
                used.add(row)
                print(f"{said}: {row[1]}")
            else:
                problems.append(f"{said}, and REASONS do not say why")
    problems += [f"{pattern}: both say the same, or there is no such file: {why}" for pattern, why in REASONS
                 if (pattern, why) not in used]
    if not names:
        problems.append("no configurations found")
    tree.report(problems, f"{len(names)} files, {differences} deliberate differences")


if __name__ == "__main__":
    main()
