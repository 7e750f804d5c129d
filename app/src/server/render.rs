//! From a view to an answer: one synchronous pass on the server, a whole document, a policy with a fresh nonce.

use std::{borrow::Cow, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::{hydration::AutoReload, nonce::Nonce, prelude::*};

use super::{PageContext, security};
use crate::{
    components::{Nav, NavUser, Shell, Theme},
    islands::{HydratedMark, TimeZoneDetect},
};

/// What a page says about itself.
#[derive(Debug, Clone)]
pub struct Page {
    title: Cow<'static, str>,
    description: Option<String>,
    indexed: bool,
    nav: Nav,
    status: StatusCode,
    wide: bool,
    kept: bool,
}

impl Page {
    /// A page with a title (without the site's name), for search engines to find, answered with 200.
    pub fn new(title: impl Into<Cow<'static, str>>) -> Self {
        Self { title: title.into(), description: None, indexed: true, nav: Nav::None, status: StatusCode::OK, wide: false, kept: true }
    }

    /// A page that search engines leave alone: forms, and everything behind the sign-in.
    pub fn private(title: impl Into<Cow<'static, str>>) -> Self {
        Self { indexed: false, ..Self::new(title) }
    }

    /// One or two sentences for search engines and link previews.
    pub fn description(self, words: impl Into<String>) -> Self {
        Self { description: Some(words.into()), ..self }
    }

    /// The entry of the navigation that this page belongs to.
    pub fn nav(self, nav: Nav) -> Self {
        Self { nav, ..self }
    }

    /// The status to answer with (422 for a form with errors).
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// A page that nobody's browser keeps, whoever looks: its address alone lets in.
    pub fn not_kept(self) -> Self {
        Self { kept: false, ..self }
    }

    /// For week views and the like: as wide as the screen.
    pub fn wide(self) -> Self {
        Self { wide: true, ..self }
    }
}

/// Renders `view` inside the site's frame and answers with it. `view` runs once, at once; components and islands
/// in it may read the nonce.
pub fn page<V: IntoView + 'static>(context: &PageContext, page: Page, view: impl FnOnce() -> V) -> Response {
    let nonce = Nonce::new();
    let policy = security::policy(&nonce, context.app.site.reloads());
    let document = in_owner(nonce.clone(), || document(context, &page, &nonce, view));
    let kept = if context.viewer.is_some() || !page.kept { "no-store" } else { "private, no-cache" };
    let mut response = (page.status, document).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Runs `render` as the framework expects it on a server with islands: hydration is off until an island turns it on.
pub(super) fn in_owner(nonce: Nonce, render: impl FnOnce() -> String) -> String {
    let shared: Arc<dyn SharedContext + Send + Sync> = Arc::new(SsrSharedContext::new_islands());
    let owner = Owner::new_root(Some(shared));
    let html = owner.with(|| {
        provide_context(nonce);
        render()
    });
    owner.unset_with_forced_cleanup();
    html
}

fn document<V: IntoView + 'static>(context: &PageContext, page: &Page, nonce: &Nonce, view: impl FnOnce() -> V) -> String {
    let user = context.viewer.as_ref().map(|viewer| NavUser { name: viewer.name().to_owned(), role: viewer.role() });
    let (nav, theme, wide, flash) = (page.nav, context.theme, page.wide, context.flash);
    let here = context.here.to_string();
    let detect = context.time_zone.is_none().then(|| view! { <TimeZoneDetect /> });
    let flash = flash.map(|flash| (flash.tone, flash.words));
    let view = view().into_any();
    let mut body = view! {
        <Shell nav user theme here wide flash>{view}</Shell>
        {detect}
    }
    .to_html();
    let islands = body.contains("<leptos-island");
    if islands {
        // Last in the document, so it marks the page when all others have started.
        body.push_str(&view! { <HydratedMark /> }.to_html());
    }
    let head = head(context, page, islands.then(|| context.app.site.scripts(nonce)));
    let attributes = [theme_attribute(theme), if islands { " data-islands" } else { "" }].concat();
    format!("<!DOCTYPE html><html lang=\"en\"{attributes}>{head}<body>{body}</body></html>")
}

const fn theme_attribute(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "",
        Theme::Light => " data-theme=\"light\"",
        Theme::Dark => " data-theme=\"dark\"",
    }
}

fn head(context: &PageContext, page: &Page, scripts: Option<String>) -> String {
    let site = &context.app.site;
    let title = if page.title == "Wellmet" { "Wellmet".to_owned() } else { format!("{} · Wellmet", escaped(&page.title)) };
    let description = page.description.clone().map(|words| view! { <meta name="description" content=words /> });
    let robots = (!page.indexed).then(|| view! { <meta name="robots" content="noindex" /> });
    let reload = site.reloads().then(|| {
        let options = site.options().clone();
        view! { <AutoReload options /> }
    });
    let html = view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        // Not as a child: inside a title a browser takes the framework's markers for text.
        <title inner_html=title></title>
        {description}
        {robots}
        <meta name="color-scheme" content="light dark" />
        <link rel="stylesheet" href=site.stylesheet().to_owned() />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {reload}
    }
    .to_html();
    ["<head>", &html, scripts.as_deref().unwrap_or_default(), "</head>"].concat()
}

/// `text` as the content of a `<title>`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
