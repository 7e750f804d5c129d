//! A change of status by its name, as programs ask for it: whoever asks says where the booking is to stand.

use crate::{
    accounts::{Actor, Decider},
    error::Internal,
    model::{BookingId, BookingStatus, FieldErrors, Instant, clean_text},
};

use super::{Bookings, answer::AnswerError, cancel::CancelError, finish::FinishError, finish::Outcome, view::Booking};

/// The longest reason, in characters.
const REASON_MAX: usize = 500;

/// Where a person can have a booking stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewStatus {
    /// The coach accepts.
    Confirmed,
    /// The coach says no to a request.
    Declined,
    /// It is called off.
    Cancelled,
    /// It took place.
    Completed,
    /// The mentee did not come.
    NoShow,
}

/// Why a booking does not stand where it was to stand.
#[derive(Debug, thiserror::Error)]
pub enum SetStatusError {
    /// No such booking for this person.
    #[error("no such booking")]
    NotFound,
    /// A mentee may do nothing but cancel.
    #[error("not for a mentee")]
    Forbidden,
    /// No arrow leads there from where it stands.
    #[error("not from where it stands")]
    WrongStatus(BookingStatus),
    /// It has started: what is past cannot be called off.
    #[error("already started")]
    Past,
    /// A mentee's time to cancel is over: since when.
    #[error("too late to cancel")]
    TooLate(Instant),
    /// It has not started: from when an outcome can be noted.
    #[error("not started yet")]
    NotYet(Instant),
    /// Field `reason`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<AnswerError> for SetStatusError {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::NotFound => Self::NotFound,
            AnswerError::WrongStatus(status) => Self::WrongStatus(status),
            AnswerError::Invalid(errors) => Self::Invalid(errors),
            AnswerError::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<CancelError> for SetStatusError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound => Self::NotFound,
            CancelError::WrongStatus(status) => Self::WrongStatus(status),
            CancelError::Past => Self::Past,
            CancelError::TooLate(since) => Self::TooLate(since),
            CancelError::Invalid(errors) => Self::Invalid(errors),
            CancelError::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<FinishError> for SetStatusError {
    fn from(error: FinishError) -> Self {
        match error {
            FinishError::NotFound => Self::NotFound,
            FinishError::WrongStatus(status) => Self::WrongStatus(status),
            FinishError::NotYet(from) => Self::NotYet(from),
            FinishError::Internal(error) => Self::Internal(error),
        }
    }
}

impl Bookings {
    /// Has the booking stand at `to`, as [`Bookings::confirm`], [`Bookings::decline`], [`Bookings::cancel`] or
    /// [`Bookings::finish`] does, with `reason` in its history. Asking for what is so already changes nothing.
    ///
    /// # Errors
    /// See [`SetStatusError`].
    pub async fn set_status(&self, actor: Actor, id: BookingId, to: NewStatus, reason: &str) -> Result<Booking, SetStatusError> {
        if to == NewStatus::Cancelled {
            return Ok(self.cancel(actor, id, reason).await?);
        }
        let mut errors = FieldErrors::new();
        let reason = clean_text(&mut errors, "reason", reason, 0, REASON_MAX);
        // Who may not see the booking learns nothing about what they sent either.
        self.booking(actor, id).await?.ok_or(SetStatusError::NotFound)?;
        let who = actor.decider().ok_or(SetStatusError::Forbidden)?;
        errors.or(())?;
        self.decided(who, id, to, reason).await
    }

    async fn decided(&self, who: Decider, id: BookingId, to: NewStatus, reason: String) -> Result<Booking, SetStatusError> {
        Ok(match to {
            NewStatus::Confirmed => self.answer(who, id, BookingStatus::Confirmed, reason).await?,
            NewStatus::Declined => self.answer(who, id, BookingStatus::Declined, reason).await?,
            NewStatus::Completed => self.note_outcome(who, id, Outcome::Completed, &reason).await?,
            NewStatus::NoShow => self.note_outcome(who, id, Outcome::NoShow, &reason).await?,
            NewStatus::Cancelled => self.cancel(who, id, &reason).await?,
        })
    }
}
