//! Bookings of this site as bookings at Cal.com, which writes them into the calendar behind.
//!
//! - What is booked there is a hidden event type of ours: one for each length and calendar ([`super::event_types`]). Title and text are
//!   Cal.com's own; a booking has our page as its place when it has no other, and our ids as metadata.
//! - Cal.com writes mails to host and attendee, and Outlook to the attendees of an event; the API has no way to say no, only the platform
//!   client's setting `areEmailsEnabled`, which is the operator's. The mentee has our own mail already. So the attendee has the mentee's
//!   name and the coach's own address: whatever is sent goes to the coach.
//! - Moving gives a new uid; the old booking says which. Metadata is not relied on to move along.
//! - Meeting links would be Cal Video's and change with each move: there are none.
//! - There is no idempotency key. A booking is looked for before it is made and once more when it is refused: an earlier try that arrives
//!   late takes the coach's time, so a second one is refused. For that reason conflicts are never overridden (`allowConflicts`); what
//!   Cal.com itself takes for taken time is not written (`Refused(400)`).
//! - Whoever knows a uid may cancel: it is kept like a secret and shown to nobody.

use async_trait::async_trait;
use reqwest::Method;
use serde_json::json;

use super::{
    CalCom,
    bookings::{Booking, Found, by_uid, followed, post, search},
    event_types::{event_type, of_ours},
    request::Bearer,
    wire::{Envelope, User},
};
use crate::integrations::{
    outcome::CallError,
    providers::{Access, EventCalendar, EventDraft, EventLink, EventRef, EventState, EventWriter, WriteError},
};

/// Names in a booking's metadata; at most 40 characters.
pub(super) const BOOKING: &str = "wellmetBooking";
pub(super) const ATTEMPT: &str = "wellmetAttempt";

/// What the site has to know of `booking`.
fn state(booking: &Booking, wants_link: bool) -> Result<EventState, CallError> {
    let link = if wants_link { EventLink::Impossible } else { EventLink::Unwanted };
    let (start, end) = booking.times()?;
    Ok(EventState { external_id: booking.uid.clone(), etag: None, start, end, link })
}

/// Makes the booking, which is not there yet.
async fn book(bearer: &Bearer<'_>, calendar: &EventCalendar, draft: &EventDraft) -> Result<Booking, CallError> {
    let kind = event_type(bearer, calendar, draft).await?;
    let me: Envelope<User> = bearer.send(bearer.request(Method::GET, "/v2/me")).await?.json()?;
    let email = me.data.email.ok_or(CallError::BadAnswer("a user without an address"))?;
    let place = if draft.location.is_empty() { &draft.page } else { &draft.location };
    let name = if draft.mentee.0.is_empty() { "Mentee" } else { &draft.mentee.0 };
    let body = json!({
        "start": draft.start.to_rfc3339(),
        "eventTypeId": kind,
        "attendee": { "name": name, "email": email, "timeZone": draft.zone.name(), "language": "en" },
        "location": { "type": "attendeeDefined", "location": place },
        "metadata": { BOOKING: draft.key.booking.as_str(), ATTEMPT: draft.key.attempt.to_string() },
    });
    post(bearer, "/v2/bookings", &body).await
}

/// The booking `at`, standing, wherever it was moved; `None` when it was cancelled or never was.
async fn standing(bearer: &Bearer<'_>, at: &EventRef) -> Result<Option<Booking>, CallError> {
    let Some(uid) = &at.external_id else {
        let ours = of_ours(bearer).await?;
        return Ok(match search(bearer, &ours, at.key).await? {
            Found::Standing(booking) => Some(booking),
            Found::Cancelled | Found::Nothing => None,
        });
    };
    let Some(booking) = by_uid(bearer, uid).await? else { return Ok(None) };
    Ok(Some(followed(bearer, booking).await?).filter(Booking::stands))
}

