//! The invitation that a mail brings (RFC 5545, 5546, 6047).
//!
//! The organizer is the site, under the coach's name: calendars show a way to answer, and accept an update, only from whom the mail comes.
//! Whoever gets it is the only attendee, and has agreed already (`PARTSTAT=ACCEPTED;RSVP=FALSE`): a booking is agreed on the site, nobody
//! would read an answer, and an unanswered question in a calendar would only worry people.

use crate::{
    config::Sender,
    integrations::{
        ical::write::{EventStatus, EventText, Method, Party, calendar_text},
        providers::uid_of,
    },
    model::BookingStatus,
};

use super::{Recipient, scene::Scene};

/// The invitation that goes with the mail of `scene`, if any: into the calendar when the session is agreed, brought up to date when it is
/// moved, out of it when it ends. `agreed`: it was agreed before.
pub(super) fn of(scene: &Scene<'_>, agreed: bool, reader: &Recipient, from: &Sender) -> Option<(Method, String)> {
    let (method, status) = match scene.change.status {
        BookingStatus::Confirmed => (Method::Request, EventStatus::Confirmed),
        // What is in the calendar moves along at once, marked as not sure: the old time is free again.
        BookingStatus::Pending if agreed => (Method::Request, EventStatus::Tentative),
        BookingStatus::Declined | BookingStatus::Expired | BookingStatus::Cancelled if agreed => (Method::Cancel, EventStatus::Cancelled),
        _ => return None,
    };
    let change = scene.change;
    let (place, link) = scene.place();
    let page = scene.page();
    let summary = scene.tell("event-summary");
    let event = EventText {
        uid: &uid_of(change.booking.id),
        sequence: change.ordinal - 1,
        // The same each time this mail is made: of two texts with the same sequence, calendars take the newer.
        stamp: change.at,
        start: change.starts_at,
        end: change.ends_at(),
        summary: &summary,
        description: &scene.description(link.as_deref()),
        location: link.as_deref().unwrap_or(&place),
        url: Some(&page),
        status,
        organizer: Some(Party { name: &change.booking.coach_name, email: &from.email }),
        attendee: Some(Party { name: &reader.name, email: &reader.email }),
    };
    Some((method, calendar_text(Some(method), None, &[event])))
}
