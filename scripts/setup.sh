#!/usr/bin/env bash
# Makes this machine able to build Wellmet (`setup.sh build`) or to build and test it (`setup.sh test`).
# It installs what is missing into the per-user cache and is quick when nothing is.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=scripts/find.sh
. "$ROOT/scripts/find.sh"

check_basics() {
    has cargo || die "Rust is missing: install rustup from https://rustup.rs and open a new shell."
    has make || die "make is missing: install it (Debian: apt-get install make; macOS: xcode-select --install)."
    has cc || die "A C compiler is missing: install one (Debian: apt-get install build-essential; macOS: xcode-select --install)."
    if ! has node || ! has npm; then die "Node.js is missing: install version $NODE_MAJOR_MIN or newer from https://nodejs.org."; fi
    local node_major
    node_major=$(node -p 'process.versions.node.split(".")[0]')
    [ "$node_major" -ge "$NODE_MAJOR_MIN" ] ||
        die "Node.js $node_major is too old: install version $NODE_MAJOR_MIN or newer from https://nodejs.org."
}

# Whether the compiler of rust-toolchain.toml is here with all it names. Works offline and without rustup.
has_toolchain() {
    (
        cd "$ROOT"
        export RUSTUP_AUTO_INSTALL=0
        cargo fmt --version && cargo clippy --version && rustc --version &&
            [ -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]
    ) >/dev/null 2>&1
}

ensure_toolchain() {
    if has_toolchain; then return; fi
    has rustup || die "Rust $RUST_CHANNEL with rustfmt, clippy and wasm32-unknown-unknown is missing: install rustup from https://rustup.rs."
    say "installing Rust $RUST_CHANNEL and its wasm32 target, as rust-toolchain.toml says"
    rustup toolchain install "$RUST_CHANNEL" --profile minimal --component rustfmt,clippy \
        --target wasm32-unknown-unknown --no-self-update ||
        die "rustup could not install Rust $RUST_CHANNEL: check the network and run this again."
}

check_wasm_bindgen_version() {
    local locked
    locked=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"/\1/p;}' "$ROOT/Cargo.lock")
    [ "$locked" = "$WASM_BINDGEN_VERSION" ] ||
        die "wasm-bindgen is $locked in Cargo.lock and $WASM_BINDGEN_VERSION in scripts/versions.sh: make them equal."
}

# install_crate NAME VERSION DIR: one Rust tool into DIR/bin, ready-made if cargo-binstall is here, built otherwise.
install_crate() {
    local name=$1 version=$2 dir=$3
    if has cargo-binstall; then
        say "fetching $name $version"
        if cargo binstall --no-confirm --root "$dir" "$name@$version"; then return; fi
    fi
    say "building $name $version, once per machine: a few minutes"
    # In the checkout, so that the compiler is the one these versions were tried with.
    (cd "$ROOT" && env -u CARGO_TARGET_DIR cargo install --locked --root "$dir" "$name" --version "$version") ||
        die "cargo could not install $name $version: the reason stands above."
}

ensure_build_tools() {
    if [ ! -x "$CARGO_LEPTOS_DIR/bin/cargo-leptos" ]; then
        install_crate cargo-leptos "$CARGO_LEPTOS_VERSION" "$CARGO_LEPTOS_DIR"
    fi
    if [ ! -x "$WASM_BINDGEN_DIR/bin/wasm-bindgen" ]; then
        install_crate wasm-bindgen-cli "$WASM_BINDGEN_VERSION" "$WASM_BINDGEN_DIR"
    fi
    if [ ! -x "$NPM_TOOLS_DIR/bin/tailwindcss" ]; then install_npm_tools; fi
}

