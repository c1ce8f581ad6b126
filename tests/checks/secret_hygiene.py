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

# The only places that may call reveal() and reveal_writable(): beginnings of paths below src/.
MAY_REVEAL = ["base/secret.h", "crypto/", "keeper/", "xfrm/", "wire/", "ike/"]

# (pattern, places where it is allowed, what is wrong)
RULES = [
    (r"\breveal(?:_writable)?\s*\(", MAY_REVEAL, "not a place that may look into a secret (MAY_REVEAL in secret_hygiene.py)"),
    (r"\bformatter\s*<\s*(?:iked\s*::\s*)?Secret\w*", [], "secrets have no formatter"),
    (r"\boperator\s*<<\s*\([^)]*Secret\w*", [], "secrets are not printed"),
    (r"\blog\s*::\s*\w+\s*\([^;]*\breveal", [], "a secret in a log line"),
    (r"\b(?:memcmp|bcmp)\s*\(", [], "use == of the secret types, or std::ranges::equal for what is public"),
]

PLANTED = [
    ("src/daemon/planted.cpp", "auto x = secret.reveal();", "MAY_REVEAL"),
    ("ikectl/planted.cpp", "auto x = secret.reveal_writable();", "MAY_REVEAL"),
    ("src/base/planted.h", "template <> struct fmt::formatter<SecretBytes> {};", "formatter"),
    ("src/base/planted2.h", "std::ostream& operator<<(std::ostream&, const SecretBytes&);", "printed"),
    ("src/ike/planted.cpp", 'log::debug(sa, "key {}", hex(\n    key.reveal()));', "log line"),
    ("src/ike/planted2.cpp", "if (memcmp(a, b, n) == 0) return;", "=="),
]


def check(root):
    problems = []
    for path in tree.files(root, ["src", "ikectl"]):
        code = tree.blank(tree.read(root, path))
        below = path[len("src/"):] if path.startswith("src/") else path
        for pattern, allowed, why in RULES:
            if any(below.startswith(place) for place in allowed):
                continue
            for match in re.finditer(pattern, code):
                words = " ".join(match.group().split())
                problems.append(f"{path}:{tree.line_of(code, match.start())}: {words}: {why}")
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
