#!/usr/bin/env bash
# Everything CI runs, in order. `scripts/test.sh lint unit` runs the named steps only.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=scripts/find.sh
. "$ROOT/scripts/find.sh"
cd "$ROOT"
ALL=(fmt rules lint types docs unit build size api browser postgres)
WASM=(--target wasm32-unknown-unknown --no-default-features)

fmt() { cargo fmt --all --check; }

rules() { scripts/rules.sh; }

lint() {
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy -p app --lib "${WASM[@]}" --features hydrate -- -D warnings
    cargo clippy -p wellmet --lib "${WASM[@]}" -- -D warnings
}

types() { end2end/node_modules/.bin/tsc --noEmit -p end2end; }

# Libraries only: the program and the library are both called wellmet and would overwrite each other's pages.
docs() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --lib --no-deps --document-private-items; }

unit() {
    local tools
    tools=$(scripts/python-tools.sh calendar-tools)
    TEST_CALENDAR_TOOLS=$tools REQUIRE_CALDAV=1 REQUIRE_STRIPE=1 REQUIRE_OIDC=1 REQUIRE_POSTGRES=1 scripts/with-postgres.sh cargo test --workspace
}

# Part of `unit`, here for running alone: whole requests against the whole router.
router() { REQUIRE_POSTGRES=1 scripts/with-postgres.sh cargo test -p app; }

build() { scripts/build.sh; }

size() { scripts/size.sh; }

# The REST API of the release build, attacked from its own document, on both engines.
api() { scripts/with-postgres.sh scripts/api-test.sh; }

browser() { playwright "$@"; }

# The pages once more, on the other engine.
postgres() { scripts/with-postgres.sh "$ROOT/scripts/test.sh" smoke_on_postgres; }

smoke_on_postgres() { E2E_DATABASE_URL=$TEST_POSTGRES_URL playwright --project=scripts-on smoke; }

playwright() {
    local chromium
    chromium=$(find_chromium)
    if [ -n "$chromium" ]; then export CHROMIUM=$chromium; fi
    TEST_CALENDAR_TOOLS=$(scripts/python-tools.sh calendar-tools)
    export TEST_CALENDAR_TOOLS REQUIRE_CALDAV=1
    (cd end2end && node_modules/.bin/playwright test "$@")
}

run_step() {
    local started=$SECONDS
    printf '\n=== %s\n' "$1"
    step=$1
    "$1"
    step=
    printf '=== %s: %s s\n' "$1" "$((SECONDS - started))"
}

step=
trap 'if [ -n "$step" ]; then printf "\n=== %s FAILED\n" "$step" >&2; fi' EXIT
claim_target_dir
steps=("$@")
if [ "$#" -eq 0 ]; then steps=("${ALL[@]}"); fi
for name in "${steps[@]}"; do
    [ "$(type -t "$name")" = function ] || die "there is no step $name: ${ALL[*]} router"
done
for name in "${steps[@]}"; do run_step "$name"; done
