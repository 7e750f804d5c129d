//! A coach, or an admin in their place, answers a request.

use crate::{
    accounts::{Actor, Decider},
    error::Internal,
    model::{BookingId, BookingStatus, FieldErrors, UserId, clean_text},
    store::{StoreError, sql},
};

use super::{
    Bookings, claims, decide,
    events::{self, BookingChange, Entry},
    view::{self, Booking},
};

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// No such booking for this person.
    #[error("no such booking")]
    NotFound,
    /// It is not waiting for an answer (any more): where it stands.
    #[error("not waiting for an answer")]
    WrongStatus(BookingStatus),
    /// Something in the form needs attention.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for AnswerError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Bookings {
    /// Accepts a request: `pending -> confirmed`. Accepting twice is accepting once.
    ///
    /// # Errors
    /// See [`AnswerError`].
    pub async fn confirm(&self, who: impl Into<Decider>, id: BookingId) -> Result<Booking, AnswerError> {
        self.answer(who.into(), id, BookingStatus::Confirmed, String::new()).await
    }

    /// Declines a request, freeing the time: `pending -> declined`. `reason` is shown to the mentee; it may be empty.
    ///
    /// # Errors
    /// See [`AnswerError`].
    pub async fn decline(&self, who: impl Into<Decider>, id: BookingId, reason: &str) -> Result<Booking, AnswerError> {
        let mut errors = FieldErrors::new();
        let reason = clean_text(&mut errors, "reason", reason, 0, 500);
        errors.or(())?;
        self.answer(who.into(), id, BookingStatus::Declined, reason).await
    }

    /// Whose time `who` decides about by deciding about `id`. `None`: there is nothing for an admin to decide about.
    pub(super) async fn decided_about(&self, who: Decider, id: BookingId) -> Result<Option<UserId>, Internal> {
        match who {
            Decider::Coach(coach) => Ok(Some(coach.id())),
            Decider::Admin(admin) => Ok(self.booking(admin, id).await?.map(|booking| booking.coach_id)),
        }
    }

    /// `to` is confirmed or declined, `reason` is checked.
    pub(super) async fn answer(&self, who: Decider, id: BookingId, to: BookingStatus, reason: String) -> Result<Booking, AnswerError> {
        let (coach, actor) = (self.decided_about(who, id).await?.ok_or(AnswerError::NotFound)?, Actor::from(who));
        let mut tx = self.deps.store.begin().await?;
        let (_, now) = decide::open(&mut tx, self, coach).await?.ok_or(AnswerError::NotFound)?;
        let mut booking = view::find(&mut tx, id).await?.filter(|b| b.is_open_to(actor)).ok_or(AnswerError::NotFound)?;
        if booking.status == to {
            return Ok(booking);
        }
        // What is not paid is no request yet.
        if booking.status != BookingStatus::Pending || booking.is_unpaid() {
            return Err(AnswerError::WrongStatus(booking.status));
        }
        if booking.has_lapsed(now) {
            return Err(AnswerError::WrongStatus(BookingStatus::Expired));
        }
        sql("UPDATE bookings SET status = $2, answer_by = NULL, updated_at = $3 WHERE id = $1")
            .bind(id)
            .bind(to.as_str())
            .bind(now)
            .run(&mut tx)
            .await?;
        let change = if to == BookingStatus::Confirmed { BookingChange::Confirmed } else { BookingChange::Declined };
        if !to.is_live() {
            claims::release_booking(&mut tx, id).await?;
        }
        let entry = Entry {
            booking: id,
            actor: Some(actor),
            change,
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
