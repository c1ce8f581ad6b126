# SPDX-License-Identifier: ISC
"""What the checks have in common: the files of the tree and C++ text without comments and strings."""

import os
import re
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CPP = (".h", ".cpp")


def files(root, folders, endings=CPP):
    """Paths relative to root, sorted, of the files below folders with one of the endings."""
    found = []
    for folder in folders:
        for where, names, plain in os.walk(os.path.join(root, folder)):
            names[:] = [n for n in names if not n.startswith((".", "build", "__pycache__"))]
            found += [os.path.relpath(os.path.join(where, n), root) for n in plain if n.endswith(endings)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


TOKENS = re.compile(
    r"""//(?:\\\n|[^\n])*                                  # line comment
      | /\*.*?\*/                                          # block comment
      | \b(?:u8|[uUL])?R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)"   # raw string
      | (?:\b(?:u8|[uUL]))?"(?:\\.|[^"\\\n])*"             # string
      | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*'               # character, not a digit separator
    """,
    re.VERBOSE | re.DOTALL,
)


def blank(text, strings=True):
    """text with comments, and if asked strings, replaced by spaces; line numbers stay true."""

    def replace(match):
        found = match.group()
        if found.startswith("/"):
            return re.sub(r"[^\n]", " ", found)
        if not strings:
            return found
        return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]

    return TOKENS.sub(replace, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def copy(root, folders):
    """A temporary copy of some folders, for a check that tests itself. The caller removes it."""
    target = tempfile.mkdtemp(prefix="iked-check-")
    for folder in folders:
        source = os.path.join(root, folder)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(target, folder))
        else:
            os.makedirs(os.path.join(target, folder))
    return target


def plant(root, path, text):
    """Appends text to a file, made if need be. Returns the line number of the text's first line."""
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    before = ""
    if os.path.exists(full):
        with open(full, encoding="utf-8") as f:
            before = f.read()
    with open(full, "w", encoding="utf-8") as f:
        f.write(before + text + "\n")
    return before.count("\n") + 1


def report(problems, good):
    """Prints the problems, or the good news, and ends the program accordingly."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}")
        sys.exit(1)
    print(good)
    sys.exit(0)
