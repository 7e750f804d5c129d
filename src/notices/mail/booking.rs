//! Telling one person what happened to a booking.

use std::time::Duration;

use super::{
    Mailer, Recipient, Side, gone, invite,
    letter::{Draft, Person},
    plan::{key, receives_bookings, was_agreed},
    scene::Scene,
    unreadable,
};
use crate::{
    bookings::{Booking, BookingChange, Change, EventId},
    error::Internal,
    jobs::{Job, Verdict},
    model::{BookingId, BookingStatus, Instant, PlaceKind},
    store::sql,
};

/// How often a mail looks whether its reader's address has been confirmed. Confirming it wakes the mail anyway.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// A change that is older than this is no news.
const NEWS_FOR: Duration = Duration::from_hours(7 * 24);
/// How often a mail looks whether the meeting link has been made, and for how long.
const LINK_EACH: Duration = Duration::from_secs(20);
const LINK_WITHIN: Duration = Duration::from_mins(15);

impl Mailer {
    pub(super) async fn booking_mail(&self, job: &Job) -> Result<Verdict, Internal> {
        let event: Option<EventId> = job.payload.get("event").and_then(|event| event.as_str()?.parse().ok());
        let (Some(event), Some(side), Some(reader)) = (event, Side::of_payload(job), job.user_id) else { return Ok(unreadable()) };
        let store = &self.inner.deps.store;
        let Some(mut change) = Change::find(store, event).await? else { return Ok(gone()) };
        let Some(reader) = Recipient::find(store, reader).await? else { return Ok(gone()) };
        if let Some(not_yet) = self.hold_back(&reader, change.ends_at().min(change.at + NEWS_FOR)) {
            return Ok(not_yet);
        }
        let now = self.now();
        if awaits_link(&change) && now < change.at + LINK_WITHIN {
            return Ok(Verdict::Later(now + LINK_EACH, "The meeting link is being made.".to_owned()));
        }
        change.booking.provider_link = self.link_told(job, &change.booking).await?;
        let written = side == Side::Coach && receives_bookings(store, change.booking.coach_id).await?;
        let agreed = was_agreed(store, &change).await?;
        let first = first_change(self, change.booking.id).await?.map(|event| key(event.as_str(), side));
        let scene =
            Scene { change: &change, side, speech: self.speech(&reader), site: self.inner.press.site(), url: &self.inner.public_url };
        let invite = if written { None } else { invite::of(&scene, agreed, &reader, self.inner.press.from()) };
        let content = scene.content(invite.as_ref().map(|(method, _)| *method), written);
        // A mentee's address is the coach's to know, not the other way round.
        let reply_to =
            (side == Side::Coach).then(|| Person { name: change.booking.client_name.clone(), email: change.booking.client_email.clone() });
        let draft = Draft { key: job.key.clone(), at: change.at, to: reader.person(), reply_to, first, content, invite };
        Ok(self.send(draft).await)
    }

    /// The provider's link as this mail tells it: what was known when it was first sent stays, since a mail that was cut off may have
    /// arrived all the same, and what is sent again has to be the same mail.
    async fn link_told(&self, job: &Job, booking: &Booking) -> Result<Option<String>, Internal> {
        if booking.place.kind != PlaceKind::Provider {
            return Ok(None);
        }
        if let Some(told) = job.payload.get("link") {
            return Ok(told.as_str().map(str::to_owned));
        }
        let mut payload = job.payload.clone();
        payload["link"] = booking.provider_link.clone().into();
        let mut tx = self.inner.deps.store.begin().await?;
        sql("UPDATE jobs SET payload = $2 WHERE id = $1").bind(job.id).bind(payload.to_string()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(booking.provider_link.clone())
    }

    /// Why nothing is sent to `reader` now, if so. What has to wait is given up at `until`.
    pub(super) fn hold_back(&self, reader: &Recipient, until: Instant) -> Option<Verdict> {
        let now = self.now();
        if !reader.active {
            return Some(Verdict::Moot("The account is deactivated.".to_owned()));
        }
        if reader.checked.is_some() {
            return None;
        }
        Some(if now >= until {
            Verdict::Moot("The address was not confirmed in time.".to_owned())
        } else {
            Verdict::Later((now + LOOK_AGAIN).min(until), "The address has not been confirmed yet.".to_owned())
        })
    }
}

/// Whether the mail would have the meeting link in it, if it were there.
fn awaits_link(change: &Change) -> bool {
    let tells = matches!(change.what, BookingChange::Booked | BookingChange::Confirmed | BookingChange::Moved);
    tells && change.status == BookingStatus::Confirmed && change.booking.status == BookingStatus::Confirmed && change.booking.awaits_link()
}

async fn first_change(mailer: &Mailer, booking: BookingId) -> Result<Option<EventId>, Internal> {
    let row = sql("SELECT id FROM booking_events WHERE booking_id = $1 AND ordinal = 1");
    let row = row.bind(booking).optional(&mailer.inner.deps.store).await?;
    Ok(row.map(|row| row.get("id")).transpose()?)
}
