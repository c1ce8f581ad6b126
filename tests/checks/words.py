#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Fails when the tree names a path or package host of somebody's machine, or leaves work marked as undone in src/.

words.py [ROOT]
words.py --self-test
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import tree

# (pattern, which files, files that are exempt, what is wrong)
RULES = [
    (r"(?<![\w.$}/-])/(?:home|root|work|Users)/\w", "", [], "a path of one machine"),
    (r"/tmp/iked/", "", ["tests/checks/words.py"], "a path of one machine"),
    (r"\.\./shared\b", "", [".ci/run", "tests/checks/words.py"], "a path outside of the tree"),
    (
        r"\b(?:deb|security|ftp\.\w+|snapshot)\.debian\.org|\bpypi\.org|\bfiles\.pythonhosted\.org|\bregistry\.npmjs"
        r"|\bproxy\.golang\.org|\bartifactory\b",
        "",
        ["tests/checks/words.py"],
        "a package host: apt is configured by its user",
    ),
    (r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b", r"(src|ikectl)/", [], "do it, or leave it out"),
    (r"[ \t]+$", r".*\.(h|cpp|py|cmake|sh|md)$|.*CMakeLists\.txt$", [], "space at the end of the line"),
]


def listed(root):
    """The files git knows or would take, or all where there is no git."""
    if os.path.exists(os.path.join(root, ".git")):
        command = ["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode == 0:
            return sorted(n for n in done.stdout.decode().split("\0") if n and os.path.isfile(os.path.join(root, n)))
    return tree.files(root, ["."], ("",))


def check(root, paths):
    problems = []
    for path in paths:
        path = os.path.normpath(path)
        if path.startswith("tests/fuzz/corpus/"):
            continue
        with open(os.path.join(root, path), "rb") as f:
            data = f.read()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            for pattern, where, exempt, why in RULES:
                if path not in exempt and re.match(where, path) and re.search(pattern, line):
                    problems.append(f"{path}:{number}: {line.strip()[:100]}: {why}")
    return problems


def self_test():
    samples = {
        "docs/a.md": ("see /ho" + "me/user/x", 1),
        "scripts/b": ("curl http://deb.deb" + "ian.org/", 1),
        "src/wire/c.cpp": ("int x;  // TO" + "DO: more", 1),
        "tests/d.sh": ("cd ../sha" + "red", 1),
        "src/wire/e.cpp": ("// built in $x/root/y, /var/run/iked.sock, XX" + "XX", 0),
        "docs/f.md": ("TO" + "DO lists are not for docs either, but not checked", 0),
    }
    failures = []
    root = tempfile.mkdtemp(prefix="iked-check-")
    try:
        for path, (text, wanted) in samples.items():
            tree.plant(root, path, text)
            found = check(root, [path])
            if len(found) != wanted:
                failures.append(f"{path}: {text}: found {found}")
    finally:
        shutil.rmtree(root)
    tree.report(failures, f"{len(samples)} samples judged rightly")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT
    paths = listed(root)
    problems = check(root, paths)
    if not paths:
        problems.append("no files found")
    tree.report(problems, f"{len(paths)} files")


if __name__ == "__main__":
    main()
