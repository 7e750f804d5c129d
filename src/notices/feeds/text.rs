//! Bookings as events of a calendar.

use std::time::Duration;

use crate::{
    bookings::{Booking, Exported},
    integrations::{
        ical::write::{EventStatus, EventText, Method, calendar_text, subscription_text},
        providers::uid_of,
    },
    model::{BookingStatus, PlaceKind, UserId},
    time::words::span_minutes,
};

/// How often programs are asked to read a feed again.
const REFRESH: Duration = Duration::from_hours(1);

/// The calendar of `reader`, as a feed.
pub(super) fn feed_text(exported: &[Exported], reader: UserId, site: &str) -> String {
    let events: Vec<_> = exported.iter().map(|one| Event::of(one, reader, site)).collect();
    let texts: Vec<_> = events.iter().map(Event::text).collect();
    subscription_text("Wellmet sessions", REFRESH, &texts)
}

/// One booking, to be put into `reader`'s calendar by hand.
pub(super) fn single_text(exported: &Exported, reader: UserId, site: &str) -> String {
    calendar_text(Some(Method::Publish), None, &[Event::of(exported, reader, site).text()])
}

/// An event with the texts it lends.
struct Event<'a> {
    of: &'a Exported,
    uid: String,
    summary: String,
    description: String,
    location: String,
    page: String,
}

impl<'a> Event<'a> {
    fn of(exported: &'a Exported, reader: UserId, site: &str) -> Self {
        let booking = &exported.booking;
        let other = if reader == booking.coach_id { &booking.client_name } else { &booking.coach_name };
        let asked = if booking.status == BookingStatus::Pending { "Requested: " } else { "" };
        let page = format!("{site}/bookings/{}", booking.id);
        Self {
            uid: uid_of(booking.id),
            summary: format!("{asked}{} with {other}", booking.title),
            description: description(booking, &page),
            location: location(booking),
            page,
            of: exported,
        }
    }

    fn text(&self) -> EventText<'_> {
        let booking = &self.of.booking;
        EventText {
            uid: &self.uid,
            sequence: self.of.ordinal - 1,
            stamp: booking.updated_at,
            start: booking.starts_at,
            end: booking.ends_at,
            summary: &self.summary,
            description: &self.description,
            location: &self.location,
            url: Some(&self.page),
            status: match booking.status {
                BookingStatus::Pending => EventStatus::Tentative,
                BookingStatus::Confirmed | BookingStatus::Completed | BookingStatus::NoShow => EventStatus::Confirmed,
                BookingStatus::Declined | BookingStatus::Expired | BookingStatus::Cancelled => EventStatus::Cancelled,
            },
            // Nobody is invited by a calendar that one reads: programs would answer, or mail the others.
            organizer: None,
            attendee: None,
        }
    }
}

/// The link, once it is agreed: as on the booking's page.
fn link(booking: &Booking) -> Option<String> {
    (booking.status == BookingStatus::Confirmed).then(|| booking.meeting_link()).flatten()
}

fn location(booking: &Booking) -> String {
    match booking.place.kind {
        PlaceKind::Phone | PlaceKind::InPerson => booking.place.value.clone(),
        PlaceKind::Link | PlaceKind::Jitsi | PlaceKind::Provider => link(booking).unwrap_or_default(),
    }
}

/// What both may know. Not what the mentee wrote: a feed's address may be read by whoever has it.
fn description(booking: &Booking, page: &str) -> String {
    let link = link(booking).map(|link| format!("Join: {link}\n")).unwrap_or_default();
    format!("{link}{}. Move or cancel it: {page}", span_minutes(booking.duration_minutes()))
}
