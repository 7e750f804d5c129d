# shellcheck shell=bash
# Sourced after env.sh: finds what `make test` needs and nobody should have to configure.

# find_chromium: prints a Chromium that is already on this machine, or nothing. $CHROMIUM wins.
find_chromium() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        if [ -n "$name" ] && has "$name"; then
            command -v "$name"
            return
        fi
    done
}

# find_postgres: prints the folder with initdb and postgres, or nothing.
find_postgres() {
    local dir dirs=()
    for dir in initdb postgres; do
        if has "$dir"; then dirs+=("$(dirname "$(readlink -f "$(command -v "$dir")")")"); fi
    done
    if has pg_config; then dirs+=("$(pg_config --bindir)"); fi
    # Newest first: the globs below sort upwards, so the list is walked from its end.
    local globbed=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin
        /usr/local/opt/postgresql*/bin)
    local i
    for ((i = ${#globbed[@]} - 1; i >= 0; i--)); do dirs+=("${globbed[i]}"); done
    for dir in "${dirs[@]}"; do
        if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && [ "$(postgres_major "$dir")" -ge "$POSTGRES_MAJOR_MIN" ]; then
            printf '%s\n' "$dir"
            return
        fi
    done
}

# postgres_major BINDIR: prints 15 for "postgres (PostgreSQL) 15.9 (Debian ...)".
postgres_major() { "$1/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

# free_port: prints a loopback port that nobody listens on.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
