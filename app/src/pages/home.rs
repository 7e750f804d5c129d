//! `/`: what this is, and the way to a coach.

use axum::{Router, extract::State, response::Response, routing::get};
use leptos::prelude::*;
use wellmet::{
    bookings::{FreePage, FreeQuery},
    coaches::{DirectoryQuery, Facet},
    model::Instant,
    time::Zone,
};

use super::{
    coaches::{Choice, Choices, CoachCards, CoachView, Search},
    picker::viewer_zone,
};
use crate::{
    components::{EmptyState, Icon, Picture},
    server::{AppState, Page, PageContext, PageError, page},
};

/// So many coaches are looked at, and so many of them shown: those who are free first.
const LOOKED_AT: u32 = 24;
const SHOWN: usize = 3;
/// So many topics to start from.
const TOPICS: usize = 10;

/// The front page.
pub fn routes() -> Router<AppState> {
    Router::new().route("/", get(show))
}

async fn show(State(app): State<AppState>, context: PageContext) -> Result<Response, PageError> {
    let find = DirectoryQuery { limit: LOOKED_AT, ..DirectoryQuery::default() };
    let found = app.bookings.find_free(&app.coaches, &FreeQuery { find, within: None }).await?;
    let zone = viewer_zone(&context, None, &Zone::utc());
    let visitor = context.viewer.is_none();
    let about = Page::new("Wellmet").description("Find a coach, see when they are really free, and book the hour. No back and forth.");
    let start = start(found, &zone, app.deps.clock.now());
    Ok(page(&context, about, move || {
        view! {
            <section class="hero">
                <h1 class="hero-title">"An hour with someone who has been there."</h1>
                <p class="hero-words">"Find a coach, see when they are really free in your own time zone, and book it. No back and forth."</p>
                {start.as_ref().map(|_| view! { <SearchForm /> })}
                {start.as_ref().map(|start| view! { <Topics topics=start.topics.clone() /> })}
            </section>
            <Soon start />
            <Steps />
            {visitor.then(|| view! { <ForCoaches /> })}
        }
    }))
}

/// Where to start from.
struct Start {
    topics: Vec<Facet>,
    coaches: Vec<CoachView>,
    zone: String,
    more: bool,
}

/// `None` while there is no coach.
fn start(found: FreePage, zone: &Zone, now: Instant) -> Option<Start> {
    let more = found.coaches.len() > SHOWN;
    let mut coaches = found.coaches;
    // Who has nothing free comes last.
    coaches.sort_by_key(|coach| coach.next.as_ref().map_or(Instant::from_millis(i64::MAX), |free| free.slot.start));
    let coaches: Vec<_> = coaches.into_iter().take(SHOWN).map(|coach| CoachView::of(coach, zone, now, &Search::default())).collect();
    let topics = found.topics.into_iter().take(TOPICS).collect();
    (!coaches.is_empty()).then(|| Start { topics, coaches, zone: format!("Times are in {}.", zone.name()), more })
}

/// Looks for coaches by words.
#[component]
fn SearchForm() -> impl IntoView {
    view! {
        <form class="search" role="search" method="get" action="/coaches">
            <label class="search-label" for="q">"What would you like to talk about?"</label>
            <div class="search-row">
                <input class="input" id="q" name="q" type="search" maxlength="100" placeholder="a first job, a hard conversation, a new team" />
                <button class="btn btn-primary"><Icon picture=Picture::Search />"Find a coach"</button>
            </div>
        </form>
    }
}

/// Topics to start from.
#[component]
fn Topics(topics: Vec<Facet>) -> impl IntoView {
    let any = !topics.is_empty();
    let choices = topics.into_iter().map(|(topic, _)| {
        let path = Search { topic: topic.clone(), ..Search::default() }.path();
        Choice { words: topic, count: None, path, chosen: false }
    });
    let choices = choices.collect();
    any.then(|| view! { <div class="hero-topics"><Choices label="Topics" choices /></div> })
}

/// Who is free first.
#[component]
fn Soon(start: Option<Start>) -> impl IntoView {
    let Some(start) = start else {
        return view! {
            <EmptyState title="The first coaches are still on their way">
                <p>"Nobody can be booked here yet. Come back in a while, or be the first to offer your time."</p>
                <a class="btn" href="/register?role=coach">"Offer your time"</a>
            </EmptyState>
        }
        .into_any();
    };
    let more = start.more.then(|| view! { <p class="soon-more"><a class="btn" href="/coaches">"See all coaches"</a></p> });
    view! {
        <section class="soon" aria-labelledby="soon">
            <div class="results-head">
                <h2 id="soon">"Free soon"</h2>
                <p class="muted small">{start.zone}</p>
            </div>
            <CoachCards coaches=start.coaches />
            {more}
        </section>
    }
    .into_any()
}

#[component]
fn Steps() -> impl IntoView {
    view! {
        <section class="how" aria-labelledby="how">
            <h2 id="how">"How it works"</h2>
            <ol class="steps">
                <li>
                    <h3>"Choose"</h3>
                    <p>"Read what coaches do and how they do it, in their own words."</p>
                </li>
                <li>
                    <h3>"See free time"</h3>
                    <p>"Times are shown on your clock. What you can click, you can have."</p>
                </li>
                <li>
                    <h3>"Meet"</h3>
                    <p>"Plans change: move or cancel a session yourself until the coach’s notice."</p>
                </li>
            </ol>
        </section>
    }
}

#[component]
fn ForCoaches() -> impl IntoView {
    view! {
        <section class="aside-card" aria-labelledby="for-coaches">
            <div>
                <h2 id="for-coaches">"Are you a coach?"</h2>
                <p class="muted">"Set your hours once. Mentees see only time that you really have."</p>
            </div>
            <a class="btn" href="/register?role=coach">"Offer your time"</a>
        </section>
    }
}
