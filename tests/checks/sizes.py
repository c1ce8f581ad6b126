#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Lists files over 600 lines and functions over 60 lines, and fails if there are any.

A comment "// SIZE: reason" among the first 40 lines exempts a file, one in the comment directly above a function
exempts that function. An exemption that is not needed is a failure, too.

sizes.py [ROOT]      checks src/ and ikectl/
sizes.py --self-test    checks the detector against functions of known length
"""

import re
import sys

import tree

FILE_LINES = 600
FUNCTION_LINES = 60
TOP_LINES = 40

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|::|->|==|!=|<=>|<=|>=|&&|\|\||\"\s*\"|'\s*'|\n|[^\s]")


class Token(str):
    """A word of C++ and the line it stands on."""

    line: int


def one_branch(code):
    """code without preprocessor lines, and of each #if only the first branch that is not `#if 0`."""
    kept, taken = [], []  # taken: for each open #if, whether we are in its chosen branch, and had one
    continued = False
    for line in code.split("\n"):
        directive = re.match(r"\s*#\s*(\w+)\s*(.*)", line)
        if directive and not continued:
            word, rest = directive.groups()
            if word in ("if", "ifdef", "ifndef"):
                on = not (word == "if" and rest.strip() == "0")
                taken.append([on, on])
            elif word in ("else", "elif") and taken:
                taken[-1] = [not taken[-1][1], True]
            elif word == "endif" and taken:
                taken.pop()
        drop = directive or continued or not all(on for on, _ in taken)
        continued = bool(directive or continued) and line.endswith("\\")
        kept.append("" if drop else line)
    return "\n".join(kept)


def tokens_of(text):
    """C++ tokens without comments, contents of strings and preprocessor lines."""
    code = one_branch(tree.blank(text))
    found, line = [], 1
    for match in TOKEN.finditer(code):
        if match.group() == "\n":
            line += 1
            continue
        token = Token(match.group())
        token.line = line
        line += match.group().count("\n")
        found.append(token)
    return found


def skip_group(tokens, i):
    """The index after the bracket that closes the one at i."""
    opening = tokens[i]
    closing = {"(": ")", "{": "}", "[": "]"}[opening]
    depth = 0
    while i < len(tokens):
        depth += (tokens[i] == opening) - (tokens[i] == closing)
        i += 1
        if depth == 0:
            return i
    raise ValueError(f"line {tokens[-1].line}: unbalanced {opening}")


def skip_angles(tokens, i):
    """The index after the template parameter list that begins at i."""
    depth = 0
    while i < len(tokens):
        if tokens[i] in ("(", "{", "["):
            i = skip_group(tokens, i)
            continue
        depth += (tokens[i] == "<") - (tokens[i] == ">")
        i += 1
        if depth == 0:
            return i
    raise ValueError("unbalanced <")


def kind_of(head, previous):
    """What a '{' opens at namespace or class scope, given the words before it outside of brackets."""
    words = [w for w in head if w not in ("inline", "static", "constexpr", "consteval", "constinit", "typedef", "friend", "export", "extern")]
    if "namespace" in words[:1] or not words or re.match(r'["\']', words[0]):
        return "scope"  # also extern "C" {
    if words[0] == "concept" or "=" in words and "operator" not in words:
        return "function" if previous in (")", "]") or "->" in words else "value"
    if "(" in words:
        closing = len(words) - 1 - words[::-1].index("(")
        if ":" in words[words.index("("):] and previous not in (")", "}"):
            return "member"  # a{...} in a list of member initializers
        return "function" if closing >= 0 else "value"
    if words[0] in ("class", "struct", "union"):
        return "scope"
    return "value"


