//! Booking a slot.

use crate::{
    accounts::MenteeActor,
    coaches::{CoachOffer, SessionType},
    error::Internal,
    integrations::standing::Standing,
    model::{FieldErrors, Instant, Price, UserId, clean_text},
    store::{Store, StoreError, sql},
    time::Secret,
};

use super::{
    Bookings,
    decide::{self, Unavailable, Wish},
    hold::Held,
    make::{self, Agreed},
    open_held::{Opened, open_held},
    unlocked,
    view::{self, Booking},
};

/// A request that nobody answers expires after three days, or when the session would start.
const ANSWER_MINUTES: i64 = 3 * 24 * 60;
/// The longest note a mentee may leave, in characters.
pub(super) const NOTES_MAX: usize = 2000;

/// What a mentee sends with the form.
#[derive(Debug, Clone, Default)]
pub struct BookRequest {
    /// Another start than the hold's: one of the alternatives, chosen after the held time was lost.
    pub start: Option<Instant>,
    /// What the mentee wants the coach to know; plain text.
    pub notes: String,
    /// What the form said of the session: it is booked on these terms or not at all. `None` for whatever it is now.
    pub terms: Option<Terms>,
}

/// What a coach may change while somebody fills in the form, and nobody should find out only afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long the session takes.
    pub duration_minutes: u32,
    /// What it costs.
    pub price: Price,
}

impl Terms {
    /// Those of a session type now.
    pub const fn of(kind: &SessionType) -> Self {
        Self { duration_minutes: kind.rules.duration_minutes, price: kind.price }
    }
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
    /// The session is not what the form said it was.
    #[error("the terms have changed")]
    Changed,
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
    /// When the coach's calendars were not read within the last minute they are asked first, for two seconds at most; what
    /// they do not answer is decided as the coach wants it: on request means that the booking waits for the coach.
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
        match self.try_book(*mentee, secret, BookRequest { notes, ..request }).await {
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

    async fn try_book(&self, mentee: MenteeActor, secret: &Secret, request: BookRequest) -> Result<Booking, BookError> {
        let freshness = self.freshen_for_hold(secret).await?;
        let idle = self.deps.store.begin_idle();
        if idle.is_none()
            && let Some(booking) = unlocked::book(self, mentee, secret, &request, freshness).await?
        {
            return Ok(booking);
        }
        let mut tx = match idle {
            Some(tx) => tx,
            None => self.deps.store.begin().await?,
        };
        let Opened { held, offer, trust, now, near } = open_held(&mut tx, self, secret, request.start).await?.ok_or(BookError::NotFound)?;
        let standing = freshness.standing(&trust, now);
        let (kind, wish) = wanted(&offer, &held, &request, standing)?;
        let session = decide::judge_by(&mut tx, &offer, &wish, now, near).await?.map_err(BookError::Unavailable)?;
        let asks = kind.approval_required || standing.asks_the_coach();
        let collects = self.collects(kind);
        let agreed = Agreed { offer: &offer, kind, asks, collects, held: &held, session, notes: request.notes, mentee, secret, now };
        make::make(tx, &*self.deps.ids, agreed).await
    }
}

/// What the form asks for: the session type, and the wish to judge.
///
/// # Errors
/// `NotFound` when it is not on offer any more, `Changed` when it is not what the form said.
pub(super) fn wanted<'o>(
    offer: &'o CoachOffer,
    held: &Held,
    request: &BookRequest,
    standing: Standing,
) -> Result<(&'o SessionType, Wish), BookError> {
    let kind = offer.session_type(held.session_type).filter(|kind| kind.active && offer.active).ok_or(BookError::NotFound)?;
    if request.terms.is_some_and(|terms| terms != Terms::of(kind)) {
        return Err(BookError::Changed);
    }
    let start = request.start.unwrap_or(held.session.start);
    Ok((kind, Wish { coach: held.coach, session_type: kind.id, rules: kind.rules, start, own: Some(held.owner()), standing }))
}

/// A page on which to pay is open for half an hour at least; nobody's clock is exact, and what happens in its last minute is heard of later.
const PAY_MINUTES: i64 = 36;

/// Until when the time of a session at `start` is kept for whoever is to pay from `now` on.
pub(crate) fn pay_by(now: Instant, start: Instant) -> Instant {
    start.min(now.plus_minutes(PAY_MINUTES))
}

/// Until when a request made at `made` for a session at `start` can be answered.
pub(crate) fn answer_by(made: Instant, start: Instant) -> Instant {
    start.min(made.plus_minutes(ANSWER_MINUTES))
}

/// The booking that this form made before, if it did and for the same mentee.
pub(super) async fn earlier(store: &Store, secret: &Secret, mentee: UserId) -> Result<Option<Booking>, BookError> {
    let row = sql("SELECT id, client_id FROM bookings WHERE submit_key = $1").bind(secret.hash()).optional(store).await?;
    let Some(row) = row else { return Ok(None) };
    if row.get::<UserId>("client_id")? != mentee {
        return Err(BookError::NotFound);
    }
    Ok(view::find(store, row.get("id")?).await?)
}
