# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What every case can say; sourced before a case by tests/system/guest, with errexit on.
#
#   step TEXT                     a line in the log of the case: what happens next
#   fail TEXT                     the case fails here
#   skip REASON                   this machine cannot run the case
#   check TEXT CMD...             CMD must succeed
#   refuse TEXT CMD...            CMD must fail
#   wait_for SECONDS TEXT CMD...  poll until CMD succeeds; the limit is there for broken programs only
#   has FILE WORD...              some line of FILE has all the words (fixed strings, any order)
#   expect_line FILE WORD...      the same, or the case fails showing what was there
#   part PASS|FAIL NAME           a result of its own inside a case (the matrix has one for each cell)
#
# $OUT is the folder of the results on the host (logs go there), $T a folder in the guest.

exec {CASE_NAP}<> <(:)
nap() { read -rt "${1:-0.05}" -u "$CASE_NAP" || :; }  # without a process: those are slow in a guest

step() { echo "-- ${SECONDS}s: $*"; }

fail() {
  echo "FAILED: $*"
  local frame=0 where
  while where=$(caller $frame); do
    case $where in */cases/*) echo "  at ${where##*/} line ${where%% *}"; break ;; esac
    frame=$((frame + 1))
  done
  exit 1
}

skip() {
  echo "$*" >"$OUT/skip"
  exit 77
}

check() {
  local text=$1
  shift
  "$@" || fail "$text ($*)"
}

refuse() {
  local text=$1
  shift
  if "$@"; then fail "$text ($*)"; fi
}

wait_for() {
  local limit=$1 text=$2 end
  shift 2
  end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -le $end ] || fail "after $limit s still not: $text ($*)"
    nap
  done
}

has() {
  local file=$1 line word
  shift
  while IFS= read -r line; do
    for word; do case $line in *"$word"*) ;; *) continue 2 ;; esac; done
    return 0
  done <"$file"
  return 1
}

expect_line() {
  local file=$1
  shift
  has "$file" "$@" || fail "no line in ${file##*/} with: $*"
}

part() { echo "$1 $CASE/$2" >>"$OUT/parts"; }