def functions_of(text):
    """(name, first line of the declaration, line of '{', line of '}') of each outermost function."""
    tokens = tokens_of(text)
    found = []
    i = 0
    head, start, previous = [], None, None

    def reset():
        nonlocal head, start, previous
        head, start, previous = [], None, None

    while i < len(tokens):
        token = tokens[i]
        if start is None and token not in (";", "}"):
            start = token
        if token in (";", "}"):
            reset()
            i += 1
        elif token == ":" and head in (["public"], ["private"], ["protected"]):
            reset()
            i += 1
        elif token == "template" and i + 1 < len(tokens) and tokens[i + 1] == "<":
            i = skip_angles(tokens, i + 1)
        elif token == "requires" and i + 1 < len(tokens) and tokens[i + 1] in ("(", "requires"):
            i += 1
            while tokens[i] in ("(", "requires") or (tokens[i] == "{" and tokens[i - 1] in (")", "requires")):
                is_body = tokens[i] == "{"
                i = i + 1 if tokens[i] == "requires" else skip_group(tokens, i)
                if is_body or (tokens[i] == "{" and "requires" not in tokens[i - 8:i]):
                    break
        elif token == "operator":
            head += ["operator"]
            i += 1
            if tokens[i] == "(":
                i += 2
            else:
                while tokens[i] != "(":
                    i += 1
            previous = token
        elif token in ("(", "["):
            end = skip_group(tokens, i)
            head.append(str(token))
            previous = tokens[end - 1]
            i = end
        elif token == "{":
            kind = kind_of(head, previous)
            if kind == "scope":
                reset()
                i += 1
                continue
            end = skip_group(tokens, i)
            if kind == "function":
                name = name_of(head)
                found.append((name, start.line, token.line, tokens[end - 1].line))
                reset()
            else:
                previous = tokens[end - 1]
                head.append("{}")
            i = end
        else:
            head.append(str(token))
            previous = token
            i += 1
    return found


def name_of(head):
    if "operator" in head:
        return "operator"
    before = head[: head.index("(")] if "(" in head else head
    name = [w for w in before if re.match(r"[A-Za-z_~]", w)]
    return name[-1] if name else "?"


def exempt(lines, first):
    """Whether the comment directly above line number `first` gives a reason."""
    number = first - 1
    while number >= 1 and lines[number - 1].strip().startswith("//"):
        if re.search(r"//+\s*SIZE:\s*\S", lines[number - 1]):
            return number
        number -= 1
    return 0


def check_file(path, text):
    problems = []
    lines = text.splitlines()
    reasons = {n for n, line in enumerate(lines, 1) if re.search(r"//+\s*SIZE:", line)}
    used = set()
    top = next((n for n in sorted(reasons) if n <= TOP_LINES and re.search(r"SIZE:\s*\S", lines[n - 1])), 0)
    if len(lines) > FILE_LINES:
        if top:
            used.add(top)
        else:
            problems.append(f"{path}:1: {len(lines)} lines (at most {FILE_LINES}, or a reason: // SIZE: ...)")
    try:
        functions = functions_of(text)
    except (ValueError, IndexError) as error:
        return problems + [f"{path}:1: cannot follow the brackets: {error}"]
    for name, first, opening, closing in functions:
        length = closing - opening + 1
        if length <= FUNCTION_LINES:
            continue
        reason = exempt(lines, first)
        if reason:
            used.add(reason)
        else:
            problems.append(f"{path}:{first}: {name}: {length} lines (at most {FUNCTION_LINES}, or a reason above it: // SIZE: ...)")
    for number in sorted(reasons - used):
        problems.append(f"{path}:{number}: this exemption gives no reason or is not needed")
    return problems


