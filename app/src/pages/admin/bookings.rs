//! `/admin/bookings`: everyone's bookings.

use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::Actor,
    bookings::{Booking, BookingPage, Scope},
    model::{BookingId, Instant},
    time::words::when,
};

use super::AdminTabs;
use crate::{
    components::{EmptyState, Nav, Pager},
    pages::bookings::status_chip,
    server::{Page, PageContext, PageError, QueryOf, SignedInAdmin, page},
};

/// Bookings on a page.
const PAGE: u32 = 50;
const SCOPES: [(Scope, &str, &str); 3] =
    [(Scope::Upcoming, "upcoming", "To come"), (Scope::Requests, "requests", "Requests"), (Scope::Past, "past", "Past")];

#[derive(Debug, Deserialize)]
pub(super) struct BookingsQuery {
    scope: Option<String>,
    after: Option<String>,
}

pub(super) async fn list(
    SignedInAdmin(admin, _): SignedInAdmin,
    context: PageContext,
    QueryOf(query): QueryOf<BookingsQuery>,
) -> Result<Response, PageError> {
    let wanted = query.scope.as_deref().unwrap_or_default();
    let (scope, word, _) = SCOPES.into_iter().find(|(_, word, _)| *word == wanted).unwrap_or(SCOPES[0]);
    let after = query.after.as_deref().and_then(cursor);
    let found = context.app.bookings.list(admin, scope, after, PAGE).await?;
    let first = after.is_none();
    Ok(page(&context, Page::private("Bookings").nav(Nav::Admin), || view! { <BookingsPage found word first admin=admin.into() /> }))
}

/// `millis-id`, as in the link to the next page.
fn cursor(text: &str) -> Option<(Instant, BookingId)> {
    let (at, id) = text.rsplit_once('-')?;
    Some((Instant::from_millis(at.parse().ok()?), id.parse().ok()?))
}

#[component]
fn BookingsPage(found: BookingPage, word: &'static str, first: bool, admin: Actor) -> impl IntoView {
    let next = found.next.map(|(at, id)| format!("/admin/bookings?scope={word}&after={}-{id}", at.millis()));
    let previous = (!first).then(|| format!("/admin/bookings?scope={word}"));
    let scopes = SCOPES.map(|(_, scope, words)| {
        view! { <a href=format!("/admin/bookings?scope={scope}") aria-current=(scope == word).then_some("page")>{words}</a> }
    });
    let none = found.bookings.is_empty();
    let rows = found.bookings.into_iter().map(|booking| view! { <BookingRow booking admin /> }).collect_view();
    let list = if none {
        view! { <EmptyState title="No bookings here"><p>"They appear as soon as somebody books."</p></EmptyState> }.into_any()
    } else {
        view! { <ul class="card list">{rows}</ul> }.into_any()
    };
    view! {
        <h1>"Bookings"</h1>
        <AdminTabs here="/admin/bookings" />
        <nav class="scopes" aria-label="Which bookings">{scopes}</nav>
        {list}
        <Pager previous next />
    }
}

#[component]
fn BookingRow(booking: Booking, admin: Actor) -> impl IntoView {
    let chip = status_chip(&booking, admin);
    view! {
        <li class="list-row">
            <a class="list-main" href=format!("/bookings/{}", booking.id)>
                <span class="list-title"><strong>{booking.client_name}" with "{booking.coach_name}</strong>{chip}</span>
                <span class="muted">{booking.title}", "{when(&booking.coach_zone, booking.starts_at, booking.ends_at)}</span>
            </a>
        </li>
    }
}
