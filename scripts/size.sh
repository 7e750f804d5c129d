#!/usr/bin/env bash
# Measures the WASM that a first visit downloads (brotli, as `make build` left it) against its budget.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
total=0 found=0
for file in "$ROOT"/target/site/pkg/*.wasm.br; do
    if [ ! -f "$file" ]; then continue; fi
    found=1
    total=$((total + $(wc -c <"$file")))
done
[ "$found" -eq 1 ] || die "target/site/pkg has no .wasm.br: run make build first."
say "the browser's WASM is $((total / 1024)) KiB ($total bytes) of $((WASM_BUDGET / 1024)) KiB, brotli"
[ "$total" -le "$WASM_BUDGET" ] || die "the WASM is over its budget: see scripts/versions.sh."
