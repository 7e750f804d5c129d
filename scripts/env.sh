# shellcheck shell=bash
# Sourced by the other scripts: where things are, the tools on PATH, and how a script speaks.
# It changes nothing on disk; scripts/setup.sh does that.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/versions.sh
. "$ROOT/scripts/versions.sh"

# Tools live outside the checkout, keyed by version, so a second checkout finds them built.
WELLMET_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/wellmet
CARGO_LEPTOS_DIR=$WELLMET_CACHE/tools/cargo-leptos-$CARGO_LEPTOS_VERSION
WASM_BINDGEN_DIR=$WELLMET_CACHE/tools/wasm-bindgen-$WASM_BINDGEN_VERSION
NPM_TOOLS_DIR=$WELLMET_CACHE/tools/npm-tailwind-$TAILWIND_VERSION-binaryen-$BINARYEN_VERSION-swagger-$SWAGGER_UI_VERSION-redoc-$REDOC_VERSION
PATH=$CARGO_LEPTOS_DIR/bin:$WASM_BINDGEN_DIR/bin:$NPM_TOOLS_DIR/bin:$PATH
export PATH ROOT

# The crates that rust-toolchain.toml's compiler built are shared between the checkouts of a CI machine.
RUST_CHANNEL=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")
if [ -n "${CI:-}" ] && [ -z "${CARGO_TARGET_DIR:-}" ]; then
    export CARGO_TARGET_DIR=$WELLMET_CACHE/target-$RUST_CHANNEL
fi

# say WORDS: one line about what happens next.
say() { printf '%s\n' "wellmet: $*"; }

# die WORDS: what is missing and what to do about it, then stop.
die() {
    printf '%s\n' "wellmet: $*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" -eq 0 ]; }

# target_dir: prints where cargo builds, whoever decided it: we, the environment or a cargo configuration.
target_dir() { (cd "$ROOT" && cargo metadata --no-deps --offline --format-version 1) | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'; }

# claim_target_dir: call before cargo writes into a target folder that several checkouts share.
# Cargo tells two checkouts' copies of our own crates apart by file times alone, so without this it
# may take the other checkout's code for ours. One run at a time; a change of checkout makes ours new.
claim_target_dir() {
    if [ -n "${WELLMET_TARGET_CLAIMED:-}" ]; then return; fi
    local dir me last
    dir=$(target_dir)
    case $dir in "$ROOT"/*) return ;; esac
    mkdir -p "$dir"
    if has flock; then
        exec 9>"$dir/.wellmet-lock"
        flock -n 9 || { say "waiting for another run that builds in $dir" && flock 9; }
    fi
    export WELLMET_TARGET_CLAIMED=1
    last=$dir/.wellmet-checkout
    # shellcheck disable=SC2012 # the inode number, by the only spelling that every system shares
    me="$ROOT $(ls -di "$ROOT" | cut -d' ' -f1)"
    if [ "$(cat "$last" 2>/dev/null)" != "$me" ]; then
        find "$ROOT" \( -path "$ROOT/target" -o -path "$ROOT/data" -o -name node_modules -o -name .git \) -prune -o -type f -exec touch {} +
        printf '%s\n' "$me" >"$last"
    fi
}
