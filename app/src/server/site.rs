//! The built site: where its files are and how a page refers to them. Read once, at start.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use leptos::{config::LeptosOptions, hydration::HydrationScripts, nonce::Nonce, prelude::*};

use super::render::in_owner;

/// Stands for the nonce of a page in [`Site::scripts`] until there is one.
const NONCE: &str = "__nonce__";

/// The site's files.
pub struct Site {
    options: LeptosOptions,
    stylesheet: String,
    loader: String,
    reload: bool,
}

/// Why the site's files cannot be used, in words for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SiteError(String);

impl Site {
    /// Finds the site: in `root` if the operator named it, else in `site` beside the program, else in `target/site`.
    /// Names carry hashes when `hash.txt` lies beside the program, unless `LEPTOS_HASH_FILES` says otherwise.
    ///
    /// # Errors
    /// When names should carry hashes and `hash.txt` is missing.
    pub fn find(root: Option<&Path>) -> Result<Self, SiteError> {
        let beside = env::current_exe().ok().and_then(|program| program.parent().map(Path::to_path_buf)).unwrap_or_default();
        let site = beside.join("site");
        let usual = || if site.is_dir() { site } else { PathBuf::from("target/site") };
        let root = root.map_or_else(usual, Path::to_path_buf);
        let list = beside.join("hash.txt");
        let hashed = env::var("LEPTOS_HASH_FILES").map_or_else(|_| list.is_file(), |word| word == "true");
        Self::at(&root, hashed.then_some(list.as_path()), env::var_os("LEPTOS_WATCH").is_some())
    }

    /// The site under `root`. `hashes` is cargo-leptos' `hash.txt` if names carry hashes; it must lie beside the
    /// program. `reload`: pages reconnect to `cargo leptos watch`.
    ///
    /// # Errors
    /// When `hashes` cannot be read.
    pub fn at(root: &Path, hashes: Option<&Path>, reload: bool) -> Result<Self, SiteError> {
        let options = LeptosOptions::builder()
            .output_name("wellmet")
            .site_root(root.to_string_lossy().as_ref())
            .hash_files(hashes.is_some())
            .reload_port(env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3001))
            .build();
        let hash = hashes.map(stylesheet_hash).transpose()?;
        let stylesheet = hash.map_or_else(|| "/pkg/wellmet.css".to_owned(), |hash| format!("/pkg/wellmet.{hash}.css"));
        let scripts = options.clone();
        // The framework's component reads files and formats a script; the result differs by nonce alone.
        let loader = in_owner(Nonce::from_value(NONCE), move || view! { <HydrationScripts options=scripts islands=true /> }.to_html());
        // It puts the nonce into an attribute that, unlike `nonce` itself, style sheets could read.
        let loader = loader.replace(&format!("crossorigin=\"{NONCE}\""), "crossorigin");
        let loader = if holds_wasm(root) { loader } else { String::new() };
        Ok(Self { options, stylesheet, loader, reload })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        Path::new(self.options.site_root.as_ref())
    }

    /// Whether file names change with their content, so that they can be kept for good.
    pub fn hashed(&self) -> bool {
        self.options.hash_files
    }

    /// Whether this is a development server that reloads pages.
    pub fn reloads(&self) -> bool {
        self.reload
    }

    /// What the framework wants to know.
    pub fn options(&self) -> &LeptosOptions {
        &self.options
    }

    /// The path of the style sheet.
    pub fn stylesheet(&self) -> &str {
        &self.stylesheet
    }

    /// The elements that load the browser's half, for a page with `nonce`; none where it was not built.
    pub fn scripts(&self, nonce: &str) -> String {
        self.loader.replace(NONCE, nonce)
    }

    /// What is missing of the built site, in words; empty when nothing is.
    pub fn missing(&self) -> Vec<String> {
        let stylesheet = self.root().join(self.stylesheet.trim_start_matches('/'));
        let mut missing = Vec::new();
        if !stylesheet.is_file() {
            missing.push(format!("The style sheet {} is missing: build the site, or set LEPTOS_SITE_ROOT.", stylesheet.display()));
        }
        if self.loader.is_empty() {
            missing.push(format!("{}/pkg holds no WASM: pages work, without the comfort of scripts.", self.root().display()));
        }
        missing
    }
}

fn holds_wasm(root: &Path) -> bool {
    let files = fs::read_dir(root.join("pkg")).into_iter().flatten().flatten();
    files.into_iter().any(|file| file.path().extension().is_some_and(|end| end == "wasm"))
}

fn stylesheet_hash(hashes: &Path) -> Result<String, SiteError> {
    let advice = "It is made by the build and belongs beside the program. Build again, or set LEPTOS_HASH_FILES=false for a site built without hashes.";
    let text = fs::read_to_string(hashes).map_err(|error| SiteError(format!("{} cannot be read ({error}). {advice}", hashes.display())))?;
    let found = text.lines().find_map(|line| line.trim().strip_prefix("css:"));
    found.map(|hash| hash.trim().to_owned()).ok_or_else(|| SiteError(format!("{} names no style sheet. {advice}", hashes.display())))
}
