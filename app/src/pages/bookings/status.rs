//! Words for where a booking stands and where it takes place.

use leptos::prelude::*;
use wellmet::{
    accounts::Actor,
    bookings::Booking,
    model::{BookingStatus, PlaceKind},
};

use crate::components::{Chip, Tone};

/// Where it stands, for `actor`.
pub fn status_chip(booking: &Booking, actor: Actor) -> impl IntoView + use<> {
    let (tone, words) = match booking.status {
        BookingStatus::Pending if booking.is_unpaid() => (Tone::Warn, "Waits for payment"),
        BookingStatus::Expired if booking.is_unpaid() => (Tone::Info, "Not paid"),
        BookingStatus::Pending if matches!(actor, Actor::Coach(_)) => (Tone::Warn, "Waits for your answer"),
        BookingStatus::Pending => (Tone::Warn, "Waits for the coach"),
        BookingStatus::Confirmed => (Tone::Ok, "Confirmed"),
        BookingStatus::Completed => (Tone::Info, "Took place"),
        BookingStatus::NoShow => (Tone::Info, "Missed"),
        BookingStatus::Declined => (Tone::Info, "Declined"),
        BookingStatus::Expired => (Tone::Info, "Expired unanswered"),
        BookingStatus::Cancelled => (Tone::Info, "Cancelled"),
    };
    view! { <Chip tone words /> }
}

/// Where it takes place: words, and an address to open once it is confirmed.
pub fn place_words(booking: &Booking) -> (String, Option<String>) {
    let confirmed = booking.status == BookingStatus::Confirmed;
    match booking.place.kind {
        PlaceKind::Provider if confirmed && booking.awaits_link() => {
            ("Video call; the link is being made and appears here in a moment".to_owned(), None)
        }
        PlaceKind::Link | PlaceKind::Jitsi | PlaceKind::Provider if confirmed => ("Video call".to_owned(), booking.meeting_link()),
        PlaceKind::Link | PlaceKind::Jitsi | PlaceKind::Provider => {
            ("Video call; the link appears here once it is confirmed".to_owned(), None)
        }
        PlaceKind::Phone if booking.place.value.is_empty() => ("By phone".to_owned(), None),
        PlaceKind::Phone => (format!("By phone: {}", booking.place.value), None),
        PlaceKind::InPerson => (booking.place.value.clone(), None),
    }
}
