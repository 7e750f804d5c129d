//! What the calendar is to hold for a booking. Pure.

use crate::{
    bookings::Booking,
    integrations::providers::{EventDraft, EventKey},
    model::{BookingStatus, Instant, PlaceKind},
};

/// What is to be done about a booking's event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// It is to be there, as the booking is.
    Present,
    /// As [`Wish::Present`], if it is there already: a request is no event, but a session that has to be confirmed again keeps its
    /// event and its meeting link.
    PresentIfAny,
    /// It is to be away.
    Absent,
    /// What is past stays as it is.
    Leave,
}

impl Wish {
    pub(super) fn of(booking: &Booking, now: Instant) -> Self {
        match booking.status {
            BookingStatus::Cancelled | BookingStatus::Declined | BookingStatus::Expired => Self::Absent,
            BookingStatus::Completed | BookingStatus::NoShow => Self::Leave,
            _ if booking.ends_at <= now => Self::Leave,
            BookingStatus::Pending => Self::PresentIfAny,
            BookingStatus::Confirmed => Self::Present,
        }
    }
}

/// The event of `booking` as its change `ordinal` leaves it; `origin` is the site's address.
pub(super) fn draft(booking: &Booking, attempt: u32, ordinal: i64, origin: &str) -> EventDraft {
    let page = format!("{origin}/bookings/{}", booking.id);
    let summary = format!("{} with {}", booking.title, booking.client_name);
    let mut lines = Vec::new();
    if booking.status == BookingStatus::Pending {
        lines.push("Moved by the mentee: it waits for your answer.".to_owned());
    }
    if !booking.notes.is_empty() {
        lines.push(booking.notes.clone());
    }
    lines.push(format!("{} <{}>", booking.client_name, booking.client_email));
    lines.push(format!("The session on Wellmet: {page}"));
    EventDraft {
        key: EventKey { booking: booking.id, attempt },
        start: booking.starts_at,
        end: booking.ends_at,
        zone: booking.coach_zone.clone(),
        summary: if booking.status == BookingStatus::Pending { format!("To confirm: {summary}") } else { summary },
        description: lines.join("\n\n"),
        location: location(booking),
        page,
        sequence: ordinal - 1,
        stamp: booking.updated_at,
        wants_link: booking.awaits_link(),
        mentee: (booking.client_name.clone(), booking.client_email.clone()),
    }
}

fn location(booking: &Booking) -> String {
    match booking.place.kind {
        PlaceKind::InPerson => booking.place.value.clone(),
        PlaceKind::Phone if booking.place.value.is_empty() => "By phone".to_owned(),
        PlaceKind::Phone => format!("By phone: {}", booking.place.value),
        PlaceKind::Provider | PlaceKind::Link | PlaceKind::Jitsi => booking.meeting_link().unwrap_or_default(),
    }
}
