# shellcheck shell=bash disable=SC2034 # sourced by env.sh, which uses them
# The one place that says which tools build Wellmet. The compiler is named in rust-toolchain.toml.
CARGO_LEPTOS_VERSION=0.3.10 # 0.3.11 needs rustc 1.96
WASM_BINDGEN_VERSION=0.2.129 # must equal the crate in Cargo.lock; setup.sh compares them
TAILWIND_VERSION=4.3.5
BINARYEN_VERSION=132.0.0
SWAGGER_UI_VERSION=5.35.0 # /docs and /redoc: shown from this site, so they come with the build
REDOC_VERSION=2.5.4   # 3 measures its readers and asks for packages that cannot be had
NODE_MAJOR_MIN=20 # Tailwind and Playwright need it
POSTGRES_MAJOR_MIN=14
# Bytes of the brotli-compressed WASM that a first visit downloads, at most.
WASM_BUDGET=$((350 * 1024))
