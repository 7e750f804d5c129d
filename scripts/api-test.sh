#!/usr/bin/env bash
# Attacks the REST API of the release build from its own document: every check of schemathesis, each phase, as client, coach and
# admin, on SQLite and, where TEST_POSTGRES_URL names one, on PostgreSQL. Then the quick start in docs/api.md, as written there.
#   scripts/api-test.sh [CASES]     about so many cases for each operation and person (default 12)
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
cases=${1:-12}
wellmet=${WELLMET:-target/release/wellmet}
has jq || die "jq is missing: install it (Debian: apt-get install jq; macOS: brew install jq)."
tools=$(scripts/python-tools.sh api-tools)
dir=$(mktemp -d)
server=
# shellcheck disable=SC2329 # called by the trap
clean_up() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; fi
    rm -rf "$dir"
}
trap clean_up EXIT

free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

# start DATABASE_URL: a server with the demo, without limits, on a port of its own.
start() {
    local port
    port=$(free_port)
    base=http://127.0.0.1:$port
    export DATABASE_URL=$1 LEPTOS_SITE_ADDR=127.0.0.1:$port PUBLIC_URL=$base LEPTOS_SITE_ROOT=$ROOT/target/site LOG=warn MAIL_DIR=$dir/mail
    export SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
    for limit in $("$wellmet" doctor 2>/dev/null | grep -o 'LIMIT_[A-Z_]*' | grep -v LIMIT_BODY | sort -u) LIMIT_SIGN_IN_PER_ACCOUNT \
        LIMIT_SIGN_IN_PER_ADDRESS LIMIT_REGISTER_PER_ADDRESS LIMIT_HOLDS_PER_ADDRESS LIMIT_API_PER_TOKEN LIMIT_API_PER_ADDRESS; do
        export "$limit=0"
    done
    "$wellmet" demo >/dev/null
    "$wellmet" serve 2>"$dir/log" &
    server=$!
    for _ in $(seq 100); do curl -sf "$base/readyz" >/dev/null && return; sleep 0.1; done
    die "the server did not start: $(tail -5 "$dir/log")"
}

stop() {
    kill "$server"
    wait "$server" || true
    server=
}

# token ADDRESS: what a program of this person sends.
token() {
    curl -sf "$base/api/auth/login" -H 'Content-Type: application/json' -d "{\"email\":\"$1\",\"password\":\"wellmet-demo\"}" |
        node -e 'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>console.log(JSON.parse(t).access_token))'
}

# attack WHO: everything but signing out, which would leave the rest without a token.
attack() {
    say "the REST API on $engine, as $1"
    API_TOKEN="Bearer $(token "$1@wellmet.example")"
    export API_TOKEN API_BASE=$base/api
    API_FROM=$(date -u +%Y-%m-%dT00:00:00Z)
    API_UNTIL=$(jq -rn 'now + 14 * 86400 | strftime("%Y-%m-%dT00:00:00Z")')
    export API_FROM API_UNTIL SCHEMATHESIS_HOOKS=$ROOT/scripts/schemathesis_hooks.py
    # It leaves what it found where it runs.
    (cd "$dir" && "$tools/bin/st" --config-file "$ROOT/scripts/schemathesis.toml" run "$base/api/openapi.json" --header "Authorization: $API_TOKEN" \
        --max-examples "$cases" --exclude-path /auth/logout --seed "$2" --workers 1 --suppress-health-check all --no-color) || {
        tail -20 "$dir/log" >&2
        die "the REST API does not do what its document says"
    }
}

on_engine() {
    engine=$1
    start "$2"
    "$tools/bin/python" scripts/quick-start.py docs/api.md "$base/api"
    attack jonas 1
    attack maya 2
    attack admin 3
    if grep -q ' ERROR ' "$dir/log"; then
        grep ' ERROR ' "$dir/log" | head -5 >&2
        die "the server had errors of its own"
    fi
    stop
}

on_engine SQLite "sqlite://$dir/api.sqlite3"
if [ -n "${TEST_POSTGRES_URL:-}" ]; then on_engine PostgreSQL "$TEST_POSTGRES_URL"; fi
