//! Requests that nobody answered end by themselves.

use crate::{
    error::Internal,
    model::{BookingId, BookingStatus, UserId},
    store::sql,
};

use super::{
    Bookings, claims, decide,
    events::{self, BookingChange, Entry},
    view,
};

/// So many in one go.
const BATCH: u32 = 100;

impl Bookings {
    /// Ends the requests whose time to be answered is over: `pending -> expired`, the time free again. Gives how many.
    /// Any number of servers may do it at once.
    ///
    /// # Errors
    /// What the database says; what was ended before stays ended.
    pub async fn expire_due(&self) -> Result<u32, Internal> {
        let due = sql("SELECT id, coach_id FROM bookings WHERE status = 'pending' AND answer_by <= $1 AND payment <> 'awaited'
             ORDER BY answer_by LIMIT $2")
        .bind(self.deps.clock.now())
        .bind(BATCH)
        .all(&self.deps.store)
        .await?;
        let mut ended = 0;
        for row in due {
            ended += u32::from(self.expire(row.get("id")?, row.get("coach_id")?).await?);
        }
        Ok(ended)
    }

    async fn expire(&self, id: BookingId, coach: UserId) -> Result<bool, Internal> {
        let mut tx = self.deps.store.begin().await?;
        let Some((_, now)) = decide::open(&mut tx, self, coach).await? else { return Ok(false) };
        let Some(booking) = view::find(&mut tx, id).await? else { return Ok(false) };
        // Another server, or the coach in the last moment, was here first.
        if !booking.has_lapsed(now) {
            return Ok(false);
        }
        let to = BookingStatus::Expired;
        let done = sql("UPDATE bookings SET status = $2, answer_by = NULL, updated_at = $3 WHERE id = $1");
        done.bind(id).bind(to.as_str()).bind(now).run(&mut tx).await?;
        claims::release_booking(&mut tx, id).await?;
        let entry = Entry {
            booking: id,
            actor: None,
            change: BookingChange::Expired,
            why: "",
            status: to,
            starts_at: booking.starts_at,
            sequence: booking.sequence,
        };
        events::record(&mut tx, &*self.deps.ids, now, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}