def self_test():
    body = "\n".join("  x += 1;" for _ in range(70))
    long_ones = {
        "plain": "int plain(int x) {\n%s\n  return x;\n}",
        "traced": "[[nodiscard]] static const std::map<int, std::pair<int, int>>& traced(\n    int x, F f = F{}) noexcept {\n%s\n}",
        "Made": "Made::Made(int a) : a_{a}, b_(a), c_{} {\n%s\n}",
        "listed": "template <typename T, int N = (3 > 2)>\nauto listed(T t) -> std::vector<T> {\n%s\n}",
        "method": 'class A : public B<int> {\n public:\n  A() = default;\n  int method() const override {\n%s\n  }\n};',
        "operator": "bool A::operator==(const A& o) const {\n%s\n}",
        "limited": "template <class T>\n  requires(sizeof(T) > 1)\nint limited(T t) {\n%s\n}",
        "limited2": "template <class T>\nvoid limited2(T t) requires requires { t.f(); } {\n%s\n}",
        "named": "const auto named = [](int x) {\n%s\n};",
        "deep": 'extern "C" {\nnamespace a::b { namespace {\nint deep() { if (x) { y(); }\n%s\n}\n}}\n}',
        "odd": 'int odd() {\n  const char* s = R"x(} { )" }})x"; char c = \'{\'; int n = 1\'000; // }}}\n#if 0\n  }}}\n#endif\n%s\n}',
        "branched": "int branched() {\n#if A\n  if (x) {\n#elif B\n  if (y) {\n#else\n  {\n#endif\n  }\n#define M {\\\n {\n%s\n}",
        "TEST": "TEST(Suite, Works) {\n%s\n}",
        "tried": "void tried() try {\n%s\n} catch (...) {\n}",
        "~A": "A::~A() {\n%s\n}",
    }
    short_ones = {
        "table": "constexpr std::array<Row, 3> table = {{\n%s\n}};" .replace("%s", "\n" * 70),
        "table2": "constexpr Row table2[]{\n%s\n};".replace("%s", "  {1, 2},\n" * 70),
        "scope": "namespace a {\n%s\n}".replace("%s", "int f() {\n  return 1;\n}\n" * 30),
        "class": "class A {\n%s\n};".replace("%s", "  int f() { return 1; }\n" * 70),
        "enum": "enum class E : uint8_t {\n%s\n};".replace("%s", "a,\n" * 70),
        "reason": "// What it does.\n// SIZE: a table\n" + long_ones["plain"] % body,
        "reason2": "// SIZE: one table\n" + "int x;\n" * 700,
    }
    bad = {
        "file": "int x;\n" * 601,
        "no reason": "// SIZE:\n" + long_ones["plain"] % body,
        "not needed": "// SIZE: once it was long\nint f() { return 1; }",
        "unbalanced": "int f() { if (x) { \n",
        "two": long_ones["traced"] % body + "\n" + long_ones["plain"] % body,
    }
    failures = []
    for name, text in long_ones.items():
        found = check_file("x.cpp", text % body)
        wanted = name.strip("~")
        if len(found) != 1 or wanted not in found[0]:
            failures.append(f"long function {name}: found {found}")
        found = check_file("x.cpp", text % "  x += 1;")
        if found:
            failures.append(f"short function {name}: found {found}")
    failures += [f"{name}: found {check_file('x.cpp', text)}" for name, text in short_ones.items() if check_file("x.cpp", text)]
    failures += [f"{name}: nothing found" for name, text in bad.items() if not check_file("x.cpp", text)]
    if len(check_file("x.cpp", bad["two"])) != 2:
        failures.append("of two long functions not both are found")
    tree.report(failures, f"{2 * len(long_ones) + len(short_ones) + len(bad)} samples judged rightly")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT
    problems, functions, longest = [], 0, (0, "")
    paths = tree.files(root, ["src", "ikectl"])
    for path in paths:
        text = tree.read(root, path)
        found = check_file(path, text)
        problems += found
        if not any("cannot follow" in p for p in found):
            for name, first, opening, closing in functions_of(text):
                functions += 1
                longest = max(longest, (closing - opening + 1, f"{path}:{first} {name}"))
    if not paths:
        problems.append("no source files found")
    tree.report(problems, f"{len(paths)} files, {functions} functions; the longest has {longest[0]} lines ({longest[1]})")


if __name__ == "__main__":
    main()
