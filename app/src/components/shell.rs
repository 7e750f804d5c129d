use leptos::prelude::*;

use super::{Nav, NavUser, Notice, SiteFooter, SiteHeader, Theme, Tone};

/// What is on every page, around the page.
#[component]
pub fn Shell(
    /// The entry of the navigation that the page belongs to.
    nav: Nav,
    /// Who is signed in.
    user: Option<NavUser>,
    /// The theme in force.
    theme: Theme,
    /// The page's own path, for the theme switch.
    here: String,
    /// As wide as the screen.
    wide: bool,
    /// What was just done.
    flash: Option<(Tone, &'static str)>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let flash = flash.map(|(tone, words)| view! { <div class="flash"><Notice tone>{words}</Notice></div> });
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <SiteHeader nav user />
        <main id="main" tabindex="-1" class=if wide { "page page-wide" } else { "page" }>{flash}{children()}</main>
        <SiteFooter theme here />
    }
}
