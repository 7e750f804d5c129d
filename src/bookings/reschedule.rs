//! Moving a booking to another time: the same booking, the same claim, one transaction.

use crate::{
    accounts::Actor,
    availability::TakenKind,
    coaches::CoachOffer,
    error::Internal,
    integrations::{busy::Freshness, standing::Standing},
    model::{BookingId, BookingStatus, FieldErrors, Instant, SessionRules, clean_text},
    store::{StoreError, Tx, sql},
    time::Interval,
};

use super::{
    Bookings,
    book::answer_by,
    claims::{self, Owner},
    decide::{self, Locked, Unavailable, Wish},
    events::{self, BookingChange, Entry},
    view::{self, Booking},
};

/// Why a booking was not moved.
#[derive(Debug, thiserror::Error)]
pub enum RescheduleError {
    /// No such booking for this person.
    #[error("no such booking")]
    NotFound,
    /// It has ended already: how.
    #[error("not a live booking")]
    WrongStatus(BookingStatus),
    /// It has started.
    #[error("already started")]
    Past,
    /// A mentee's time to move is over: since when.
    #[error("too late to move")]
    TooLate(Instant),
    /// The new time is not to be had.
    #[error("not available")]
    Unavailable(Unavailable),
    /// Something in the form needs attention.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for RescheduleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overlap => Self::Unavailable(Unavailable {
                refusal: crate::availability::Refusal::Taken(TakenKind::Booking),
                alternatives: Vec::new(),
            }),
            other => Self::Internal(other.into()),
        }
    }
}

impl Bookings {
    /// Moves a booking to `start`: sequence + 1, its own old time not in the way. Mentees may until the agreed notice
    /// before the old start; coaches and admins until the old start, with a reason, and without the notice and the caps
    /// that protect the coach. A mentee's move of a confirmed booking that needed the coach's answer needs it again
    /// ([`Booking::asks_again`]). Moving to where it is changes nothing.
    ///
    /// # Errors
    /// See [`RescheduleError`].
    pub async fn reschedule(
        &self,
        actor: impl Into<Actor>,
        id: BookingId,
        start: Instant,
        reason: &str,
    ) -> Result<Booking, RescheduleError> {
        let actor = actor.into();
        let mut errors = FieldErrors::new();
        let least = usize::from(!matches!(actor, Actor::Mentee(_)));
        let reason = clean_text(&mut errors, "reason", reason, least, 500);
        let coach = self.booking(actor, id).await?.ok_or(RescheduleError::NotFound)?.coach_id;
        errors.or(())?;
        // A coach who moves a session knows of their own time.
        let obeys = matches!(actor, Actor::Mentee(_));
        let freshness = if obeys { self.freshen(coach).await } else { Freshness::Known };
        let mut tx = self.deps.store.begin().await?;
        let Locked { offer, trust, now } = decide::lock(&mut tx, self, coach).await?.ok_or(RescheduleError::NotFound)?;
        let booking = view::find(&mut tx, id).await?.ok_or(RescheduleError::NotFound)?;
        check(&booking, actor, now)?;
        if booking.starts_at == start {
            return Ok(booking);
        }
        let standing = if obeys { freshness.standing(&trust, now) } else { Standing::Known };
        let wish = Wish {
            standing,
            coach,
            session_type: booking.session_type_id,
            rules: moving_rules(&offer, &booking, actor),
            start,
            own: Some(Owner::Booking(id)),
        };
        let session = decide::judge(&mut tx, &offer, &wish, now).await?.map_err(RescheduleError::Unavailable)?;
        let asks = booking.asks_again(actor, &offer, standing);
        let moved = write(&mut tx, booking, session, asks, now).await?;
        let entry = Entry {
            booking: id,
            actor: Some(actor),
            change: BookingChange::Moved,
            why: &reason,
            status: moved.status,
            starts_at: moved.starts_at,
            sequence: moved.sequence,
        };
        events::record(&mut tx, &*self.deps.ids, now, entry).await?;
        tx.commit().await?;
        Ok(moved)
    }
}

