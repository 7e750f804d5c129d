//! A coach, or an admin in their place, says how a session ended.

use crate::{
    accounts::{Actor, Decider},
    error::Internal,
    model::{BookingId, BookingStatus, Instant},
    store::{StoreError, sql},
};

use super::{
    Bookings, claims, decide,
    events::{self, BookingChange, Entry},
    view::{self, Booking},
};

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took place.
    Completed,
    /// The mentee did not come.
    NoShow,
}

/// Why the outcome was not noted.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// No such booking for this person.
    #[error("no such booking")]
    NotFound,
    /// Only a confirmed booking has an outcome: where this one stands.
    #[error("not a confirmed booking")]
    WrongStatus(BookingStatus),
    /// It has not started: from when an outcome can be noted.
    #[error("not started yet")]
    NotYet(Instant),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for FinishError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Bookings {
    /// Notes the outcome of a session that has started: `confirmed -> completed | no_show`.
    ///
    /// # Errors
    /// See [`FinishError`].
    pub async fn finish(&self, who: impl Into<Decider>, id: BookingId, outcome: Outcome) -> Result<Booking, FinishError> {
        self.note_outcome(who.into(), id, outcome, "").await
    }

    /// `why` is checked.
    pub(super) async fn note_outcome(&self, who: Decider, id: BookingId, outcome: Outcome, why: &str) -> Result<Booking, FinishError> {
        let (to, change) = match outcome {
            Outcome::Completed => (BookingStatus::Completed, BookingChange::Completed),
            Outcome::NoShow => (BookingStatus::NoShow, BookingChange::NoShow),
        };
        let (coach, actor) = (self.decided_about(who, id).await?.ok_or(FinishError::NotFound)?, Actor::from(who));
        let mut tx = self.deps.store.begin().await?;
        let (_, now) = decide::open(&mut tx, self, coach).await?.ok_or(FinishError::NotFound)?;
        let mut booking = view::find(&mut tx, id).await?.filter(|b| b.is_open_to(actor)).ok_or(FinishError::NotFound)?;
        if booking.status == to {
            return Ok(booking);
        }
        if !booking.status.may_become(to) {
            return Err(FinishError::WrongStatus(booking.status));
        }
        if now < booking.starts_at {
            return Err(FinishError::NotYet(booking.starts_at));
        }
        sql("UPDATE bookings SET status = $2, updated_at = $3 WHERE id = $1").bind(id).bind(to.as_str()).bind(now).run(&mut tx).await?;
        claims::release_booking(&mut tx, id).await?;
        let entry =
            Entry { booking: id, actor: Some(actor), change, why, status: to, starts_at: booking.starts_at, sequence: booking.sequence };
        events::record(&mut tx, &*self.deps.ids, now, entry).await?;
        tx.commit().await?;
        (booking.status, booking.updated_at) = (to, now);
        Ok(booking)
    }
}
