#!/usr/bin/env bash
# The rules that no compiler checks. Exceptions with their reasons stand in scripts/rules.allow.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
MAX_LINES=400
failed=0
used=

# allowed RULE FILE: whether rules.allow excuses the file, with a reason.
allowed() {
    awk -v rule="$1" -v file="$2" '$1 == rule && $2 == file && NF > 2 { found = 1 } END { exit !found }' scripts/rules.allow || return 1
    used="$used$1 $2"$'\n'
}

# report RULE FILE WORDS: a finding, unless excused.
report() {
    if allowed "$1" "$2"; then return; fi
    printf '%s: %s\n' "$3" "$4" >&2
    failed=1
}

# forbid RULE PATTERN WHY PATH...: no .rs file below PATH has a line that matches, comments aside.
forbid() {
    local rule=$1 pattern=$2 why=$3 file line
    shift 3
    while IFS=: read -r file line _; do
        case $rule:$file in sql:src/store/*) continue ;; esac
        report "$rule" "$file" "$file:$line" "$why"
    done < <(grep -rnE --include='*.rs' -e "$pattern" "$@" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*//' || true)
}

short_files() {
    local file lines
    while IFS= read -r file; do
        lines=$(wc -l <"$file")
        if [ "$lines" -gt "$MAX_LINES" ]; then
            report length "$file" "$file" "$((lines)) lines, at most $MAX_LINES: split it, or say why not in scripts/rules.allow"
        fi
    done < <(find src app/src end2end/sandbox -name '*.rs')
}

# An exception that excuses nothing is a leftover.
no_leftovers() {
    local rule file
    while read -r rule file _; do
        case $rule in '' | '#'*) continue ;; esac
        case $used in *"$rule $file"$'\n'*) continue ;; esac
        printf 'scripts/rules.allow: "%s %s" excuses nothing, or has no reason\n' "$rule" "$file" >&2
        failed=1
    done <scripts/rules.allow
}

forbid textarea '[^>]</textarea>' "a <textarea> takes its text by prop:value, not by a child" app/src
forbid inner_html 'inner_html' "raw HTML stands in one reviewed file only" app/src
forbid style '[[:space:]]style(:[a-z-]+)?=' "the content policy forbids style attributes: use a class" app/src
forbid sql 'AssertSqlSafe' "SQL stands in src/store only" app/src src
short_files
no_leftovers
if [ "$failed" -ne 0 ]; then die "the rules above are broken."; fi
say "the rules hold"
