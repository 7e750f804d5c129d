#!/usr/bin/env bash
# Serves the site on http://127.0.0.1:3000 with SQLite in data/: `run.sh` what `make build` left, after loading the
# demo into an empty database; `run.sh dev` a debug build that follows every change.
#
# Beside it runs the sandbox, which stands in for Google, Microsoft and Cal.com, so that a calendar can be connected without an
# account anywhere. A provider that the environment configures is left as it is; SANDBOX=off runs none.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
SANDBOX_ADDR=${SANDBOX_ADDR:-127.0.0.1:3200}
mkdir -p data
export DATABASE_URL=${DATABASE_URL:-sqlite://$ROOT/data/wellmet.sqlite3}
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done' EXIT

# use_sandbox: takes the sandbox's settings for every provider of which the environment says nothing.
use_sandbox() {
    local given name value
    given=$(compgen -e | sed -n 's/^\(GOOGLE\|MICROSOFT\|CAL\)_.*/\1/p' | sort -u)
    while IFS='=' read -r name value; do
        case " ${given//$'\n'/ } " in *" ${name%%_*} "*) continue ;; esac
        export "$name=$value"
    done < <("$1" --listen "$SANDBOX_ADDR" --print-env)
}

start_sandbox() {
    local program=$1
    if [ "${SANDBOX:-on}" = off ]; then return; fi
    use_sandbox "$program"
    "$program" --listen "$SANDBOX_ADDR" --origin "${PUBLIC_URL:-http://127.0.0.1:3000}" &
    children+=("$!")
}

if [ "${1:-}" = dev ]; then
    claim_target_dir
    cargo build -p sandbox
    start_sandbox "$(target_dir)/debug/wellmet-sandbox"
    cargo leptos watch -- serve &
else
    export LEPTOS_SITE_ROOT=${LEPTOS_SITE_ROOT:-$ROOT/target/site}
    target/release/wellmet demo --if-empty
    start_sandbox target/release/wellmet-sandbox
    target/release/wellmet serve &
fi
server=$!
children+=("$server")
# A signal ends `wait`; the server gets the same and is waited for until it has finished its requests.
trap 'kill -TERM "$server" 2>/dev/null || true' INT TERM
wait "$server" || true
wait "$server"
