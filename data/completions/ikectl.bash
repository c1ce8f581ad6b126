# SPDX-License-Identifier: ISC
# Completion of ikectl(8) for bash. ikectl itself knows what could stand next.

_ikectl() {
  local line=${COMP_LINE:0:COMP_POINT} current name
  local -a words
  # Not COMP_WORDS: bash would take the colons of an IPv6 address for ends of words.
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${words[-1]}
  COMPREPLY=()
  while IFS= read -r name; do
    if [[ $name == "<path>" ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
    else
      COMPREPLY+=("$name")
    fi
  done < <(timeout 2 "$1" --complete "${words[@]:1}" 2>/dev/null)
  # What is before the last colon stays as it is typed.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${current%:*}:"}")
  fi
}

complete -F _ikectl ikectl
