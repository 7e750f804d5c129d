#!/usr/bin/env bash
# Installs the independent software that calendars, mail and payments are tested with (two CalDAV servers, a CalDAV client, an
# iCalendar library, an SMTP server, Stripe's own client; scripts/calendar-tools.txt) into the per-user cache, unless it is there, and prints its folder.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
list=$ROOT/scripts/calendar-tools.txt
has python3 || die "Python is missing: install version 3.11 or newer with venv (Debian: apt-get install python3-venv)."
dir=$WELLMET_CACHE/tools/calendar-tools-$(cksum <"$list" | cut -d' ' -f1)
if [ ! -e "$dir/complete" ]; then
    say "installing CalDAV servers, an iCalendar library and Stripe's client for the tests" >&2
    rm -rf "$dir"
    mkdir -p "$(dirname "$dir")"
    # In its final place from the start: a virtual environment cannot be moved.
    python3 -m venv "$dir" || die "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)."
    "$dir/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" >&2 ||
        die "pip could not install the tests' calendar software: the reason stands above."
    touch "$dir/complete"
fi
printf '%s\n' "$dir"
