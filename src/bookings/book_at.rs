//! Booking a time at once, without a hold: for programs, which fill in no form.

use crate::{
    accounts::MenteeActor,
    model::{FieldErrors, Instant, SessionTypeId, UserId, clean_text},
    time::{Interval, Secret, Zone},
};

use super::{
    Bookings,
    book::{BookError, BookRequest, NOTES_MAX, Terms, earlier, wanted},
    decide::{self, Locked, Wish},
    hold::Held,
    make::{self, Agreed},
    view::Booking,
};

/// What to book.
#[derive(Debug, Clone)]
pub struct BookAt {
    /// Whose time.
    pub coach: UserId,
    /// For what.
    pub session_type: SessionTypeId,
    /// From when.
    pub start: Instant,
    /// The zone the mentee looks at it in.
    pub zone: Zone,
    /// What the mentee wants the coach to know; plain text.
    pub notes: String,
    /// It is booked on these terms or not at all.
    pub terms: Terms,
}

impl Bookings {
    /// Books a time in one transaction, by the same rules as [`Bookings::book`]: judged under the coach's lock by what is committed, the
    /// calendars asked first if they were not read within the last minute. No time is taken off the market before.
    ///
    /// `key` is the key of idempotency: who comes again with it gets the first booking again, whatever became of that.
    ///
    /// # Errors
    /// See [`BookError`]; then nothing was booked.
    pub async fn book_at(&self, mentee: &MenteeActor, wish: BookAt, key: &Secret) -> Result<Booking, BookError> {
        let mut errors = FieldErrors::new();
        let notes = clean_text(&mut errors, "notes", &wish.notes, 0, NOTES_MAX);
        errors.or(())?;
        match self.try_book_at(*mentee, BookAt { notes, ..wish }, key).await {
            Err(refused) => earlier(&self.deps.store, key, mentee.id()).await?.ok_or(refused),
            booked => booked,
        }
    }

    async fn try_book_at(&self, mentee: MenteeActor, wish: BookAt, secret: &Secret) -> Result<Booking, BookError> {
        let freshness = self.freshen(wish.coach).await;
        let mut tx = self.deps.store.begin().await?;
        let Locked { offer, trust, now } = decide::lock(&mut tx, self, wish.coach).await?.ok_or(BookError::NotFound)?;
        let standing = freshness.standing(&trust, now);
        let BookAt { coach, session_type, start, zone, notes, terms } = wish;
        // What a hold would say, but that none is there: no claim has this id.
        let session = Interval::of_minutes(start, terms.duration_minutes);
        let held = Held { id: self.deps.ids.id(now), coach, session_type, session, zone, expires_at: now };
        let request = BookRequest { start: None, notes, terms: Some(terms) };
        let (kind, asked) = wanted(&offer, &held, &request, standing)?;
        let judged = decide::judge(&mut tx, &offer, &Wish { own: None, ..asked }, now).await?;
        let session = judged.map_err(BookError::Unavailable)?;
        let asks = kind.approval_required || standing.asks_the_coach();
        let collects = self.collects(kind);
        let agreed = Agreed { offer: &offer, kind, asks, collects, held: &held, session, notes: request.notes, mentee, secret, now };
        make::make(tx, &*self.deps.ids, agreed).await
    }
}
