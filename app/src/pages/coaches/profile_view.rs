//! What a coach's own page shows.

use leptos::prelude::*;
use wellmet::model::Instant;

use crate::{
    components::{Breadcrumbs, DateWords, EmptyState, FaceMark, Icon, Picture},
    pages::picker::{Facts, SessionFacts},
};

/// Everything on the page.
pub(super) struct ProfileView {
    /// The coach's name.
    pub name: String,
    /// One line; may be empty.
    pub headline: String,
    /// Paragraphs; may be none.
    pub bio: Vec<String>,
    /// Topics, and who else has them.
    pub topics: Vec<(String, String)>,
    /// Languages, likewise.
    pub languages: Vec<(String, String)>,
    /// What the coach's clock shows.
    pub clock: String,
    /// The zone that times are in.
    pub zone: String,
    /// What can be booked.
    pub kinds: Vec<KindView>,
    /// Where the directory is.
    pub directory: String,
    /// Whether the coach looks at it.
    pub own: bool,
    /// Whether the directory shows this coach.
    pub listed: bool,
}

/// A session type.
pub(super) struct KindView {
    /// Its name.
    pub name: String,
    /// Paragraphs; may be none.
    pub description: Vec<String>,
    /// What it is.
    pub facts: SessionFacts,
    /// Where its times are.
    pub path: String,
    /// The first free time.
    pub next: Option<NextView>,
}

/// A free time.
pub(super) struct NextView {
    /// Where its day is.
    pub path: String,
    /// When.
    pub at: Instant,
    /// When, in words.
    pub words: String,
}

/// The whole page.
pub(super) fn profile_page(shown: ProfileView) -> impl IntoView {
    let headline = (!shown.headline.is_empty()).then(|| view! { <p class="lead">{shown.headline}</p> });
    let first = shown.name.split_whitespace().next().unwrap_or_default().to_owned();
    let own = shown.own.then(|| view! { <Own listed=shown.listed /> });
    let bio = (!shown.bio.is_empty()).then(|| view! { <section class="prose bio" aria-label="About">{text(shown.bio)}</section> });
    view! {
        {own}
        <Breadcrumbs links=vec![(shown.directory, "Coaches".to_owned())] />
        <header class="profile-head">
            <FaceMark name=shown.name.clone() large=true />
            <div>
                <h1>{shown.name}</h1>
                {headline}
            </div>
        </header>
        <div class="cols profile">
            {bio}
            <aside class="card card-body profile-facts" aria-label="At a glance">
                <Words label="Helps with" words=shown.topics />
                <Words label="Speaks" words=shown.languages />
                <div>
                    <h2 class="facts-label">"Local time"</h2>
                    <p>{shown.clock}</p>
                </div>
            </aside>
        </div>
        <section class="section" aria-labelledby="sessions">
            <div class="results-head">
                <h2 id="sessions">"Book a session"</h2>
                <p class="muted small">{shown.zone}</p>
            </div>
            <Kinds kinds=shown.kinds first own=shown.own />
        </section>
    }
}

/// For the coach's own eyes.
#[component]
fn Own(listed: bool) -> impl IntoView {
    let words = if listed {
        "This is your page as mentees see it."
    } else {
        "This is your page. It is not in the directory: only who has the link sees it."
    };
    view! {
        <p class="own muted small">
            {words}" "<a href="/dashboard/settings?tab=profile">"Edit your profile"</a>" · "
            <a href="/dashboard/session-types">"Edit your sessions"</a>
        </p>
    }
}

/// Words that lead to everyone who has them. Nothing when there are none.
#[component]
fn Words(label: &'static str, words: Vec<(String, String)>) -> impl IntoView {
    let any = !words.is_empty();
    let words = words.into_iter().map(|(word, path)| view! { <li><a class="tag" href=path>{word}</a></li> }).collect_view();
    any.then(|| {
        view! {
            <div>
                <h2 class="facts-label">{label}</h2>
                <ul class="tags">{words}</ul>
            </div>
        }
    })
}

#[component]
fn Kinds(kinds: Vec<KindView>, first: String, own: bool) -> impl IntoView {
    if kinds.is_empty() {
        let way = if own {
            view! { <a class="btn" href="/dashboard/session-types">"Offer a session"</a> }
        } else {
            view! { <a class="btn" href="/coaches">"See other coaches"</a> }
        };
        return view! {
            <EmptyState title="Nothing to book at the moment">
                <p>{format!("{first} offers no sessions just now.")}</p>
                {way}
            </EmptyState>
        }
        .into_any();
    }
    let cards = kinds.into_iter().map(|kind| view! { <KindCard kind /> }).collect_view();
    view! { <ul class="kind-grid">{cards}</ul> }.into_any()
}

#[component]
fn KindCard(kind: KindView) -> impl IntoView {
    let next = match kind.next {
        None => view! { <p class="coach-next muted">"Nothing free at the moment"</p> }.into_any(),
        Some(next) => view! {
            <p class="coach-next">
                <a href=next.path>
                    <Icon picture=Picture::Calendar />
                    <span>"Next free: "<DateWords at=next.at words=next.words /></span>
                </a>
            </p>
        }
        .into_any(),
    };
    let about = format!(" for {}", kind.name);
    view! {
        <li class="card card-body kind">
            <h3>{kind.name}</h3>
            <Facts facts=kind.facts />
            <div class="prose kind-about">{text(kind.description)}</div>
            {next}
            <a class="btn btn-primary btn-wide" href=kind.path>"See times"<span class="visually-hidden">{about}</span></a>
        </li>
    }
}

/// Paragraphs of plain text.
fn text(paragraphs: Vec<String>) -> impl IntoView {
    paragraphs.into_iter().map(|paragraph| view! { <p class="as-typed">{paragraph}</p> }).collect_view()
}
