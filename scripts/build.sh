#!/usr/bin/env bash
# Builds the release: target/release/wellmet, hash.txt beside it, target/site, and the sandbox that stands in for the
# calendar providers.
# Does nothing when the sources are those of the last build.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
out=$ROOT/target/release
stamp=$out/.wellmet-inputs

# One number for everything that could matter to the build; fails where git does not run, and then we build.
inputs() { git ls-files -co --exclude-standard -z -- . ':!end2end/*.ts' ':!end2end/*.json' | xargs -0 cksum 2>/dev/null | cksum; }

now=$(inputs 2>/dev/null) || now=
if [ -n "$now" ] && [ -x "$out/wellmet" ] && [ -x "$out/wellmet-sandbox" ] && [ -f "$out/hash.txt" ] && [ -d "$ROOT/target/site/pkg" ] && [ -d "$ROOT/target/site/api-docs" ] &&
    [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then
    say "target/release/wellmet is up to date"
    exit 0
fi

claim_target_dir
rm -f "$stamp"
say "building the browser's half, the style sheet and the server"
cargo leptos build --release --precompress
say "adding the readers of the API's document"
scripts/api-docs.sh "$ROOT/target/site/api-docs"
say "building the sandbox"
cargo build --release -p sandbox
built=$(target_dir)/release
if [ "$built" != "$out" ]; then
    mkdir -p "$out"
    # Copied aside and renamed: a running server keeps the file it was started from.
    for program in wellmet wellmet-sandbox; do
        cp "$built/$program" "$out/$program.new"
        mv "$out/$program.new" "$out/$program"
    done
    cp "$built/hash.txt" "$out/hash.txt"
fi
if [ -n "$now" ]; then printf '%s\n' "$now" >"$stamp"; fi
say "built target/release/wellmet and target/site"
