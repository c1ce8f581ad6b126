#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Checks docs/requirements-map.tsv: which test proves which requirement.

A line is: requirement id <tab> names of tests, separated by spaces <tab> anything. A name is Suite.Name of a
GoogleTest, system/NAME of a system test, check/NAME of a check or fuzz-corpus/NAME. Where no test can prove it, or it
is not followed, "-" stands for the names, and then comes the reason, in a sentence. Empty lines and lines that begin
with # are skipped.

requirements.py                each named test must exist in the sources
requirements.py --ran FILE     each named test must be in FILE, which has a line "PASS name", "FAIL name" or
                               "SKIP name" per test that was run
requirements.py --ran FILE --without system,...   do not ask for tests of these kinds (a partial run)

With IKED_SPEC set, ids must exist in its requirements.tsv, rfc7296-musts.tsv or rfc-other-musts.tsv, and the
covered ids are counted by section.
"""

import argparse
import os
import re
import sys
import tempfile

import tree

NO_TEST = "-"
SHORTEST_REASON = 30  # characters; "n/a" is none

TABLES = ("requirements.tsv", "rfc7296-musts.tsv", "rfc-other-musts.tsv")


def read_map(path):
    """[(line number, id, [test names])] and the problems of the file's form. No names: there is a reason."""
    rows, problems, seen = [], [], {}
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            fields = line.split("\t")
            names = fields[1].split() if len(fields) > 1 else []
            if not names:
                problems.append(f"{path}:{number}: no test named: {line}")
                continue
            if NO_TEST in names:
                reason = fields[2].strip() if len(fields) > 2 else ""
                if len(names) > 1 or len(reason) < SHORTEST_REASON:
                    problems.append(f"{path}:{number}: {fields[0]}: instead of tests a reason, in a sentence: - TAB reason")
                names = []
            if fields[0] in seen:
                problems.append(f"{path}:{number}: {fields[0]} is already on line {seen[fields[0]]}")
            seen[fields[0]] = number
            rows.append((number, fields[0], names))
    return rows, problems


def plain(name):
    """Suite.Name of a parameterized test's Prefix/Suite.Name/0."""
    match = re.fullmatch(r"(?:\w+/)?(\w+)(?:/\w+)?\.(\w+)(?:/.*)?", name)
    return f"{match.group(1)}.{match.group(2)}" if match else name


def read_ran(path):
    """{test name: its worst result}."""
    results = {}
    order = ["PASS", "SKIP", "FAIL"]
    with open(path, encoding="utf-8") as f:
        for line in f:
            result, _, name = line.strip().partition(" ")
            if result in order:
                name = plain(name.split(" ")[0])
                results[name] = max(result, results.get(name, "PASS"), key=order.index)
    return results


def in_sources(root):
    """A function that tells whether a test of this name is written down in the tree."""
    suites, system = set(), ""
    for path in tree.files(root, ["tests"]):
        for suite, name in re.findall(r"\bTEST(?:_F|_P)?\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)", tree.read(root, path)):
            suites.add(f"{suite}.{name}")
    for path in tree.files(root, ["tests/system"], ("",)):
        system += path + "\n" + tree.read(root, path)
    listed = tree.read(root, "tests/checks/CMakeLists.txt")

    def exists(name):
        kind, _, rest = name.partition("/")
        if kind == "system":
            return re.search(rf"(?<![\w-]){re.escape(rest)}(?![\w-])", system) is not None
        if kind == "fuzz-corpus":
            return os.path.isdir(os.path.join(root, "tests/fuzz/corpus", rest))
        if kind == "check":
            return re.search(rf"\({re.escape(rest)}[ )]", listed) is not None
        return name in suites

    return exists


def read_spec(spec):
    """{id: section} of the tables of requirements."""
    sections = {}
    for table in TABLES:
        path = os.path.join(spec, table)
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as f:
            header = f.readline().rstrip("\n").split("\t")
            for line in f:
                row = dict(zip(header, line.rstrip("\n").split("\t")))
                if "section" in row:
                    rfc = row.get("rfc", "7296")
                    section = ".".join(row["section"].split(".")[:2])
                    sections[row["id"]] = f"RFC{rfc} {section}"
                else:
                    sections[row["id"]] = row.get("source", table)
    return sections


