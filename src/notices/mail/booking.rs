//! Telling one person what happened to a booking.

use std::time::Duration;

use super::{
    Mailer, Recipient, Side, gone, invite,
    letter::{Draft, Person},
    plan::{key, only_written, was_agreed},
    scene::Scene,
    unreadable,
};
use crate::{
    bookings::{BookingChange, Change, EventId},
    error::Internal,
    jobs::{Job, Verdict},
    model::{BookingId, BookingStatus, Instant},
    store::sql,
};

/// How often a mail looks whether its reader's address has been confirmed. Confirming it wakes the mail anyway.
const LOOK_AGAIN: Duration = Duration::from_mins(10);
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
        let ahead =
            matches!(change.what, BookingChange::Booked | BookingChange::Requested | BookingChange::Confirmed | BookingChange::Moved);
        if ahead && now >= change.ends_at() {
            return Ok(Verdict::Moot("The session is over.".to_owned()));
        }
        let told = self.told(job, &change, side).await?;
        change.booking.provider_link = told.link;
        let written = side == Side::Coach && !told.invited;
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

    /// What this mail tells that may change: what was so when it was first sent stays, since a mail that was cut off may have arrived all the
    /// same, and what is sent again has to be the same mail.
    async fn told(&self, job: &Job, change: &Change, side: Side) -> Result<Told, Internal> {
        if let Some(invited) = job.payload.get("invited").and_then(serde_json::Value::as_bool) {
            return Ok(Told { link: job.payload["link"].as_str().map(str::to_owned), invited });
        }
        let store = &self.inner.deps.store;
        let invited = side == Side::Client || !only_written(store, change).await?;
        let link = change.booking.provider_link.clone();
        let mut payload = job.payload.clone();
        (payload["link"], payload["invited"]) = (link.clone().into(), invited.into());
        let mut tx = store.begin().await?;
        sql("UPDATE jobs SET payload = $2 WHERE id = $1").bind(job.id).bind(payload.to_string()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(Told { link, invited })
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

/// See [`Mailer::told`].
struct Told {
    /// The link that the provider made.
    link: Option<String>,
    /// Whether an invitation may go with it.
    invited: bool,
}

/// Whether the mail would have the meeting link in it, if it were there.
fn awaits_link(change: &Change) -> bool {
    let tells = matches!(change.what, BookingChange::Booked | BookingChange::Confirmed | BookingChange::Moved);
    tells && change.status == BookingStatus::Confirmed && change.booking.status == BookingStatus::Confirmed && change.booking.awaits_link()
}

async fn first_change(mailer: &Mailer, booking: BookingId) -> Result<Option<EventId>, Internal> {
    let row = sql("SELECT id FROM booking_events WHERE booking_id = $1 AND what <> 'reserved' ORDER BY ordinal LIMIT 1");
    let row = row.bind(booking).optional(&mailer.inner.deps.store).await?;
    Ok(row.map(|row| row.get("id")).transpose()?)
}
