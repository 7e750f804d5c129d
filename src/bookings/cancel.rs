//! Calling a booking off.

use crate::{
    accounts::Actor,
    error::Internal,
    model::{BookingId, BookingStatus, FieldErrors, Instant, PaymentStep, clean_text},
    store::{StoreError, sql},
};

use super::{
    Bookings, claims, decide,
    events::{self, BookingChange, Entry},
    view::{self, Booking},
};

/// Why a booking was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// No such booking for this person.
    #[error("no such booking")]
    NotFound,
    /// It has ended already: how.
    #[error("not a live booking")]
    WrongStatus(BookingStatus),
    /// It has started: what is past cannot be called off.
    #[error("already started")]
    Past,
    /// A mentee's time to cancel is over: since when.
    #[error("too late to cancel")]
    TooLate(Instant),
    /// Something in the form needs attention.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for CancelError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Bookings {
    /// Cancels a booking, freeing the time: `pending | confirmed -> cancelled`. Mentees may until the agreed
    /// notice (a request that is not answered yet, and what was paid here, at the price that was agreed: until the start), coaches and admins until the start, with a reason.
    /// Cancelling twice is cancelling once.
    ///
    /// # Errors
    /// See [`CancelError`].
    pub async fn cancel(&self, actor: impl Into<Actor>, id: BookingId, reason: &str) -> Result<Booking, CancelError> {
        let actor = actor.into();
        let mut errors = FieldErrors::new();
        let least = usize::from(!matches!(actor, Actor::Mentee(_)));
        let reason = clean_text(&mut errors, "reason", reason, least, 500);
        // Who may not see the booking learns nothing about the form either.
        let coach = self.booking(actor, id).await?.ok_or(CancelError::NotFound)?.coach_id;
        errors.or(())?;
        let mut tx = self.deps.store.begin().await?;
        let (_, now) = decide::open(&mut tx, self, coach).await?.ok_or(CancelError::NotFound)?;
        let mut booking = view::find(&mut tx, id).await?.ok_or(CancelError::NotFound)?;
        if booking.status == BookingStatus::Cancelled {
            return Ok(booking);
        }
        check(&booking, actor, now)?;
        let to = BookingStatus::Cancelled;
        let done = sql("UPDATE bookings SET status = $2, answer_by = NULL, updated_at = $3 WHERE id = $1");
        done.bind(id).bind(to.as_str()).bind(now).run(&mut tx).await?;
        claims::release_booking(&mut tx, id).await?;
        let entry = Entry {
            booking: id,
            actor: Some(actor),
            change: BookingChange::Cancelled,
            why: &reason,
            status: to,
            starts_at: booking.starts_at,
            sequence: booking.sequence,
        };
        events::record(&mut tx, &*self.deps.ids, now, entry).await?;
        tx.commit().await?;
        (booking.status, booking.answer_by, booking.updated_at) = (to, None, now);
        Ok(booking)
    }
}

impl Booking {
    /// Whether `actor` may cancel it at `now`; for pages that show or hide a button. The command decides for itself.
    pub fn can_cancel(&self, actor: impl Into<Actor>, now: Instant) -> bool {
        check(self, actor.into(), now).is_ok()
    }
}

fn check(booking: &Booking, actor: Actor, now: Instant) -> Result<(), CancelError> {
    if !booking.status.is_live() {
        return Err(CancelError::WrongStatus(booking.status));
    }
    if booking.has_lapsed(now) {
        return Err(CancelError::WrongStatus(BookingStatus::Expired));
    }
    if now >= booking.starts_at {
        return Err(CancelError::Past);
    }
    let bound = matches!(actor, Actor::Mentee(_)) && booking.status == BookingStatus::Confirmed && booking.payment == PaymentStep::None;
    if bound && now > booking.free_until() {
        return Err(CancelError::TooLate(booking.free_until()));
    }
    Ok(())
}
