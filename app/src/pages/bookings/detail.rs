//! `/bookings/{id}`: one booking, for its two parties and admins. To anyone else it does not exist.

use axum::{extract::State, response::Response};
use wellmet::{
    accounts::{Actor, Identity},
    bookings::Booking,
    model::BookingId,
    time::Zone,
};

use super::{
    detail_view::{Shown, detail_page},
    in_calendar::InCalendarNote,
};
use crate::{
    components::Nav,
    pages::picker::viewer_zone,
    server::{AppState, Page, PageContext, PageError, PathOf, SignedIn, live::live_at_mine, page},
};

pub(super) async fn show(
    State(app): State<AppState>,
    SignedIn(viewer): SignedIn,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
) -> Result<Response, PageError> {
    let actor = viewer.actor();
    let live = live_at_mine(&app, &viewer).await?;
    let booking = app.bookings.booking(actor, id).await?.ok_or(PageError::NotFound)?;
    let history = app.bookings.history(actor, id).await?;
    let zone = own_zone(&context, &viewer, &booking);
    let calendar = match actor {
        Actor::Coach(coach) => {
            let drift = app.write_back.drift(&coach, id).await?;
            Some(InCalendarNote { state: app.write_back.view(&booking).await?.state, drift })
        }
        Actor::Mentee(_) | Actor::Admin(_) => None,
    };
    let involved = actor.id() == booking.client_id || actor.id() == booking.coach_id;
    let lands = if involved && !viewer.email_checked() { app.check_lands().await? } else { None };
    let unchecked = lands.map(|lands| (viewer.email().to_owned(), lands));
    let money = app.payments.of(&booking).await?;
    let shown = Shown { money, unchecked, now: app.deps.clock.now(), actor, zone, history, booking, calendar, live };
    let page_of = Page::private(format!("{} with {}", shown.booking.title, shown.other_name())).nav(nav(&viewer));
    Ok(page(&context, page_of, move || detail_page(&shown)))
}

/// A coach's bookings are shown in the coach's zone, a mentee's in the zone of their browser, or else in the one they
/// chose when they booked.
pub(super) fn own_zone(context: &PageContext, viewer: &Identity, booking: &Booking) -> Zone {
    match viewer.actor() {
        Actor::Coach(_) => booking.coach_zone.clone(),
        Actor::Mentee(_) => context.time_zone.as_deref().and_then(Zone::parse).unwrap_or_else(|| booking.client_zone.clone()),
        Actor::Admin(_) => viewer_zone(context, None, &booking.client_zone),
    }
}

pub(super) fn nav(viewer: &Identity) -> Nav {
    if viewer.mentee().is_some() {
        Nav::Bookings
    } else if viewer.coach().is_some() {
        Nav::Today
    } else {
        Nav::Admin
    }
}
