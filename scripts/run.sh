#!/usr/bin/env bash
# Starts the built site on http://127.0.0.1:3000 with SQLite in data/, loading the demo into an empty database.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
mkdir -p data
export DATABASE_URL=${DATABASE_URL:-sqlite://$ROOT/data/wellmet.sqlite3}
export LEPTOS_SITE_ROOT=${LEPTOS_SITE_ROOT:-$ROOT/target/site}
target/release/wellmet demo --if-empty
exec target/release/wellmet serve
