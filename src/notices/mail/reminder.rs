//! Reminding one person of a session.

use super::{Mailer, Recipient, Side, gone, letter::Draft, scene::Scene, unreadable};
use crate::{
    bookings::{Change, EventId},
    error::Internal,
    jobs::{Job, Verdict},
    model::{BookingStatus, Instant},
    store::sql,
};

impl Mailer {
    /// The payload says whom (`to`), of which time (`sequence`: how often the booking had been moved) and how long before (`minutes`).
    pub(super) async fn reminder(&self, job: &Job) -> Result<Verdict, Internal> {
        let number = |name: &str| job.payload.get(name).and_then(serde_json::Value::as_i64);
        let minutes = number("minutes").and_then(|minutes| u32::try_from(minutes).ok());
        let (Some(side), Some(sequence), Some(minutes)) = (Side::of_payload(job), number("sequence"), minutes) else {
            return Ok(unreadable());
        };
        let Some(change) = self.latest_change(job).await? else { return Ok(gone()) };
        let (store, booking) = (&self.inner.deps.store, &change.booking);
        let reader = match side {
            Side::Client => booking.client_id,
            Side::Coach => booking.coach_id,
        };
        let Some(reader) = Recipient::find(store, reader).await? else { return Ok(gone()) };
        if booking.status != BookingStatus::Confirmed || booking.sequence != sequence || self.now() >= booking.starts_at {
            return Ok(Verdict::Moot("The session was moved or called off, or has begun.".to_owned()));
        }
        if let Some(not_yet) = self.hold_back(&reader, booking.starts_at) {
            return Ok(not_yet);
        }
        // Seen from when the reminder was due: what can still be done depends on it.
        let due: Instant = booking.starts_at.plus_minutes(-i64::from(minutes));
        let seen = Change {
            at: due,
            starts_at: booking.starts_at,
            status: booking.status,
            moved_from: None,
            why: String::new(),
            ..change.clone()
        };
        let scene = Scene { change: &seen, side, speech: self.speech(&reader), site: self.inner.press.site(), url: &self.inner.public_url };
        let content = scene.reminder(minutes);
        let draft = Draft { key: job.key.clone(), at: due, to: reader.person(), reply_to: None, first: None, content, invite: None };
        Ok(self.send(draft).await)
    }

    async fn latest_change(&self, job: &Job) -> Result<Option<Change>, Internal> {
        let (Some(booking), store) = (job.booking_id, &self.inner.deps.store) else { return Ok(None) };
        let row = sql("SELECT id FROM booking_events WHERE booking_id = $1 ORDER BY ordinal DESC LIMIT 1");
        let Some(row) = row.bind(booking).optional(store).await? else { return Ok(None) };
        let id: EventId = row.get("id")?;
        Ok(Change::find(store, id).await?)
    }
}
