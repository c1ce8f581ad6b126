# SPDX-License-Identifier: ISC
# memory.py PID WORD...: which of the words (text, or 0x and hexadecimal digits) are in the memory of a process; a line
# for each that is. Words come as they are and with their octets in hexadecimal digits.
import re
import sys

pid, words = sys.argv[1], sys.argv[2:]
patterns = {}
for word in words:
    octets = bytes.fromhex(word[2:]) if re.fullmatch("0x[0-9a-f]+", word) else word.encode()
    patterns[word] = [octets, octets.hex().encode()]

total, found = 0, set()
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
    for line in maps:
        span, modes, *rest = line.split()
        if "r" not in modes or rest[-1:] in (["[vvar]"], ["[vsyscall]"], ["[vvar_vclock]"]):
            continue
        start, end = (int(x, 16) for x in span.split("-"))
        memory.seek(start)
        try:
            content = memory.read(end - start)
        except OSError:
            continue
        total += len(content)
        found |= {word for word, forms in patterns.items() if any(form in content for form in forms)}
if total < 1 << 20:
    sys.exit(f"only {total} octets of process {pid} could be read")
for word in words:
    if word in found:
        print(word)
