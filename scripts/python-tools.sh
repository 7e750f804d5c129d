#!/usr/bin/env bash
# Installs the independent software that tests ask, which is written in Python, into the per-user cache, unless it is there, and
# prints its folder: `python-tools.sh calendar-tools` (scripts/calendar-tools.txt), `python-tools.sh api-tools`.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
name=${1:?which: calendar-tools or api-tools}
list=$ROOT/scripts/$name.txt
has python3 || die "Python is missing: install version 3.11 or newer with venv (Debian: apt-get install python3-venv)."
dir=$WELLMET_CACHE/tools/$name-$(cksum <"$list" | cut -d' ' -f1)
if [ ! -e "$dir/complete" ]; then
    say "installing what the tests ask ($name)" >&2
    rm -rf "$dir"
    mkdir -p "$(dirname "$dir")"
    # In its final place from the start: a virtual environment cannot be moved.
    python3 -m venv "$dir" || die "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)."
    "$dir/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" >&2 ||
        die "pip could not install $name: the reason stands above."
    touch "$dir/complete"
fi
printf '%s\n' "$dir"
