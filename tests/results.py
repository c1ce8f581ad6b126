#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Collects what the parts of scripts/test found out, and judges it.

results.py ctest PART JUNIT.xml RESULTS   appends the results of a ctest run, and prints the output of failed tests
results.py lines PART LOG RESULTS         appends the lines "PASS name", "FAIL name ...", "SKIP name reason" of a log
results.py one PART NAME STATUS RESULTS   appends one result: STATUS 0 is a pass, anything else a failure
results.py total RESULTS                  compares the skips with tests/allowed-skips and prints the counts
results.py --self-test

A line of RESULTS is: PASS, FAIL or SKIP, the name, the part of the run, and a reason, separated by tabs.
"""

import fnmatch
import os
import re
import sys
import tempfile
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
ALLOWED = os.path.join(HERE, "allowed-skips")
REALLY_SKIPPED = ("SKIP_RETURN_CODE", "SKIP_REGULAR_EXPRESSION")


def append(path, rows):
    with open(path, "a", encoding="utf-8") as f:
        for row in rows:
            f.write("\t".join(" ".join(field.split()) for field in row) + "\n")


def reason_of(output):
    """What GTEST_SKIP() or a check said: the line after "file:line: Skipped", or the last line."""
    match = re.search(r": Skipped\n(.*)", output) or re.search(r"^SKIP:? *(.*)$", output, re.MULTILINE)
    return match.group(1).strip() if match else ""


def from_ctest(part, path):
    with open(path, encoding="utf-8", errors="replace") as f:
        text = re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", f.read())
    rows = []
    for case in xml.fromstring(text).iter("testcase"):
        output = case.findtext("system-out") or ""
        skipped = case.find("skipped")
        message = skipped.get("message", "") if skipped is not None else ""
        if case.get("status") == "run":
            rows.append(("PASS", case.get("name"), part, ""))
        elif message.startswith(REALLY_SKIPPED):
            rows.append(("SKIP", case.get("name"), part, reason_of(output)))
        else:
            rows.append(("FAIL", case.get("name"), part, message or "failed"))
            print(f"--- {case.get('name')} ({part}): {message or 'failed'}\n{output.rstrip()}\n---")
    if not rows:
        rows.append(("FAIL", "no-tests", part, "no tests were found"))
        print(f"{part}: no tests were found")
    return rows


def from_lines(part, path):
    rows = []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            match = re.match(r"(PASS|FAIL|SKIP)\s+(\S+)\s*(.*)", line)
            if match:
                result, name, rest = match.groups()
                rows.append((result, name if "/" in name else f"{part}/{name}", part, rest))
    return rows or [("FAIL", "no-tests", part, "no tests were found")]


def allowed_skips():
    """[(pattern, condition)]: see the top of tests/allowed-skips."""
    rules = []
    with open(ALLOWED, encoding="utf-8") as f:
        for line in f:
            fields = line.split(None, 2)
            if fields and not fields[0].startswith("#"):
                if len(fields) < 3:
                    sys.exit(f"tests/allowed-skips: a line needs pattern, condition and reason: {line.strip()}")
                rules.append((fields[0], fields[1]))
    return rules


def may_skip(name, part, rules):
    for pattern, condition in rules:
        if fnmatch.fnmatchcase(name, pattern):
            if condition == "always":
                return True
            kind, _, what = condition.partition(":")
            if kind == "unset" and not os.environ.get(what):
                return True
            if kind == "missing" and not os.path.exists(what):
                return True
            if kind == "part" and part == what:
                return True
    return False


def total(path):
    with open(path, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    rules = allowed_skips()
    parts, failed, skipped, unexpected = {}, [], [], []
    for result, name, part, reason in rows:
        text = f"{name} ({part}): {reason or 'no reason given'}"
        if result == "SKIP" and not may_skip(name, part, rules):
            unexpected.append(text)
            result = "FAIL"
        elif result == "SKIP":
            skipped.append(text)
        elif result == "FAIL":
            failed.append(text)
        parts.setdefault(part, {"PASS": 0, "FAIL": 0, "SKIP": 0})[result] += 1
    for title, texts in (
        ("skipped, as tests/allowed-skips permits", skipped),
        ("skipped, but not permitted by tests/allowed-skips (counted as failed)", unexpected),
        ("failed", failed),
    ):
        if texts:
            print(f"\n{title}:")
            print("\n".join(f"  {text}" for text in texts))
    print(f"\n{'part':<12} {'passed':>7} {'failed':>7} {'skipped':>8}")
    for part, counts in parts.items():
        print(f"{part:<12} {counts['PASS']:>7} {counts['FAIL']:>7} {counts['SKIP']:>8}")
    sums = [sum(counts[result] for counts in parts.values()) for result in ("PASS", "FAIL", "SKIP")]
    print(f"\n{sums[0]} passed, {sums[1]} failed, {sums[2]} skipped")
    return 0 if sums[1] == 0 and sums[0] > 0 else 1


SAMPLE = """<?xml version="1.0"?><testsuite>
<testcase name="A.Passes" status="run"><system-out>x\x01</system-out></testcase>
<testcase name="A.Skips" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
<system-out>a.cpp:5: Skipped\nno vectors\n[  SKIPPED ] A.Skips (0 ms)</system-out></testcase>
<testcase name="A.Fails" status="fail"><failure message=""/><system-out>why</system-out></testcase>
<testcase name="A.NotBuilt" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>"""


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        path, log = os.path.join(folder, "x"), os.path.join(folder, "log")
        with open(path, "w", encoding="utf-8") as f:
            f.write(SAMPLE)
        with open(log, "w", encoding="utf-8") as f:
            f.write("booting\nPASS a-b\nFAIL system/c\tno ESP\nSKIP d needs root\nPASSED 3\n")
        rows = from_ctest("p", path) + from_lines("system", log)
        expected = ["PASS A.Passes", "SKIP A.Skips", "FAIL A.Fails", "FAIL A.NotBuilt"]
        expected += ["PASS system/a-b", "FAIL system/c", "SKIP system/d"]
        assert [f"{row[0]} {row[1]}" for row in rows] == expected, rows
        assert (rows[1][3], rows[5][3], rows[6][3]) == ("no vectors", "no ESP", "needs root"), rows
        rules = [("A.*", "unset:IKED_NEVER_SET"), ("B.*", "unset:PATH"), ("C.?", "always")]
        rules += [("E.*", f"missing:{folder}/none"), ("F.*", f"missing:{log}")]
        rules += [("G.*", "part:p"), ("H.*", "part:other")]
        permitted = [may_skip(f"{n}.x", "p", rules) for n in "ABCDEFGH"]
        assert permitted == [True, False, True, False, True, False, True, False], permitted
        results = os.path.join(folder, "results")
        append(results, [("PASS", "A.x", "p", ""), ("SKIP", "no/such-test", "p", "because")])
        assert total(results) == 1, "a skip that is not permitted must fail"
        append(os.path.join(folder, "good"), [("PASS", "A.x", "p", "")])
        assert total(os.path.join(folder, "good")) == 0
        open(os.path.join(folder, "none"), "w", encoding="utf-8").close()
        assert total(os.path.join(folder, "none")) == 1, "no test at all is not a success"


def main():
    match sys.argv[1:]:
        case ["ctest", part, path, results]:
            append(results, from_ctest(part, path))
        case ["lines", part, path, results]:
            append(results, from_lines(part, path))
        case ["one", part, name, status, results]:
            append(results, [("PASS" if status == "0" else "FAIL", name, part, "" if status == "0" else "failed")])
        case ["--self-test"]:
            self_test()
        case ["total", results]:
            sys.exit(total(results))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
