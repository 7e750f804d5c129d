use leptos::prelude::*;

use super::{Icon, Picture};

/// The way to a page. The page itself is not in it: its heading follows.
#[component]
pub fn Breadcrumbs(
    /// Paths and words, the outermost first.
    links: Vec<(String, String)>,
) -> impl IntoView {
    let links = links.into_iter().map(|(path, words)| view! { <li><a href=path>{words}</a></li> });
    view! { <nav class="breadcrumbs" aria-label="Breadcrumbs"><ol>{links.collect_view()}</ol></nav> }
}

/// Back and on through a long list. Nothing when there is one page.
#[component]
pub fn Pager(
    /// The path of the page before.
    previous: Option<String>,
    /// The path of the page after.
    next: Option<String>,
) -> impl IntoView {
    let any = previous.is_some() || next.is_some();
    let previous = previous.map(|path| view! { <a class="btn" rel="prev" href=path><Icon picture=Picture::Previous />"Previous"</a> });
    let next = next.map(|path| view! { <a class="btn pager-next" rel="next" href=path>"Next"<Icon picture=Picture::Next /></a> });
    any.then(|| view! { <nav class="pager" aria-label="Pages">{previous}{next}</nav> })
}
