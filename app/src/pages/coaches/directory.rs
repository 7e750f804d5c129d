//! `/coaches`: everyone who can be booked, narrowed by words, topic, language and real free time.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use wellmet::{
    bookings::FreeQuery,
    model::{FieldErrors, Instant},
    time::Zone,
};

use super::{
    Search,
    filters::{FilterPanel, Filters, WordsForm},
    results::{ResultList, Results},
    search::Sent,
    when::Wanted,
};
use crate::{
    components::{ErrorSummary, Nav},
    dto::FormState,
    pages::picker::viewer_zone,
    server::{AppState, Page, PageContext, PageError, QueryOf, page},
};

const LABELS: &[(&str, &str)] = &[("free_from", "From"), ("free_until", "Until")];
const ABOUT: &str = "Find a coach by topic, language and real free time, and book the hour. Times are shown on your own clock.";

pub(super) async fn show(State(app): State<AppState>, context: PageContext, QueryOf(sent): QueryOf<Sent>) -> Result<Response, PageError> {
    let (search, after) = Search::of(sent);
    let zone = viewer_zone(&context, Some(&search.tz), &Zone::utc());
    let now = app.deps.clock.now();
    let wanted = match Wanted::of(&search, zone.date_of(now)) {
        Ok(wanted) => wanted,
        Err(errors) => return Ok(refused(&context, search, &zone, now, errors)),
    };
    let within = wanted.and_then(|wanted| wanted.interval(&zone, now));
    let found = app.bookings.find_free(&app.coaches, &FreeQuery { find: search.query(after.clone()), within }).await?;
    let results = Results::of(found, &search, wanted, after.is_some(), &zone, now);
    let filters = filters(search.clone(), &results, &zone, now, FieldErrors::new());
    let about = Page::new(if after.is_some() { "More coaches" } else { "Coaches" }).description(ABOUT).nav(Nav::Coaches);
    Ok(page(&context, about, move || {
        view! {
            <Top search />
            <FilterPanel filters />
            <ResultList results />
        }
    }))
}

/// The page with what is wrong with the days, and nobody on it.
fn refused(context: &PageContext, search: Search, zone: &Zone, now: Instant, errors: FieldErrors) -> Response {
    let filters = filters(search.clone(), &Results::default(), zone, now, errors);
    let about = Page::private("Error: Coaches").nav(Nav::Coaches).status(StatusCode::UNPROCESSABLE_ENTITY);
    let form = filters.days.clone();
    page(context, about, move || {
        view! {
            <Top search />
            <ErrorSummary form labels=LABELS />
            <FilterPanel filters />
        }
    })
}

fn filters(search: Search, results: &Results, zone: &Zone, now: Instant, errors: FieldErrors) -> Filters {
    let days = FormState::new().with("free_from", &search.free_from).with("free_until", &search.free_until).with("tz", zone.name());
    Filters {
        search,
        topics: results.topics.clone(),
        languages: results.languages.clone(),
        today: zone.date_of(now),
        days: days.failed(errors),
    }
}

#[component]
fn Top(search: Search) -> impl IntoView {
    view! {
        <h1>"Find a coach"</h1>
        <p class="lead">"See who is really free, on your own clock."</p>
        <WordsForm search />
    }
}