/// Cancels `booking`, if it still stands.
async fn call_off(bearer: &Bearer<'_>, booking: &Booking) -> Result<(), CallError> {
    let body = json!({ "cancellationReason": "Cancelled on the booking page." });
    let path = format!("/v2/bookings/{}/cancel", super::request::segment(&booking.uid));
    match bearer.send(bearer.request(Method::POST, &path).header("cal-api-version", super::bookings::VERSION).json(&body)).await {
        Ok(_) | Err(CallError::Gone) => Ok(()),
        // Cancelled already, perhaps by a try whose answer was lost.
        Err(CallError::Refused(400)) => match by_uid(bearer, &booking.uid).await? {
            Some(booking) if booking.stands() => Err(CallError::Refused(400)),
            _ => Ok(()),
        },
        Err(error) => Err(error),
    }
}

/// Brings the standing `booking` up to `draft`.
async fn bring_up(bearer: &Bearer<'_>, calendar: &EventCalendar, booking: Booking, draft: &EventDraft) -> Result<EventState, WriteError> {
    let (start, end) = booking.times()?;
    if (start, end) == (draft.start, draft.end) {
        return Ok(state(&booking, draft.wants_link)?);
    }
    if end.millis() - start.millis() != draft.end.millis() - draft.start.millis() {
        // Another length is another event type, which a booking cannot change.
        call_off(bearer, &booking).await?;
        return Ok(state(&book(bearer, calendar, draft).await?, draft.wants_link)?);
    }
    let path = format!("/v2/bookings/{}/reschedule", super::request::segment(&booking.uid));
    let body = json!({ "start": draft.start.to_rfc3339(), "reschedulingReason": "Moved on the booking page." });
    match post(bearer, &path, &body).await {
        Ok(moved) => Ok(state(&moved, draft.wants_link)?),
        Err(CallError::Gone) => Err(WriteError::Deleted),
        // The coach's time is taken, or the booking is not what it was.
        Err(CallError::Refused(400)) => match by_uid(bearer, &booking.uid).await? {
            Some(same) if same.stands() => Err(CallError::Refused(400).into()),
            Some(old) => {
                let moved = followed(bearer, old).await?.stands();
                Err(if moved { WriteError::Changed } else { WriteError::Deleted })
            }
            None => Err(WriteError::Deleted),
        },
        Err(error) => Err(error.into()),
    }
}

#[async_trait]
impl EventWriter for CalCom {
    async fn create(&self, with: &Access<'_>, calendar: &EventCalendar, event: &EventDraft) -> Result<EventState, WriteError> {
        let bearer = self.bearer(with.secret);
        let known = async || search(&bearer, &of_ours(&bearer).await?, event.key).await;
        let found = match known().await? {
            Found::Cancelled => return Err(WriteError::IdSpent),
            Found::Standing(booking) => booking,
            Found::Nothing => match book(&bearer, calendar, event).await {
                Ok(booking) => return Ok(state(&booking, event.wants_link)?),
                // An earlier try may have arrived meanwhile, and have taken the time.
                Err(CallError::Refused(400)) => match known().await? {
                    Found::Standing(booking) => booking,
                    Found::Cancelled => return Err(WriteError::IdSpent),
                    Found::Nothing => return Err(CallError::Refused(400).into()),
                },
                Err(error) => return Err(error.into()),
            },
        };
        match bring_up(&bearer, calendar, found, event).await {
            Err(WriteError::Deleted) => Err(WriteError::IdSpent),
            other => other,
        }
    }

    async fn update(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        at: &EventRef,
        event: &EventDraft,
    ) -> Result<EventState, WriteError> {
        let bearer = self.bearer(with.secret);
        let booking = standing(&bearer, at).await?.ok_or(WriteError::Deleted)?;
        bring_up(&bearer, calendar, booking, event).await
    }

    async fn remove(&self, with: &Access<'_>, _: &EventCalendar, at: &EventRef) -> Result<(), WriteError> {
        let bearer = self.bearer(with.secret);
        match standing(&bearer, at).await? {
            Some(booking) => Ok(call_off(&bearer, &booking).await?),
            None => Ok(()),
        }
    }

    async fn look(&self, with: &Access<'_>, _: &EventCalendar, at: &EventRef) -> Result<Option<EventState>, CallError> {
        let found = standing(&self.bearer(with.secret), at).await?;
        found.map(|booking| state(&booking, true)).transpose()
    }
}
