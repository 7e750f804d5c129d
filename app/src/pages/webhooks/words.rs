//! Words for what webhooks are about and how they stand.

use std::time::Duration;

use leptos::prelude::*;
use wellmet::{
    bookings::BookingChange,
    model::Instant,
    notices::webhooks::{Delivery, DeliveryState, Endpoint, EventWanted},
    time::{
        Zone,
        words::{day_and_month, distance},
    },
};

use crate::components::{Chip, Tone};

/// What is shorter is now.
const SECOND: Duration = Duration::from_secs(1);

/// What happened.
pub(super) const fn of_change(change: BookingChange) -> &'static str {
    match change {
        BookingChange::Reserved => "A session is chosen",
        BookingChange::Booked => "A session is booked",
        BookingChange::Requested => "A session is requested",
        BookingChange::Confirmed => "A request is confirmed",
        BookingChange::Declined => "A request is declined",
        BookingChange::Expired => "A request runs out unanswered",
        BookingChange::Moved => "A session is moved",
        BookingChange::Cancelled => "A session is cancelled",
        BookingChange::Completed => "A session took place",
        BookingChange::NoShow => "A mentee did not come",
    }
}

/// What a delivery's type means.
pub(super) fn of_kind(kind: &str) -> &'static str {
    kind.strip_prefix("booking.").and_then(BookingChange::parse).map_or("A test", of_change)
}

/// What an endpoint hears of.
pub(super) fn wanted(wanted: &EventWanted) -> String {
    match wanted {
        EventWanted::All => "Everything that happens to a booking".to_owned(),
        EventWanted::Some(some) => format!("{} of {} events", some.len(), BookingChange::TOLD.len()),
    }
}

/// Whether an endpoint works, by its latest deliveries.
pub(super) fn standing(endpoint: &Endpoint, latest: &[Delivery]) -> AnyView {
    let given_up = latest.iter().any(|delivery| matches!(delivery.state, DeliveryState::GivenUp(_)));
    let failing = latest.iter().any(|delivery| matches!(delivery.state, DeliveryState::Waiting(_)) && delivery.problem.is_some());
    let (tone, words) = match (endpoint.active, endpoint.gone_at) {
        (false, Some(_)) => (Tone::Danger, "Gone, switched off"),
        (false, None) => (Tone::Info, "Off"),
        _ if given_up => (Tone::Danger, "Needs you"),
        _ if failing => (Tone::Warn, "Failing"),
        _ => (Tone::Ok, "On"),
    };
    view! { <Chip tone words /> }.into_any()
}

/// How a delivery stands.
pub(super) fn state(delivery: &Delivery, now: Instant) -> AnyView {
    let (tone, words) = match delivery.state {
        DeliveryState::Delivered(_) => (Tone::Ok, "Delivered".to_owned()),
        DeliveryState::Waiting(at) if at <= now && delivery.problem.is_none() => (Tone::Info, "On its way".to_owned()),
        // Within a second there is nothing to count.
        DeliveryState::Waiting(at) if at <= now + SECOND => (Tone::Warn, "Failed, being tried again".to_owned()),
        DeliveryState::Waiting(at) => (Tone::Warn, format!("Failed, again {}", distance(now, at))),
        DeliveryState::GivenUp(_) => (Tone::Danger, "Given up".to_owned()),
        DeliveryState::NotSent => (Tone::Info, "Not delivered".to_owned()),
    };
    view! { <Chip tone words /> }.into_any()
}

/// `8 December, 13:00:05`.
pub(super) fn at(zone: &Zone, at: Instant) -> String {
    let seconds = at.millis().div_euclid(1000).rem_euclid(60);
    format!("{}, {}:{seconds:02}", day_and_month(zone.date_of(at)), zone.wall(at))
}

/// The host of an address: enough to know it by, and no secret.
pub(super) fn host(endpoint: &Endpoint) -> String {
    let url = endpoint.url.expose();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}
