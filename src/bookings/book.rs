//! Booking a slot.

use crate::{
    accounts::MenteeActor,
    error::Internal,
    model::{FieldErrors, Instant, UserId, clean_text},
    store::{Store, StoreError, sql},
    time::Secret,
};

use super::{
    Bookings,
    decide::{self, Unavailable, Wish},
    hold,
    make::{self, Agreed},
    view::{self, Booking},
};

/// A request that nobody answers expires after three days, or when the session would start.
const ANSWER_MINUTES: i64 = 3 * 24 * 60;
/// The longest note a mentee may leave, in characters.
const NOTES_MAX: usize = 2000;

/// What a mentee sends with the form.
#[derive(Debug, Clone, Default)]
pub struct BookRequest {
    /// Another start than the hold's: one of the alternatives, chosen after the held time was lost.
    pub start: Option<Instant>,
    /// What the mentee wants the coach to know; plain text.
    pub notes: String,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// No such hold, or the coach or session type is not bookable any more.
    #[error("not on offer")]
    NotFound,
    /// The time is not to be had.
    #[error("not available")]
    Unavailable(Unavailable),
    /// Something in the form needs attention.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for BookError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overlap => Self::Unavailable(Unavailable::taken()),
            other => Self::Internal(other.into()),
        }
    }
}

impl Bookings {
    /// Books the time that `secret` holds (or held: a hold that ended loses its protection, not its right to ask).
    ///
    /// The secret is also the key of idempotency: the same form sent twice, by a double click, the back button or
    /// after a lost reply, gives the first booking again.
    ///
    /// # Errors
    /// See [`BookError`]; then nothing was booked and the hold stands as it was.
    pub async fn book(&self, mentee: &MenteeActor, secret: &Secret, request: BookRequest) -> Result<Booking, BookError> {
        let mut errors = FieldErrors::new();
        let notes = clean_text(&mut errors, "notes", &request.notes, 0, NOTES_MAX);
        errors.or(())?;
        match self.try_book(*mentee, secret, request.start, notes).await {
            // Whatever stands in the way of a form that was sent before (the time is taken: by its own booking), the
            // answer is what it booked. No form books twice: `submit_key` is unique.
            Err(refused) => earlier(&self.deps.store, secret, mentee.id()).await?.ok_or(refused),
            booked => booked,
        }
    }

    /// The booking that `mentee` made with the hold of `secret`, if they did: where a form that was sent already leads.
    ///
    /// # Errors
    /// What the database says.
    pub async fn booked_by(&self, mentee: &MenteeActor, secret: &Secret) -> Result<Option<Booking>, Internal> {
        let row = sql("SELECT id FROM bookings WHERE submit_key = $1 AND client_id = $2").bind(secret.hash()).bind(mentee.id());
        match row.optional(&self.deps.store).await? {
            Some(row) => Ok(view::find(&self.deps.store, row.get("id")?).await?),
            None => Ok(None),
        }
    }

    async fn try_book(&self, mentee: MenteeActor, secret: &Secret, start: Option<Instant>, notes: String) -> Result<Booking, BookError> {
        let mut tx = self.deps.store.begin().await?;
        let held = hold::find(&mut tx, secret).await?.ok_or(BookError::NotFound)?;
        let (offer, now) = decide::open(&mut tx, self, held.coach).await?.ok_or(BookError::NotFound)?;
        let kind = offer.session_type(held.session_type).filter(|kind| kind.active && offer.active).ok_or(BookError::NotFound)?;
        let start = start.unwrap_or(held.session.start);
        let wish = Wish { coach: held.coach, session_type: kind.id, rules: kind.rules, start, own: Some(held.owner()) };
        let session = decide::judge(&mut tx, &offer, &wish, now).await?.map_err(BookError::Unavailable)?;
        let agreed = Agreed { offer: &offer, kind, held: &held, session, notes, mentee, secret, now };
        let booking = make::make(&mut tx, &*self.deps.ids, agreed).await?;
        tx.commit().await?;
        Ok(booking)
    }
}

/// Until when a request made at `made` for a session at `start` can be answered.
pub(super) fn answer_by(made: Instant, start: Instant) -> Instant {
    start.min(made.plus_minutes(ANSWER_MINUTES))
}

/// The booking that this form made before, if it did and for the same mentee.
async fn earlier(store: &Store, secret: &Secret, mentee: UserId) -> Result<Option<Booking>, BookError> {
    let row = sql("SELECT id, client_id FROM bookings WHERE submit_key = $1").bind(secret.hash()).optional(store).await?;
    let Some(row) = row else { return Ok(None) };
    if row.get::<UserId>("client_id")? != mentee {
        return Err(BookError::NotFound);
    }
    Ok(view::find(store, row.get("id")?).await?)
}
