#!/bin/sh
# SPDX-License-Identifier: ISC
# Lints the manual pages. Exit 77 (skipped) where there are none or no mandoc.
cd "$(dirname "$0")/../.." || exit 1
set -- data/man/*.[1-9]
if [ ! -e "$1" ]; then
  echo "SKIP: no manual pages"
  exit 77
fi
if ! command -v mandoc >/dev/null; then
  echo "SKIP: mandoc is not installed"
  exit 77
fi
mandoc -Tlint -Wwarning "$@" || exit 1
echo "$# pages"
