//! Wellmet's site: pages rendered on the server, islands that make them livelier in a browser with scripts, and
//! the program `wellmet`.
//!
//! A page is an axum handler in [`pages`]: who and what come from extractors, a service of the crate `wellmet`
//! does the work, a view becomes HTML. Everything works with scripts off; [`islands`] add comfort. The browser's
//! half is compiled with the feature `hydrate` and holds only [`components`], [`dto`], [`islands`] and the
//! callers' side of [`srv`].

// Views are deep types; the server's half renders whole documents of them.
#![recursion_limit = "256"]

pub mod components;
pub mod dto;
pub mod islands;
pub mod srv;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod server;

/// Where the browser's half starts: called by the loader script of a page that contains an island.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
