//! `/bookings`: a mentee's bookings, upcoming or past.

use axum::{extract::State, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::Actor,
    bookings::{Booking, BookingPage, Scope},
    model::Instant,
    time::{Zone, words},
};

use super::status_chip;
use crate::{
    components::{EmptyState, FaceMark, Nav, Pager},
    dto::LiveAt,
    islands::{LIVE_REGION, LiveRegion},
    pages::picker::viewer_zone,
    server::{AppState, Page, PageContext, PageError, QueryOf, SignedInMentee, live::live_at_mine, page},
};

const PAGE: u32 = 20;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    show: Option<String>,
    after: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    SignedInMentee(mentee, viewer): SignedInMentee,
    context: PageContext,
    QueryOf(query): QueryOf<Query>,
) -> Result<Response, PageError> {
    let past = query.show.as_deref() == Some("past");
    let scope = if past { Scope::Past } else { Scope::Upcoming };
    let live = live_at_mine(&app, &viewer).await?;
    let found = app.bookings.list(mentee, scope, query.after.as_deref().and_then(parse_cursor), PAGE).await?;
    let zone = viewer_zone(&context, None, &Zone::utc());
    let now = app.deps.clock.now();
    let page_of = Page::private(if past { "Past bookings" } else { "My bookings" }).nav(Nav::Bookings);
    Ok(page(&context, page_of, move || list_page(found, past, (&zone, now), mentee.into(), live)))
}

/// `1765198800000-01ARZ3…`: where the next page begins.
fn parse_cursor(text: &str) -> Option<(Instant, wellmet::model::BookingId)> {
    let (at, id) = text.split_once('-')?;
    Some((Instant::from_millis(at.parse().ok()?), id.parse().ok()?))
}

fn list_page(found: BookingPage, past: bool, (zone, now): (&Zone, Instant), actor: Actor, live: Option<LiveAt>) -> impl IntoView + use<> {
    let show = if past { "past" } else { "upcoming" };
    let next = found.next.map(|(at, id)| format!("/bookings?show={show}&after={}-{id}", at.millis()));
    let any = !found.bookings.is_empty();
    let rows = found.bookings.iter().map(|booking| row(booking, zone, now, actor)).collect_view();
    view! {
        <h1>"My bookings"</h1>
        <nav class="tabs" aria-label="Which bookings">
            <a href="/bookings" aria-current=(!past).then_some("page")>"Upcoming"</a>
            <a href="/bookings?show=past" aria-current=past.then_some("page")>"Past"</a>
        </nav>
        <div id=LIVE_REGION tabindex="-1">{if any {
            view! {
                <p class="muted small">"Times in "{zone.name().to_owned()}"."</p>
                <ul class="rows card">{rows}</ul>
                <Pager previous=None next />
            }
            .into_any()
        } else if past {
            view! { <EmptyState title="Nothing here yet"><p>"Sessions that took place, or were called off, are kept here."</p></EmptyState> }.into_any()
        } else {
            view! {
                <EmptyState title="No bookings yet">
                    <p>"Find a coach, see when they are really free, and book a time."</p>
                    <p><a class="btn btn-primary" href="/coaches">"Find a coach"</a></p>
                </EmptyState>
            }
            .into_any()
        }}</div>
        {live.map(|at| view! { <LiveRegion at /> })}
    }
}

fn row(booking: &Booking, zone: &Zone, now: Instant, actor: Actor) -> impl IntoView + use<> {
    let date = zone.date_of(booking.starts_at);
    let when = format!("{}, {}–{}", words::long_date(date), zone.wall(booking.starts_at), zone.wall(booking.ends_at));
    let soon = (booking.status.is_live() && booking.starts_at > now).then(|| words::distance(now, booking.starts_at));
    view! {
        <li class="row">
            <FaceMark name=booking.coach_name.clone() />
            <div class="row-main">
                <a class="row-title" href=format!("/bookings/{}", booking.id)>{booking.title.clone()}" with "{booking.coach_name.clone()}</a>
                <p class="muted small"><time datetime=booking.starts_at.to_rfc3339()>{when}</time>{soon.map(|soon| format!(", {soon}"))}</p>
            </div>
            {status_chip(booking, actor)}
        </li>
    }
}
