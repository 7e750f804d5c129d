//! What a coach did to an event in the calendar is a hint about the session, no more: they are asked.

use super::{WriteBack, handler::CalendarEvents, job, record::Record};
use crate::{
    accounts::CoachActor,
    error::Internal,
    jobs,
    model::{BookingId, Instant},
    store::{Row, StoreError, sql},
};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// The event is gone.
    Deleted,
    /// The event is at another time: from when until when.
    Moved(Instant, Instant),
}

/// A session whose event is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    /// Which session.
    pub booking: BookingId,
    /// Its name.
    pub title: String,
    /// With whom.
    pub client_name: String,
    /// When it is.
    pub starts_at: Instant,
    /// Until when.
    pub ends_at: Instant,
    /// What was found.
    pub drift: Drift,
    /// When that was found.
    pub since: Instant,
}

/// What the coach decides, short of moving or cancelling the session itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftAnswer {
    /// The event is put back to where the session is.
    PutBack,
    /// The calendar stays as the coach made it; the session stands.
    Leave,
}

impl WriteBack {
    /// The coming sessions of `coach` whose events were deleted or moved in the calendar, the next first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn drifted(&self, coach: &CoachActor) -> Result<Vec<Drifted>, Internal> {
        let rows = sql("SELECT e.booking_id, e.drift, e.drift_at, e.drift_starts_at, e.drift_ends_at, b.title, b.starts_at, b.ends_at, u.name
             FROM booking_calendar_events e JOIN bookings b ON b.id = e.booking_id JOIN users u ON u.id = b.client_id
             WHERE e.coach_id = $1 AND e.drift IS NOT NULL AND b.status IN ('pending', 'confirmed') AND b.ends_at > $2 ORDER BY b.starts_at");
        let rows = rows.bind(coach.id()).bind(self.deps.clock.now()).all(&self.deps.store).await?;
        Ok(rows.iter().map(drifted_of).collect::<Result<_, _>>()?)
    }

    /// What was found about the session `booking` of `coach`, if they are being asked.
    ///
    /// # Errors
    /// What the database says.
    pub async fn drift(&self, coach: &CoachActor, booking: BookingId) -> Result<Option<Drifted>, Internal> {
        Ok(self.drifted(coach).await?.into_iter().find(|drifted| drifted.booking == booking))
    }

    /// Does what the coach decided. Gives whether there was anything to decide.
    ///
    /// # Errors
    /// What the database says.
    pub async fn answer_drift(&self, coach: &CoachActor, booking: BookingId, answer: DriftAnswer) -> Result<bool, Internal> {
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await?;
        let row = sql("SELECT drift, ordinal FROM booking_calendar_events WHERE booking_id = $1 AND coach_id = $2 AND drift IS NOT NULL");
        let Some(row) = row.bind(booking).bind(coach.id()).optional(&mut tx).await? else { return Ok(false) };
        let deleted = row.get::<String>("drift")? == "deleted";
        // What is gone is written anew; what is elsewhere is written again; what is left is taken for what was written.
        let decide = match (answer, deleted) {
            (DriftAnswer::PutBack, true) => sql("UPDATE booking_calendar_events SET state = 'removed', drift = NULL, drift_at = NULL,
                 check_at = NULL, updated_at = $2 WHERE booking_id = $1"),
            (DriftAnswer::Leave, true) => sql("UPDATE booking_calendar_events SET state = 'left', drift = NULL, drift_at = NULL,
                 check_at = NULL, updated_at = $2 WHERE booking_id = $1"),
            (DriftAnswer::PutBack, false) => sql("UPDATE booking_calendar_events SET ordinal = 0, drift = NULL, drift_at = NULL,
                 drift_starts_at = NULL, drift_ends_at = NULL, updated_at = $2 WHERE booking_id = $1"),
            (DriftAnswer::Leave, false) => sql("UPDATE booking_calendar_events SET starts_at = drift_starts_at, ends_at = drift_ends_at,
                 drift = NULL, drift_at = NULL, drift_starts_at = NULL, drift_ends_at = NULL, check_at = $2, updated_at = $2
                 WHERE booking_id = $1"),
        };
        decide.bind(booking).bind(now).run(&mut tx).await?;
        if answer == DriftAnswer::PutBack {
            let key = format!("calendar_event:{booking}:back:{}", now.millis());
            jobs::enqueue(&mut tx, &*self.deps.ids, now, job(booking, coach.id(), key, row.get("ordinal")?, false, now)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

fn drifted_of(row: &Row) -> Result<Drifted, StoreError> {
    let moved: Option<(Instant, Instant)> =
        row.get::<Option<Instant>>("drift_starts_at")?.zip(row.get::<Option<Instant>>("drift_ends_at")?);
    Ok(Drifted {
        booking: row.get("booking_id")?,
        title: row.get("title")?,
        client_name: row.get("name")?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        drift: moved.map_or(Drift::Deleted, |(start, end)| Drift::Moved(start, end)),
        since: row.get("drift_at")?,
    })
}

impl CalendarEvents {
    /// Stores that the event was found at `elsewhere`, or (`None`) not at all. It is not looked at again until the coach has answered.
    pub(super) async fn note_drift(&self, record: &Record, elsewhere: Option<(Instant, Instant)>) -> Result<(), Internal> {
        let (start, end) = elsewhere.unzip();
        let mut tx = self.deps().store.begin().await?;
        let note =
            sql("UPDATE booking_calendar_events SET drift = $2, drift_at = $3, drift_starts_at = $4, drift_ends_at = $5, check_at = NULL
             WHERE booking_id = $1 AND state = 'present' AND ordinal = $6 AND attempt = $7");
        let note = note.bind(record.booking).bind(if start.is_some() { "moved" } else { "deleted" }).bind(self.deps().clock.now());
        note.bind(start).bind(end).bind(record.ordinal).bind(record.attempt).run(&mut tx).await?;
        tx.commit().await?;
        if !record.drifted {
            tracing::info!(target: "write_back", booking = %record.booking, moved = start.is_some(), "an event is not where it was written");
        }
        Ok(())
    }
}
