#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Checks that the folders obey the layers: what they include, what they link and what they call.

layers.py [ROOT]     checks the tree; prints each offending line
layers.py --self-test   plants one violation of each kind in a copy and expects each to be found
"""

import os
import re
import shutil
import sys

import tree

# Who may include and link whom. A folder of src/ that is missing here is a violation.
MAY_USE = {
    "base": [],
    "sandbox": ["base"],
    "model": ["base"],
    "crypto": ["base", "model"],
    "pki": ["base", "model", "crypto"],
    "wire": ["base", "model", "crypto"],
    "ike": ["base", "model", "crypto", "wire"],
    "conf": ["base", "model"],
    "keeper": ["base", "model", "crypto", "pki", "conf", "sandbox"],
    "net": ["base", "model"],
    "xfrm": ["base", "model"],
    "host": ["base", "model"],
    "control": ["base", "model"],
    "authority": ["base"],
    "dbus": ["base", "model"],
    "daemon": ["base", "model", "crypto", "pki", "wire", "ike", "conf", "keeper", "net", "xfrm", "host", "control", "dbus", "sandbox"],
    "ikectl": ["base", "model", "control", "authority"],
}

# Foreign headers and the only places that may include them.
HEADERS = [
    (r"(gnutls|nettle|openssl)/|gmp(xx)?\.h$", ["crypto/", "authority/", "pki/"], "only crypto/, pki/ and authority/ use cryptographic libraries"),
    # net/bypass: the socket option that exempts a socket from policies takes XFRM's structure.
    (r"linux/xfrm\.h$", ["xfrm/", "net/bypass."], "only xfrm/ speaks XFRM"),
    (r"libmnl/", ["xfrm/"], "only xfrm/ uses libmnl"),
    (r"netlink/", ["host/"], "only host/ uses libnl"),
    # dbus/caller: what sdbus-c++ does not tell of a message.
    (r"systemd/", ["daemon/", "dbus/caller."], "only daemon/ uses libsystemd"),
    (r"(sdbus-c\+\+|iked_dbus)/", ["dbus/", "ikectl/bus_link."], "only dbus/ speaks D-Bus"),
    (
        r"(thread|mutex|shared_mutex|atomic|condition_variable|future|semaphore|barrier|latch|stop_token"
        r"|pthread\.h|stdatomic\.h|threads\.h)$",
        ["daemon/worker_pool.", "daemon/verifier."],
        "threads live in daemon/worker_pool.* and daemon/verifier.* only",
    ),
]

# The protocol: no descriptor, clock, thread, environment or random numbers of the system's.
PURE = ["ike", "wire", "model"]
IMPURE_HEADERS = (
    r"(unistd|fcntl|poll|signal|time|stdio|dirent|ifaddrs|netdb|pwd|grp)\.h$"
    r"|sys/(socket|stat|random|time|timerfd|epoll|eventfd|ioctl|mman|select|uio|un|wait)\.h$"
    r"|(ctime|cstdio|csignal|fstream|iostream|filesystem|random)$"
)

# Words of code, by folder: (pattern, where it may occur, reason).
WORDS = [
    (
        r"\bstd\s*::\s*(jthread|thread|this_thread|\w*mutex|atomic\w*|condition_variable\w*|future|async|promise"
        r"|lock_guard|unique_lock|scoped_lock|call_once|once_flag)\b|\bthread_local\b",
        ["daemon/worker_pool.", "daemon/verifier."],
        "threads live in daemon/worker_pool.* and daemon/verifier.* only",
    ),
    (r"\bstd\s*::\s*(make_)?shared_ptr\b|\bstd\s*::\s*make_shared\b", [], "nothing is shared: unique_ptr or a value"),
]
IMPURE_WORDS = (
    r"\b\w*_clock\s*::\s*now\b"
    r"|\b(clock_gettime|gettimeofday|timespec_get|getenv|secure_getenv|setenv|getrandom|getentropy|arc4random\w*"
    r"|srand|rand|random_device|fopen|printf|socket|recvfrom|sendto|recvmsg|sendmsg|ioctl|usleep|nanosleep)\s*[({]"
    r"|\bstd\s*::\s*(cout|cerr|clog|random_device|mt19937\w*)\b|(?<![\w:.>])time\s*\(\s*(nullptr|NULL|0|&)"
)

# Link targets of CMake and the only folders that may name them.
TARGETS = {
    "PkgConfig::GNUTLS": ["crypto", "authority", "pki"],
    "PkgConfig::NETTLE": ["crypto"],
    "PkgConfig::HOGWEED": ["crypto"],
    "PkgConfig::LIBCRYPTO": ["crypto"],
    "GMP::GMP": ["crypto"],
    "PkgConfig::LIBMNL": ["xfrm"],
    "PkgConfig::LIBNL": ["host"],
    "PkgConfig::LIBNL_ROUTE": ["host"],
    "PkgConfig::LIBSYSTEMD": ["daemon", "dbus"],
    "PkgConfig::SDBUS": ["dbus", "ikectl"],
    "Threads::Threads": ["daemon"],
    "PkgConfig::FMT": list(MAY_USE),
}
FUNCTIONS = ("iked_library", "iked_program")


def folder_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "src" else parts[0]


def inside(path, places):
    below = path[len("src/"):] if path.startswith("src/") else path
    return any(below.startswith(place) for place in places)


def check_includes(root, path, code, problems):
    """Returns the folders of ours that the file includes."""
    folder = folder_of(path)
    used = set()
    for number, line in enumerate(code.splitlines(), 1):
        match = re.match(r"\s*#\s*(?:include|import)\s*(\S)([^>\"]*)[>\"]", line)
        if not match:
            continue
        quote, name = match.groups()

        def complain(why):
            problems.append(f"{path}:{number}: {line.strip()}: {why}")

        first = name.split("/")[0]
        ours = first in MAY_USE and os.path.exists(os.path.join(root, "" if first == "ikectl" else "src", name))
        if quote == '"' or ours:
            if "/" not in name or not ours:
                complain('headers of ours are included as "folder/file.h", relative to src/')
            elif first != folder and first not in MAY_USE.get(folder, []):
                complain(f"{folder} may use only: {' '.join(MAY_USE.get(folder, [])) or 'nothing of ours'}")
            else:
                used.add(first)
            continue
        for pattern, places, why in HEADERS:
            if re.match(pattern, name) and not inside(path, places):
                complain(why)
        if folder in PURE and re.match(IMPURE_HEADERS, name):
            complain(f"{folder}/ has no descriptor, clock, thread, environment or random source of its own")
    return used - {folder}


def check_words(path, code, problems):
    folder = folder_of(path)
    rules = list(WORDS)
    if folder in PURE:
        rules.append((IMPURE_WORDS, [], f"{folder}/ has no descriptor, clock, thread, environment or random source of its own"))
    for pattern, places, why in rules:
        if inside(path, places):
            continue
        for match in re.finditer(pattern, code):
            problems.append(f"{path}:{tree.line_of(code, match.start())}: {match.group().strip()}: {why}")


def check_cmake(path, text, problems):
    """Returns what the folder's library DEPENDS on."""
    folder = folder_of(path)
    text = re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), text)
    depends = set()
    for match in re.finditer(r"\b(\w+)\s*\(([^()]*)\)", text):
        number = tree.line_of(text, match.start())
        function, words = match.group(1), match.group(2).split()
        if function not in FUNCTIONS:
            if re.match(r"target_|link_|include_directories|add_(library|executable|compile|definitions|link)", function):
                problems.append(f"{path}:{number}: {function}: folders use only {', '.join(FUNCTIONS)}")
            continue
        if function == "iked_library" and words[:1] != [folder]:
            problems.append(f"{path}:{number}: the library of {folder}/ is called {folder}")
        section = None
        allowed = MAY_USE.get(folder, []) + ([folder] if function == "iked_program" else [])
        for word in words[1:]:
            if word in ("SOURCES", "DEPENDS", "SYSTEM", "PUBLIC_SYSTEM"):
                section = word
            elif section == "DEPENDS":
                depends.add(word)
                if word not in allowed:
                    problems.append(f"{path}:{number}: DEPENDS {word}: {folder} may use only: {' '.join(allowed)}")
            elif section in ("SYSTEM", "PUBLIC_SYSTEM") and folder not in TARGETS.get(word, []):
                problems.append(f"{path}:{number}: {section} {word}: not for {folder}/ (see TARGETS in layers.py)")
    return depends


