#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Lists where the sources cite which section of which RFC, so that gaps are visible.

A citation of what the next lines enforce has the form "RFC7296 2.6: ..."; a deviation says
"DEVIATES RFC7296 2.6: reason". Fails on a citation without text and, where IKED_SPEC/rfc/ has the
RFC's text, on a section that the RFC does not have.

rfc_index.py [--quiet] [ROOT]
"""

import os
import re
import sys

import tree

CITATION = re.compile(r"(DEVIATES )?RFC([0-9]+) ([0-9]+(?:\.[0-9]+)*):[ \t]*(\S?)")
# RFC 7296 obsoletes 5996 and numbers its sections alike; 1.8 is new and lists the differences.
TEXT_OF = {"7296": ("5996", {"1.8", "2.9.2", "2.25.1", "2.25.2"})}


def key(section):
    return [int(part) for part in section.split(".")]


def sections_of(spec, rfc):
    """The section numbers of an RFC whose text is at hand, else None."""
    number, extra = TEXT_OF.get(rfc, (rfc, set()))
    path = os.path.join(spec, "rfc", f"rfc{number}.txt") if spec else ""
    if not path or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8", errors="replace") as f:
        return extra | set(re.findall(r"^ *([0-9]+(?:\.[0-9]+)*)\.? +[A-Z]", f.read(), re.MULTILINE))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--quiet"]
    quiet = "--quiet" in sys.argv
    root = arguments[0] if arguments else tree.ROOT
    spec = os.environ.get("IKED_SPEC", "")
    index, problems, known = {}, [], {}
    for path in tree.files(root, ["src", "ikectl"]):
        text = tree.read(root, path)
        for match in CITATION.finditer(text):
            deviates, rfc, section, after = match.groups()
            where = f"{path}:{tree.line_of(text, match.start())}"
            if not after:
                problems.append(f"{where}: {match.group().strip()} says nothing")
            if rfc not in known:
                known[rfc] = sections_of(spec, rfc)
            if known[rfc] is not None and section not in known[rfc]:
                problems.append(f"{where}: RFC {rfc} has no section {section}")
            index.setdefault((rfc, section), []).append(where + (" (deviates)" if deviates else ""))
    if not quiet:
        for rfc, section in sorted(index, key=lambda k: (int(k[0]), key(k[1]))):
            print(f"RFC{rfc} {section}: {', '.join(index[rfc, section])}")
    count = sum(len(places) for places in index.values())
    tree.report(problems, f"{count} citations of {len(index)} sections of {len({r for r, _ in index})} RFCs")


if __name__ == "__main__":
    main()
