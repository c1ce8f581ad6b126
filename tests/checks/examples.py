#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Checks that what docs/examples/ shows is true: iked takes each configuration, nft each set of rules.

examples.py conf IKED     `IKED -n -f` over each *.conf: exit status 0 and nothing to complain of
examples.py rules         `nft -c -f` over each *.nft, in a network namespace of its own; exit 77 where that cannot be
"""

import glob
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile

import tree

EXAMPLES = os.path.join(tree.ROOT, "docs", "examples")

# Examples that are there for what iked warns of: a pattern of these warnings.
WARNED = {
    "weak-peers.conf": r"weak",
    # Certificates, passwords, addresses for peers and VRFs are read, but nothing acts on them yet.
    "roadwarrior-gateway.conf": r"is kept",
    "roadwarrior-client.conf": r"is kept",
    "vrf.conf": r"is kept",
}


def key_files(text, folder):
    """text with each file of keys below /etc/iked replaced by one in folder, which is made."""

    def make(match):
        path = os.path.join(folder, os.path.basename(match.group(1)))
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            f.write(secrets.token_hex(32) + "\n")
        return f'psk file "{path}"'

    return re.sub(r'psk file "(/etc/iked/[^"]+)"', make, text)


def check_conf(iked):
    problems = []
    paths = sorted(glob.glob(os.path.join(EXAMPLES, "*.conf")))
    with tempfile.TemporaryDirectory(prefix="iked-check-") as folder:
        for path in paths:
            name = os.path.basename(path)
            with open(path, encoding="utf-8") as f:
                text = key_files(f.read(), folder)
            with open(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as f:
                f.write(text)
            done = subprocess.run([iked, "-n", "-f", name], cwd=folder, capture_output=True, text=True, check=False)
            said = re.findall(r"^\S+:\d+:\d+: .*", done.stderr, re.MULTILINE)
            wanted = WARNED.get(name)
            if done.returncode != 0:
                problems.append(f"{name}: exit status {done.returncode}\n{done.stderr.rstrip()}")
            elif wanted and not said:
                problems.append(f"{name}: is expected to earn warnings and earns none")
            else:
                problems += [f"{name}: {line}" for line in said if not (wanted and re.search(wanted, line))]
    return problems, paths


def check_rules():
    nft = shutil.which("nft", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not nft:
        print("SKIP: nft is not installed")
        sys.exit(77)
    # As root of a user namespace, so that anybody can run this; some machines let only root make one.
    for apart in (["unshare", "-rn"], ["unshare", "-n"]):
        empty = subprocess.run(apart + [nft, "-c", "-f", "-"], input="table inet t { }\n", capture_output=True, text=True, check=False)
        if empty.returncode == 0:
            break
    else:
        print(f"SKIP: nft cannot be used here: {empty.stderr.strip()}")
        sys.exit(77)
    problems = []
    paths = sorted(glob.glob(os.path.join(EXAMPLES, "*.nft")))
    for path in paths:
        done = subprocess.run(apart + [nft, "-c", "-f", path], capture_output=True, text=True, check=False)
        if done.returncode != 0 or done.stderr:
            problems.append(f"{os.path.basename(path)}: exit status {done.returncode}\n{done.stderr.rstrip()}")
    return problems, paths


def main():
    match sys.argv[1:]:
        case ["conf", iked]:
            problems, paths = check_conf(os.path.abspath(iked))
        case ["rules"]:
            problems, paths = check_rules()
        case _:
            sys.exit(__doc__)
    if not paths:
        problems.append("no examples found")
    tree.report(problems, f"{len(paths)} files")


if __name__ == "__main__":
    main()
