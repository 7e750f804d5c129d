//! Having events written at once: a person asks for it, or what was in the way has gone.

use super::{WriteBack, handler::last_change, job};
use crate::{
    Deps,
    bookings::Booking,
    error::Internal,
    jobs,
    model::{BookingId, Instant, UserId},
    store::{StoreError, Tx, sql},
};

/// What asking for an event came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is being seen to.
    Planned,
    /// It was being seen to already; the next try is now.
    Hurried,
}

impl WriteBack {
    /// Has the event of `booking`, which the caller may see, brought up to date at once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask(&self, booking: &Booking) -> Result<Asked, Internal> {
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await?;
        let hurry = sql("UPDATE jobs SET run_at = $2, state = 'waiting', attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END,
                finished_at = NULL
             WHERE booking_id = $1 AND kind = 'calendar_event' AND lease_until IS NULL AND (state = 'dead' OR (state = 'waiting' AND run_at > $2))");
        let hurried = hurry.bind(booking.id).bind(now).run(&mut tx).await?;
        let under_way = sql("SELECT id FROM jobs WHERE booking_id = $1 AND kind = 'calendar_event' AND state = 'waiting' LIMIT 1");
        let asked = if hurried > 0 || under_way.bind(booking.id).optional(&mut tx).await?.is_some() {
            Asked::Hurried
        } else {
            let ordinal = last_change(&mut tx, booking.id).await?;
            let key = format!("calendar_event:{}:asked:{}", booking.id, now.millis());
            jobs::enqueue(&mut tx, &*self.deps.ids, now, job(booking.id, booking.coach_id, key, ordinal, false, now)).await?;
            Asked::Planned
        };
        tx.commit().await?;
        Ok(asked)
    }
}

/// What kept `coach`'s events from being written may be over (connected again, another calendar chosen): what is outstanding or was
/// given up is tried again, and coming sessions that were never written are.
///
/// # Errors
/// What the database says.
pub(in crate::integrations) async fn all_again(tx: &mut Tx, deps: &Deps, coach: UserId, now: Instant) -> Result<(), StoreError> {
    let again = sql("UPDATE jobs SET run_at = $2, state = 'waiting', attempts = 0, finished_at = NULL
         WHERE coach_id = $1 AND kind = 'calendar_event' AND lease_until IS NULL AND (state = 'dead' OR (state = 'waiting' AND run_at > $2))");
    again.bind(coach).bind(now).run(&mut *tx).await?;
    let unwritten = sql("SELECT b.id FROM bookings b LEFT JOIN booking_calendar_events e ON e.booking_id = b.id AND e.state <> 'removed'
         WHERE b.coach_id = $1 AND b.status = 'confirmed' AND b.ends_at > $2 AND e.booking_id IS NULL ORDER BY b.starts_at");
    for row in unwritten.bind(coach).bind(now).all(&mut *tx).await? {
        let booking: BookingId = row.get("id")?;
        let ordinal = last_change(&mut *tx, booking).await?;
        let key = format!("calendar_event:{booking}:again:{}", now.millis());
        jobs::enqueue(tx, &*deps.ids, now, job(booking, coach, key, ordinal, false, now)).await?;
    }
    // What was called off while the calendar was out of reach is still in it.
    let orphans = sql("SELECT e.booking_id FROM booking_calendar_events e JOIN bookings b ON b.id = e.booking_id
         WHERE e.coach_id = $1 AND e.state IN ('writing', 'present') AND b.status IN ('cancelled', 'declined', 'expired') AND b.ends_at > $2");
    for row in orphans.bind(coach).bind(now).all(&mut *tx).await? {
        let booking: BookingId = row.get("booking_id")?;
        let ordinal = last_change(&mut *tx, booking).await?;
        let key = format!("calendar_event:{booking}:again:{}", now.millis());
        jobs::enqueue(tx, &*deps.ids, now, job(booking, coach, key, ordinal, false, now)).await?;
    }
    let looks = sql(
        "UPDATE booking_calendar_events SET check_at = $2 WHERE coach_id = $1 AND state = 'present' AND check_at IS NULL AND drift IS NULL",
    );
    looks.bind(coach).bind(now).run(tx).await.map(drop)
}
