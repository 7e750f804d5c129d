#!/usr/bin/env bash
# The benchmarks, on the machine they name: the slot engine, bookings per second on both engines, how fast calendars are
# read and the outbox is drained, the slot page, and what the site weighs. Figures are for comparing within one run.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=scripts/find.sh
. "$ROOT/scripts/find.sh"
cd "$ROOT"

# A page as a browser gets it: compressed, head left out.
weigh() { curl -sS --fail -H 'Accept-Encoding: br' "$1$2" | wc -c | awk -v what="$2" '{printf "  %-48s %7.1f kB compressed\n", what, $1 / 1000}'; }

weight() {
    local port url css
    # Not local: what cleans up runs when the function has ended.
    dir=$(mktemp -d)
    port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
    url=http://127.0.0.1:$port
    export DATABASE_URL=sqlite://$dir/bench.sqlite3 LEPTOS_SITE_ADDR=127.0.0.1:$port PUBLIC_URL=$url LEPTOS_SITE_ROOT=$ROOT/target/site LOG=warn
    target/release/wellmet demo >/dev/null
    target/release/wellmet serve >/dev/null &
    pid=$!
    trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT
    for _ in $(seq 100); do curl -sf "$url/healthz" >/dev/null && break; sleep 0.1; done
    say "what the site weighs"
    weigh "$url" /coaches/maya-lindqvist/career-crossroads
    weigh "$url" /coaches
    css=$(cd target/site && ls pkg/*.css)
    weigh "$url" "/$css"
    scripts/size.sh
    sleep 5
    ps -o rss= -p "$pid" | awk '{printf "  %-48s %7.1f MB resident\n", "the server with the demo, at rest", $1 / 1024}'
}

claim_target_dir
say "on $(uname -sm), $(getconf _NPROCESSORS_ONLN) processors: $(sed -n 's/^model name.*: //p' /proc/cpuinfo 2>/dev/null | sed -n 1p)"
cargo bench -p wellmet --bench engine
scripts/with-postgres.sh cargo bench -p wellmet --bench bookings
scripts/with-postgres.sh cargo bench -p wellmet --bench sync
scripts/with-postgres.sh cargo bench -p wellmet --bench outbox
cargo bench -p app --bench pages
weight