# Tailwind and wasm-opt into a folder of their own, moved into place when complete.
install_npm_tools() {
    say "installing Tailwind $TAILWIND_VERSION, wasm-opt (binaryen $BINARYEN_VERSION), Swagger UI $SWAGGER_UI_VERSION and ReDoc $REDOC_VERSION"
    mkdir -p "$(dirname "$NPM_TOOLS_DIR")"
    local tmp
    tmp=$(mktemp -d "$NPM_TOOLS_DIR.XXXXXX")
    echo '{"private": true}' >"$tmp/package.json"
    npm install --prefix "$tmp" --save-exact --no-audit --no-fund --loglevel=error \
        "@tailwindcss/cli@$TAILWIND_VERSION" "tailwindcss@$TAILWIND_VERSION" "binaryen@$BINARYEN_VERSION" \
        "swagger-ui-dist@$SWAGGER_UI_VERSION" && unpack_redoc "$tmp" || {
        rm -rf "$tmp"
        die "npm could not install Tailwind, binaryen, Swagger UI and ReDoc: the reason stands above."
    }
    mkdir "$tmp/bin"
    # Tailwind looks for `@import "tailwindcss"` beside the CSS file, then along NODE_PATH.
    # The wrapper points it here, so the checkout needs no node_modules.
    cat >"$tmp/bin/tailwindcss" <<'WRAPPER'
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
NODE_PATH=$here/node_modules exec "$here/node_modules/.bin/tailwindcss" "$@"
WRAPPER
    chmod +x "$tmp/bin/tailwindcss"
    ln -s ../node_modules/.bin/wasm-opt "$tmp/bin/wasm-opt"
    rm -rf "$NPM_TOOLS_DIR"
    mv "$tmp" "$NPM_TOOLS_DIR"
}

# ReDoc as one file, without the packages that it was made from.
unpack_redoc() {
    (
        cd "$1"
        npm pack --loglevel=error "redoc@$REDOC_VERSION" >/dev/null && mkdir -p node_modules/redoc &&
            tar xzf "redoc-$REDOC_VERSION.tgz" -C node_modules/redoc --strip-components=1 && rm "redoc-$REDOC_VERSION.tgz"
    )
}

# Installs the packages of end2end/package-lock.json unless exactly they are there.
ensure_playwright() {
    local stamp=$ROOT/end2end/node_modules/.wellmet-lock
    if cmp -s "$ROOT/end2end/package-lock.json" "$stamp"; then return; fi
    say "installing Playwright into end2end/node_modules"
    (cd "$ROOT/end2end" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error) ||
        die "npm could not install end2end's packages: the reason stands above."
    cp "$ROOT/end2end/package-lock.json" "$stamp"
}

# Whether Playwright's own Chromium is in its cache.
has_playwright_chromium() {
    (cd "$ROOT/end2end" && node -e 'process.exit(require("fs").existsSync(require("@playwright/test").chromium.executablePath()) ? 0 : 1)')
}

# apt_install PACKAGE: where we may, install a Debian package.
apt_install() {
    if ! is_root || ! has apt-get; then return 1; fi
    say "installing Debian's $1"
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1" ||
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1"; }
}

ensure_chromium() {
    if [ -n "$(find_chromium)" ] || has_playwright_chromium; then return; fi
    say "installing Playwright's Chromium"
    if (cd "$ROOT/end2end" && npx playwright install chromium); then return; fi
    apt_install chromium ||
        die "A browser is missing: install Chromium or Chrome, or set CHROMIUM to the path of one."
}

ensure_postgres() {
    if [ -n "$(find_postgres)" ]; then return; fi
    if apt_install postgresql && [ -n "$(find_postgres)" ]; then return; fi
    die "PostgreSQL $POSTGRES_MAJOR_MIN or newer is missing: install the server (Debian: apt-get install postgresql; macOS: brew install postgresql)."
}

goal=${1:-build}
case $goal in build | test) ;; *) die "usage: scripts/setup.sh [build|test]" ;; esac
check_basics
ensure_toolchain
check_wasm_bindgen_version
ensure_build_tools
if [ "$goal" = test ]; then
    ensure_playwright
    ensure_chromium
    ensure_postgres
    "$ROOT/scripts/python-tools.sh" calendar-tools >/dev/null
    "$ROOT/scripts/python-tools.sh" api-tools >/dev/null
fi
say "ready to $goal"