impl Booking {
    /// Whether `actor` may move it at `now`; for pages that show or hide a button. The command decides for itself.
    pub fn can_move(&self, actor: impl Into<Actor>, now: Instant) -> bool {
        check(self, actor.into(), now).is_ok()
    }

    /// Whether a move by `actor` turns it back into a request: it is confirmed, and the coach, who answers each request
    /// for this session type, or now, by `standing`, each request for anything, has said nothing about the new time yet. A coach
    /// who moves it has.
    pub fn asks_again(&self, actor: impl Into<Actor>, offer: &CoachOffer, standing: Standing) -> bool {
        let by_mentee = matches!(actor.into(), Actor::Mentee(_));
        let asks = || standing.asks_the_coach() || offer.session_type(self.session_type_id).is_some_and(|kind| kind.approval_required);
        by_mentee && self.status == BookingStatus::Confirmed && asks()
    }
}

fn check(booking: &Booking, actor: Actor, now: Instant) -> Result<(), RescheduleError> {
    // Another time may have another price: what is not paid is given up and chosen anew.
    if !booking.status.is_live() || booking.is_unpaid() {
        return Err(RescheduleError::WrongStatus(booking.status));
    }
    if booking.has_lapsed(now) {
        return Err(RescheduleError::WrongStatus(BookingStatus::Expired));
    }
    if now >= booking.starts_at {
        return Err(RescheduleError::Past);
    }
    if matches!(actor, Actor::Mentee(_)) && now > booking.free_until() {
        return Err(RescheduleError::TooLate(booking.free_until()));
    }
    Ok(())
}

/// The rules a move is judged by: length and buffers as agreed, steps and horizon as the session type has them now
/// (a type that is no longer offered leaves a quarter-hour step and a year).
pub(super) fn moving_rules(offer: &CoachOffer, booking: &Booking, actor: Actor) -> SessionRules {
    let agreed = SessionRules {
        duration_minutes: booking.duration_minutes(),
        step_minutes: 15,
        buffer_before_minutes: booking.buffers.0,
        buffer_after_minutes: booking.buffers.1,
        notice_minutes: booking.notice_minutes,
        horizon_days: 365,
        daily_cap: None,
        weekly_cap: None,
    };
    let mut rules = offer.session_type(booking.session_type_id).map_or(agreed, |kind| SessionRules {
        duration_minutes: agreed.duration_minutes,
        buffer_before_minutes: agreed.buffer_before_minutes,
        buffer_after_minutes: agreed.buffer_after_minutes,
        ..kind.rules
    });
    if !matches!(actor, Actor::Mentee(_)) {
        (rules.notice_minutes, rules.daily_cap, rules.weekly_cap) = (0, None, None);
    }
    rules
}

/// Until when the coach can answer about `booking` at a new `start`; `None` when there is nothing to answer.
fn answer_again_by(booking: &Booking, start: Instant, asks: bool, now: Instant) -> Option<Instant> {
    if asks {
        return Some(answer_by(now, start));
    }
    // What ran out before three days did so because of the old start. It may have been asked anew since it was made.
    booking.answer_by.map(|by| answer_by(booking.created_at, Instant::from_millis(i64::MAX)).max(by).min(start))
}

async fn write(tx: &mut Tx, booking: Booking, session: Interval, asks: bool, now: Instant) -> Result<Booking, RescheduleError> {
    let answer_by = answer_again_by(&booking, session.start, asks, now);
    let status = if asks { BookingStatus::Pending } else { booking.status };
    sql("UPDATE bookings SET starts_at = $2, ends_at = $3, sequence = sequence + 1, answer_by = $4, updated_at = $5, status = $6
         WHERE id = $1")
    .bind(booking.id)
    .bind(session.start)
    .bind(session.end)
    .bind(answer_by)
    .bind(now)
    .bind(status.as_str())
    .run(tx)
    .await?;
    let span = session.padded(booking.buffers.0, booking.buffers.1);
    if claims::move_booking(tx, booking.id, span).await? != 1 {
        return Err(Internal::new("a live booking had no claim").into());
    }
    let sequence = booking.sequence + 1;
    Ok(Booking { starts_at: session.start, ends_at: session.end, sequence, status, answer_by, updated_at: now, ..booking })
}