def print_counts(covered, sections):
    totals, done = {}, {}
    for identifier, section in sections.items():
        totals[section] = totals.get(section, 0) + 1
    for identifier in covered:
        section = sections.get(identifier, "?")
        done[section] = done.get(section, 0) + 1
    order = sorted(totals, key=lambda s: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", s)])
    for section in order:
        if section in done:
            print(f"{section}: {done[section]} of {totals[section]}")
    print(f"covered: {sum(done.values())} of {len(sections)} requirements")


def check(rows, find, sections):
    """(problems, covered ids, ids not proven). find gives a test's result, or None if there is no such test."""
    problems, covered, unproven = [], [], []
    for number, identifier, names in rows:
        where = f"docs/requirements-map.tsv:{number}: {identifier}"
        if sections and identifier not in sections:
            problems.append(f"{where}: no such requirement")
        results = {name: find(name) for name in names}
        for name, result in results.items():
            if result is None:
                problems.append(f"{where}: {name}: no such test")
            elif result == "FAIL":
                problems.append(f"{where}: {name} failed")
            elif result == "SKIP":
                unproven.append(f"{identifier} ({name})")
        if names and all(result == "PASS" for result in results.values()):
            covered.append(identifier)
    return problems, covered, unproven


def self_test():
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        table, ran = os.path.join(folder, "map.tsv"), os.path.join(folder, "ran")
        with open(table, "w", encoding="utf-8") as f:
            f.write("# comment\n\nR001\tA.B system/x\tnote\nR002\tP.Q\nR003\tgone.Test\nR004\nR001\tA.B\nR005\tS.T F.G\n")
            f.write("R006\t-\tthe kernel does it, and iked never tells it not to\nR007\t-\nR008\t-\tn/a\nR009\tA.B -\tsome tests, and a reason\n")
        with open(ran, "w", encoding="utf-8") as f:
            f.write("PASS A.B\nPASS system/x\nPASS All/P.Q/0\nSKIP All/P.Q/1 no vectors\nSKIP S.T\nFAIL F.G\n")
        rows, problems = read_map(table)
        if len(rows) != 9 or len(problems) != 5 or sum(": instead of tests" in p for p in problems) != 3:
            failures.append(f"map: {rows} {problems}")
        problems, covered, unproven = check(rows, read_ran(ran).get, {"R001": "1", "R002": "1", "R005": "2", "R006": "1", "R007": "1", "R008": "1", "R009": "1"})
        if covered != ["R001", "R001"] or unproven != ["R002 (P.Q)", "R005 (S.T)"]:
            failures.append(f"covered {covered}, unproven {unproven}")
        if len(problems) != 3 or not all(w in " ".join(problems) for w in ("R003: no such r", "gone.Test: no such t", "F.G failed")):
            failures.append(f"problems: {problems}")
    tree.report(failures, "the map of requirements is judged rightly")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    parser = argparse.ArgumentParser()
    parser.add_argument("--ran")
    parser.add_argument("--without", default="")
    parser.add_argument("--map", default=os.path.join(tree.ROOT, "docs/requirements-map.tsv"))
    options = parser.parse_args()
    if not os.path.exists(options.map):
        print("docs/requirements-map.tsv does not exist")
        sys.exit(1)
    rows, problems = read_map(options.map)
    results = read_ran(options.ran) if options.ran else {}
    exists = in_sources(tree.ROOT)
    without = tuple(f"{kind}/" for kind in options.without.split(",") if kind)
    spec = os.environ.get("IKED_SPEC", "")
    sections = read_spec(spec) if spec else {}

    def find(name):
        if not options.ran or (without and name.startswith(without)):
            return "PASS" if exists(name) else None
        return results.get(name)

    found, covered, unproven = check(rows, find, sections)
    problems += found
    if sections:
        print_counts(covered, sections)
    if unproven:
        print(f"not proven in this run, because a test was skipped: {', '.join(unproven)}")
    if not rows:
        problems.append("docs/requirements-map.tsv: no rows")
    reasons = sum(not names for _, _, names in rows)
    if reasons:
        print(f"{reasons} requirements have a reason instead of a test")
    tree.report(problems, f"{len(covered)} of {len(rows) - reasons} mapped requirements have " + ("passing" if options.ran else "existing") + " tests")


if __name__ == "__main__":
    main()
