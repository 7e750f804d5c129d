//! Booking a slot.

use crate::{
    accounts::{Actor, MenteeActor},
    coaches::{CoachOffer, SessionType},
    error::Internal,
    model::{BookingId, BookingStatus, FieldErrors, Instant, UserId, clean_text},
    store::{StoreError, Target, Tx, sql},
    time::{Interval, Secret},
};

use super::{
    Bookings, claims,
    decide::{self, Unavailable, Wish},
    events::{self, BookingChange, Entry},
    hold::{self, Held},
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
        let Some(held) = hold::find(self, secret).await? else {
            // A hold is forgotten after a day, the booking it became is not.
            return earlier(&self.deps.store, secret, mentee.id()).await?.ok_or(BookError::NotFound);
        };
        let mut tx = self.deps.store.begin().await?;
        let (offer, now) = decide::open(&mut tx, self, held.coach).await?.ok_or(BookError::NotFound)?;
        if let Some(first) = earlier(&mut tx, secret, mentee.id()).await? {
            return Ok(first);
        }
        let kind = offer.session_type(held.session_type).filter(|kind| kind.active && offer.active).ok_or(BookError::NotFound)?;
        let start = request.start.unwrap_or(held.session.start);
        let wish = Wish { coach: held.coach, session_type: kind.id, rules: kind.rules, start, own: Some(held.owner()) };
        let session = decide::judge(&mut tx, &offer, &wish, now).await?.map_err(BookError::Unavailable)?;
        let id = self.deps.ids.id(now);
        let agreed = Agreed { offer: &offer, kind, held: &held, session, notes: &notes, mentee: *mentee };
        self.write(&mut tx, id, &agreed, secret, now).await?;
        let booking = view::find(&mut tx, id).await?.ok_or_else(|| Internal::new("a booking vanished while it was made"))?;
        tx.commit().await?;
        Ok(booking)
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

    async fn write(&self, tx: &mut Tx, id: BookingId, agreed: &Agreed<'_>, secret: &Secret, now: Instant) -> Result<(), StoreError> {
        let status = if agreed.kind.approval_required { BookingStatus::Pending } else { BookingStatus::Confirmed };
        insert(tx, id, agreed, status, secret, now).await?;
        let rules = agreed.kind.rules;
        let span = agreed.session.padded(rules.buffer_before_minutes, rules.buffer_after_minutes);
        claims::insert_booking(tx, self.deps.ids.id(now), agreed.offer.coach_id, span, id, Some(agreed.held.id)).await?;
        claims::touch(tx, agreed.offer.coach_id).await?;
        let change = if status == BookingStatus::Pending { BookingChange::Requested } else { BookingChange::Booked };
        let entry = Entry {
            booking: id,
            actor: Some(Actor::Mentee(agreed.mentee)),
            change,
            why: "",
            status,
            starts_at: agreed.session.start,
            sequence: 0,
        };
        events::record(tx, &*self.deps.ids, now, entry).await
    }
}

/// Until when a request made at `made` for a session at `start` can be answered.
pub(super) fn answer_by(made: Instant, start: Instant) -> Instant {
    start.min(made.plus_minutes(ANSWER_MINUTES))
}

/// Everything a new booking copies in.
struct Agreed<'a> {
    offer: &'a CoachOffer,
    kind: &'a SessionType,
    held: &'a Held,
    session: Interval,
    notes: &'a str,
    mentee: MenteeActor,
}

/// The booking that this form made before, if it did and for the same mentee.
async fn earlier(on: impl Into<Target<'_>>, secret: &Secret, mentee: UserId) -> Result<Option<Booking>, BookError> {
    let mut on = on.into();
    let row = sql("SELECT id, client_id FROM bookings WHERE submit_key = $1").bind(secret.hash()).optional(on.reborrow()).await?;
    let Some(row) = row else { return Ok(None) };
    if row.get::<UserId>("client_id")? != mentee {
        return Err(BookError::NotFound);
    }
    Ok(view::find(on, row.get("id")?).await?)
}

async fn insert(
    tx: &mut Tx,
    id: BookingId,
    agreed: &Agreed<'_>,
    status: BookingStatus,
    secret: &Secret,
    now: Instant,
) -> Result<(), StoreError> {
    let (kind, session) = (agreed.kind, agreed.session);
    let answer_by = (status == BookingStatus::Pending).then(|| answer_by(now, session.start));
    sql("INSERT INTO bookings (id, coach_id, client_id, session_type_id, status, starts_at, ends_at, buffer_before_minutes,
            buffer_after_minutes, title, notes, client_time_zone, notice_minutes, price_minor, currency, place_kind,
            place_value, answer_by, submit_key, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)")
    .bind(id)
    .bind(agreed.offer.coach_id)
    .bind(agreed.mentee.id())
    .bind(kind.id)
    .bind(status.as_str())
    .bind(session.start)
    .bind(session.end)
    .bind(kind.rules.buffer_before_minutes)
    .bind(kind.rules.buffer_after_minutes)
    .bind(&kind.name)
    .bind(agreed.notes)
    .bind(agreed.held.zone.name())
    .bind(kind.rules.notice_minutes)
    .bind(kind.price.minor)
    .bind(kind.price.currency)
    .bind(kind.place.kind.as_str())
    .bind(&kind.place.value)
    .bind(answer_by)
    .bind(secret.hash())
    .bind(now)
    .run(tx)
    .await
    .map(drop)
}
