//! Looking whether events are still where they were written.

use async_trait::async_trait;

use super::{
    apply::{Applied, Apply, next_look},
    handler::CalendarEvents,
    job,
    record::{CalendarOf, Record, RecordState},
};
use crate::{
    Deps,
    bookings::Booking,
    error::Internal,
    jobs::{self, Source, Verdict},
    model::{BookingId, Instant, UserId},
    store::sql,
};

/// How many looks are planned in one transaction.
const AT_ONCE: u32 = 50;

/// Plans the looks at events whose time for one has come.
pub struct CalendarChecks {
    deps: Deps,
}

impl CalendarChecks {
    /// On the database of `deps`.
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[async_trait]
impl Source for CalendarChecks {
    async fn fill(&self) -> Result<usize, Internal> {
        let now = self.deps.clock.now();
        let due = sql("SELECT booking_id, coach_id, check_at, ordinal FROM booking_calendar_events
             WHERE check_at IS NOT NULL AND check_at <= $1 ORDER BY check_at LIMIT $2");
        let due = due.bind(now).bind(AT_ONCE).all(&self.deps.store).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut tx = self.deps.store.begin().await?;
        for row in &due {
            let (booking, coach): (BookingId, UserId) = (row.get("booking_id")?, row.get("coach_id")?);
            let at: Instant = row.get("check_at")?;
            let key = format!("calendar_check:{booking}:{}", at.millis());
            jobs::enqueue(&mut tx, &*self.deps.ids, now, job(booking, coach, key, row.get("ordinal")?, true, now)).await?;
            // The look itself plans the next one.
            let planned = sql("UPDATE booking_calendar_events SET check_at = NULL WHERE booking_id = $1 AND check_at = $2");
            planned.bind(booking).bind(at).run(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(due.len())
    }
}

impl CalendarEvents {
    /// Looks at the event of `booking` and compares it with what was written.
    pub(super) async fn check(&self, booking: &Booking) -> Result<Verdict, Internal> {
        let now = self.deps().clock.now();
        let record = Record::load(&self.deps().store, booking.id).await?.filter(|record| record.state == RecordState::Present);
        let Some(record) = record.filter(|_| booking.status.is_live() && booking.ends_at > now) else {
            return Ok(Verdict::Moot("There is nothing to look at any more.".to_owned()));
        };
        let Some(into) = CalendarOf::of(&self.deps().store, &record).await? else {
            return Ok(Verdict::Moot("The calendar is disconnected.".to_owned()));
        };
        let found = match (Apply { events: self, into: &into }).look(&record).await? {
            // A look that fails is not tried again and again: real changes would wait behind it. There is a next one.
            Applied::Not(_) => {
                self.seen(&record, next_look(booking, now), false).await?;
                return Ok(Verdict::Moot("The calendar could not be looked at; the next look will tell.".to_owned()));
            }
            Applied::Done(found) => found,
        };
        match found {
            Some(state) if state.start == record.start && state.end == record.end => {
                self.seen(&record, next_look(booking, now), true).await?;
            }
            other => self.note_drift(&record, other.map(|state| (state.start, state.end))).await?,
        }
        Ok(Verdict::Done)
    }

    /// Plans the next look. If this one found it as it was written, whatever was asked about it is answered.
    async fn seen(&self, record: &Record, next: Instant, as_written: bool) -> Result<(), Internal> {
        let mut tx = self.deps().store.begin().await?;
        let seen = if as_written {
            sql("UPDATE booking_calendar_events SET drift = NULL, drift_at = NULL, drift_starts_at = NULL, drift_ends_at = NULL, check_at = $3
                 WHERE booking_id = $1 AND ordinal = $2 AND state = 'present'")
        } else {
            sql("UPDATE booking_calendar_events SET check_at = $3 WHERE booking_id = $1 AND ordinal = $2 AND state = 'present'")
        };
        seen.bind(record.booking).bind(record.ordinal).bind(next).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}
