#!/bin/sh
# SPDX-License-Identifier: ISC
# Checks that programs of a release build have the protections the release preset asks for.
# usage: hardening.sh PROGRAM...
status=0
complain() {
  echo "$program: $1"
  status=1
}
for program in "$@"; do
  [ -f "$program" ] || { complain "does not exist"; continue; }
  headers=$(readelf -W -h -l -d -n "$program")
  symbols=$(readelf -W --dyn-syms "$program")
  has() { printf '%s\n' "$headers" | grep -Eq "$1"; }
  has 'Type: *DYN' || complain "not position independent"
  has 'FLAGS_1.*PIE' || complain "not position independent"
  has 'GNU_RELRO' || complain "no RELRO"
  has '(FLAGS.*BIND_NOW|FLAGS_1.*NOW)' || complain "lazy binding: RELRO is only partial"
  has 'GNU_STACK.*RWE' && complain "executable stack"
  has 'LOAD.*RWE' && complain "memory both writable and executable"
  # Debian 12's own start-up files lack the CET mark, so the program has none either; the code is what we can see.
  if [ "$(uname -m)" = x86_64 ]; then
    objdump -d --disassemble=main "$program" | grep -q endbr64 || complain "compiled without CET"
  fi
  printf '%s\n' "$symbols" | grep -q __stack_chk_fail || complain "no stack protector"
done
[ $# -gt 0 ] || { echo "usage: hardening.sh program..."; exit 2; }
[ $status = 0 ] && echo "$# programs are hardened"
exit $status
