#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Keeps an eye on secrets: where their contents may be looked at, and what may never be done with them.

secret_hygiene.py [ROOT]
secret_hygiene.py --self-test
"""

import re
import shutil
import sys

import tree

# The only files that may call reveal(), below src/, and what for; a name with a / behind is a
# folder. What does not any more must go.
MAY_REVEAL = [
    "authority/",  # private keys and passphrases of a certificate authority
    "base/secret.h",
    "crypto/",  # keys are its business, whatever algorithm a file is about
    "ike/exchange/auth_initiator.cpp",  # the AUTH value goes to the peer, its own is compared
    "ike/exchange/auth_responder.cpp",
    "ike/first_message.cpp",  # keys of digests and cookies
    "ike/gatekeeper.cpp",
    "keeper/archive.h",  # AUTH values on their way to iked
    "keeper/checked_files.cpp",  # the text of iked.conf
    "keeper/secret_table.cpp",  # digests of keys
    "xfrm/messages.cpp",  # keys to the kernel
]

# The only files that may call reveal_writable(): they fill a secret.
MAY_FILL = [
    "authority/",  # files and terminals that they come from
    "base/secret.h",
    "crypto/",  # keys are its business, whatever algorithm a file is about
    "ike/context.h",  # random octets, here and below
    "ike/engine.cpp",
    "ike/gatekeeper.cpp",
    "keeper/checked_files.cpp",  # the text of iked.conf
    "keeper/in_process_keeper.cpp",
    "keeper/main.cpp",  # the key for the ids of secrets
    "xfrm/probe.cpp",
]

# (pattern, places where it is allowed, what is wrong)
RULES = [
    (r"\breveal\s*\(", MAY_REVEAL, "not a file that may look into a secret (MAY_REVEAL in secret_hygiene.py)"),
    (r"\breveal_writable\s*\(", MAY_FILL, "not a file that may fill a secret (MAY_FILL in secret_hygiene.py)"),
    (r"\bformatter\s*<\s*(?:iked\s*::\s*)?Secret\w*", [], "secrets have no formatter"),
    (r"\boperator\s*<<\s*\([^)]*Secret\w*", [], "secrets are not printed"),
    (r"\blog\s*::\s*\w+\s*\([^;]*\breveal", [], "a secret in a log line"),
    (r"\b(?:memcmp|bcmp)\s*\(", [], "use == of the secret types, or std::ranges::equal for what is public"),
]

PLANTED = [
    ("src/daemon/planted.cpp", "auto x = secret.reveal();", "MAY_REVEAL"),
    ("ikectl/planted.cpp", "auto x = secret.reveal_writable();", "MAY_FILL"),
    ("src/ike/planted3.cpp", "auto x = secret.reveal();", "MAY_REVEAL"),
    ("src/wire/planted.cpp", "auto x = secret.reveal_writable();", "MAY_FILL"),
    ("src/base/planted.h", "template <> struct fmt::formatter<SecretBytes> {};", "formatter"),
    ("src/base/planted2.h", "std::ostream& operator<<(std::ostream&, const SecretBytes&);", "printed"),
    ("src/ike/planted.cpp", 'log::debug(sa, "key {}", hex(\n    key.reveal()));', "log line"),
    ("src/ike/planted2.cpp", "if (memcmp(a, b, n) == 0) return;", "=="),
]


def check(root):
    problems, used = [], set()
    for path in tree.files(root, ["src", "ikectl"]):
        code = tree.blank(tree.read(root, path))
        below = path[len("src/"):] if path.startswith("src/") else ""
        for pattern, allowed, why in RULES:
            place = next((a for a in allowed if below == a or a.endswith("/") and below.startswith(a)), None)
            if place:
                used.update({(pattern, place)} if re.search(pattern, code) else ())
                continue
            for match in re.finditer(pattern, code):
                words = " ".join(match.group().split())
                problems.append(f"{path}:{tree.line_of(code, match.start())}: {words}: {why}")
    for pattern, allowed, why in RULES:
        problems += [f"src/{path}: is on a list without need: {why}" for path in allowed if (pattern, path) not in used]
    return problems


def self_test():
    root = tree.copy(tree.ROOT, ["src", "ikectl"])
    failures = []
    try:
        before = set(check(root))
        for path, text, expected in PLANTED:
            line = tree.plant(root, path, text)
            after = set(check(root))
            if not any(p.startswith(f"{path}:{line}:") and expected in p for p in after - before):
                failures.append(f"{path}:{line}: not found: {text} (new: {sorted(after - before)})")
            before = after
    finally:
        shutil.rmtree(root)
    tree.report(failures, f"{len(PLANTED)} planted violations found")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT
    count = len(tree.files(root, ["src", "ikectl"]))
    problems = check(root)
    if count == 0:
        problems.append("no source files found")
    tree.report(problems, f"{count} files keep secrets where they belong")


if __name__ == "__main__":
    main()