def closure(folder, depends):
    reached, todo = set(), [folder]
    while todo:
        for name in depends.get(todo.pop(), set()) - reached:
            reached.add(name)
            todo.append(name)
    return reached


def check(root):
    problems = []
    used, depends = {}, {}
    for path in tree.files(root, ["src", "ikectl"]):
        text = tree.read(root, path)
        folder = folder_of(path)
        if folder not in MAY_USE:
            problems.append(f"{path}:1: folder {folder} has no row in MAY_USE of layers.py")
            continue
        used.setdefault(folder, {})
        for name in check_includes(root, path, tree.blank(text, strings=False), problems):
            used[folder].setdefault(name, path)
        check_words(path, tree.blank(text), problems)
    for path in tree.files(root, ["src", "ikectl"], ("CMakeLists.txt",)):
        depends[folder_of(path)] = check_cmake(path, tree.read(root, path), problems)
    for folder, names in used.items():
        if folder in depends:
            for name in sorted(set(names) - closure(folder, depends)):
                problems.append(f"{names[name]}:1: includes {name}/, but its CMakeLists.txt does not DEPEND on {name}")
    return sorted(set(problems))


PLANTED = [
    ("src/model/planted.h", '#include "net/planted_other.h"', "model may use only"),
    ("src/xfrm/planted.h", '#include "net/planted_other.h"', "xfrm may use only"),
    ("src/base/planted.cpp", '#include "planted.h"', "headers of ours"),
    ("src/daemon/planted.cpp", "#include <nettle/aes.h>", "use cryptographic libraries"),
    ("src/wire/planted.cpp", "#  include <gmp.h>", "use cryptographic libraries"),
    ("src/net/planted.cpp", "#include <linux/xfrm.h>", "only xfrm/"),
    ("src/host/planted.cpp", "#include <libmnl/libmnl.h>", "only xfrm/"),
    ("src/net/planted2.cpp", "#include <systemd/sd-event.h>", "only daemon/"),
    ("src/daemon/planted3.cpp", "#include <sdbus-c++/sdbus-c++.h>", "only dbus/"),
    ("src/daemon/planted2.cpp", "#include <mutex>", "threads live"),
    ("src/crypto/planted.cpp", "static std::atomic<int> x;", "threads live"),
    ("src/ike/planted.cpp", "#include <unistd.h>", "no descriptor"),
    ("src/ike/planted2.cpp", "auto t = std::chrono::steady_clock::now();", "no descriptor"),
    ("src/wire/planted2.cpp", 'auto e = getenv("HOME");', "no descriptor"),
    ("src/model/planted2.cpp", "std::random_device d;", "no descriptor"),
    ("src/conf/planted.cpp", "auto p = std::make_shared<int>(1);", "nothing is shared"),
    ("src/planted/planted.cpp", "int x;", "no row in MAY_USE"),
    ("src/model/CMakeLists.txt", "iked_library(model DEPENDS wire)", "DEPENDS wire"),
    ("src/net/CMakeLists.txt", "iked_library(net SYSTEM PkgConfig::GNUTLS)", "PkgConfig::GNUTLS"),
    ("src/host/CMakeLists.txt", "target_link_libraries(iked_host PUBLIC iked_ike)", "folders use only"),
]
INNOCENT = [
    ("src/ike/innocent.cpp", '// #include <unistd.h> and std::mutex\n/* getenv("X") */ const char* s = "std::thread getenv(";'),
    ("src/xfrm/innocent.cpp", "#include <linux/xfrm.h>\n#include <libmnl/libmnl.h>"),
    ("src/daemon/worker_pool.h", "#include <mutex>\nstd::mutex m;"),
    ("src/net/innocent.cpp", "#include <net/if.h>\n#include <netinet/in.h>"),
    ("src/wire/innocent.cpp", "int n = 1'000'000; bool time(int); auto x = message.time(0);"),
]


def self_test():
    root = tree.copy(tree.ROOT, ["src", "ikectl"])
    try:
        tree.plant(root, "src/net/planted_other.h", "// a header to include")
        before = set(check(root))
        failures = []
        for path, text in INNOCENT:
            tree.plant(root, path, text)
            for problem in set(check(root)) - before:
                failures.append(f"innocent line is reported: {problem}")
            before = set(check(root))
        for path, text, expected in PLANTED:
            line = tree.plant(root, path, text)
            after = set(check(root))
            new = after - before
            if not any(p.startswith(f"{path}:{line}:") and expected in p for p in new):
                failures.append(f"{path}:{line}: not found: {text} (new: {sorted(new)})")
            before = after
        tree.report(failures, f"{len(PLANTED)} planted violations found, {len(INNOCENT)} innocent files left alone")
    finally:
        shutil.rmtree(root)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT
    count = len(tree.files(root, ["src", "ikectl"]))
    problems = check(root)
    if count == 0:
        problems.append("no source files found")
    tree.report(problems, f"{count} files obey the layers")


if __name__ == "__main__":
    main()
