#!/usr/bin/env bash
# Serves the site on http://127.0.0.1:3000 with SQLite in data/: `run.sh` what `make build` left, after loading the
# demo into an empty database; `run.sh dev` a debug build that follows every change.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
mkdir -p data
export DATABASE_URL=${DATABASE_URL:-sqlite://$ROOT/data/wellmet.sqlite3}
if [ "${1:-}" = dev ]; then
    claim_target_dir
    exec cargo leptos watch -- serve
fi
export LEPTOS_SITE_ROOT=${LEPTOS_SITE_ROOT:-$ROOT/target/site}
target/release/wellmet demo --if-empty
exec target/release/wellmet serve
