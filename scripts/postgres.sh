#!/usr/bin/env bash
# A throw-away PostgreSQL on a free loopback port: `postgres.sh start [DIR]` prints its URL, `stop [DIR]` ends it
# and removes DIR. WELLMET_PG_FSYNC=off trades safety for speed.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=scripts/find.sh
. "$ROOT/scripts/find.sh"

dir=${2:-${TMPDIR:-/tmp}/wellmet-postgres-$(id -u)}

# PostgreSQL refuses to run as root; as root, it runs as the user its package made.
as_postgres() {
    if ! is_root; then
        "$@"
    elif has runuser; then
        runuser -u postgres -- "$@"
    else
        setpriv --reuid=postgres --regid=postgres --init-groups "$@"
    fi
}

running() { [ -f "$dir/url" ] && (cd / && as_postgres "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1); }

start() {
    if running; then
        cat "$dir/url"
        return
    fi
    rm -rf "$dir"
    mkdir -m 700 "$dir" || die "$dir cannot be made: name another folder."
    if is_root; then
        id postgres >/dev/null 2>&1 || die "root may not run PostgreSQL and there is no user postgres: add one."
        chown postgres "$dir"
    fi
    cd /
    as_postgres "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 ||
        die "initdb failed: $(tail -n 3 "$dir/initdb.log")"
    local attempt port
    # Somebody may take the port between our look and the start, so three tries.
    for attempt in 1 2 3; do
        port=$(free_port)
        if as_postgres "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 start -o \
            "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 -c fsync=${WELLMET_PG_FSYNC:-on}" \
            >/dev/null 2>&1 9>&-; then
            echo "postgres://postgres@127.0.0.1:$port/postgres" | tee "$dir/url"
            return
        fi
    done
    die "PostgreSQL did not start in $attempt tries: $(tail -n 3 "$dir/data/server.log")"
}

stop() {
    if [ ! -d "$dir" ]; then return; fi
    # pg_ctl reads the process id from the data folder.
    if running; then (cd / && as_postgres "$bin/pg_ctl" -D "$dir/data" -m fast -w -t 30 stop >/dev/null 2>&1) ||
        (cd / && as_postgres "$bin/pg_ctl" -D "$dir/data" -m immediate -w -t 10 stop >/dev/null 2>&1) || true; fi
    rm -rf "$dir"
}

bin=$(find_postgres)
[ -n "$bin" ] || die "PostgreSQL $POSTGRES_MAJOR_MIN or newer is missing: run scripts/setup.sh test."
case ${1:-} in
    start) start ;;
    stop) stop ;;
    *) die "usage: scripts/postgres.sh start|stop [DIR]" ;;
esac
