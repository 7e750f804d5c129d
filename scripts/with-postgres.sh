#!/usr/bin/env bash
# Runs a command with TEST_POSTGRES_URL naming a throw-away PostgreSQL: `scripts/with-postgres.sh cargo test`.
# A TEST_POSTGRES_URL that is set already is used as it is.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
if [ -n "${TEST_POSTGRES_URL:-}" ]; then exec "$@"; fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/wellmet-pg.XXXXXX")
trap '"$ROOT/scripts/postgres.sh" stop "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
TEST_POSTGRES_URL=$("$ROOT/scripts/postgres.sh" start "$dir")
export TEST_POSTGRES_URL
"$@"
