//! Deciding, inside a transaction, whether a coach's time can be had.

use std::sync::Arc;

use crate::{
    availability::{Picture, Refusal, TakenKind, TakenSet},
    coaches::{CoachOffer, Offers},
    model::{Instant, SessionRules, SessionTypeId, UserId},
    store::{StoreError, Tx},
    time::Interval,
};

use super::claims::{self, Owner};

/// How many other times are offered to someone whose time is not to be had.
const ALTERNATIVES: usize = 5;
/// How far around the wanted time they are looked for.
const AROUND_DAYS: i64 = 14;

/// Why a time cannot be had, and what can be had instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// Why not.
    pub refusal: Refusal,
    /// The nearest times on offer, earliest first; may be empty.
    pub alternatives: Vec<Interval>,
}

impl Unavailable {
    /// Somebody else has it.
    pub(super) const fn taken() -> Self {
        Self { refusal: Refusal::Taken(TakenKind::Booking), alternatives: Vec::new() }
    }
}

/// What is wanted of a coach's time.
pub(super) struct Wish {
    pub(super) coach: UserId,
    pub(super) session_type: SessionTypeId,
    /// The rules to judge by: the session type's, or what a booking agreed.
    pub(super) rules: SessionRules,
    pub(super) start: Instant,
    /// The wisher's own claim, which does not stand in the way.
    pub(super) own: Option<Owner>,
}

/// Locks the coach and sweeps ended holds: the first thing every deciding transaction does.
pub(super) async fn open(tx: &mut Tx, offers: &Offers, coach: UserId, now: Instant) -> Result<Option<Arc<CoachOffer>>, StoreError> {
    let offer = offers.lock(tx, coach).await?;
    if offer.is_some() {
        claims::sweep(tx, coach, now).await?;
    }
    Ok(offer)
}

/// Judges the wish by what is committed and locked. `Ok(Ok(session))` when it can be had.
pub(super) async fn judge(tx: &mut Tx, offer: &CoachOffer, wish: &Wish, now: Instant) -> Result<Result<Interval, Unavailable>, StoreError> {
    let near = Interval::of_minutes(wish.start, wish.rules.duration_minutes)
        .padded(wish.rules.buffer_before_minutes, wish.rules.buffer_after_minutes);
    let judged = with_picture(tx, offer, wish, near, now, |picture| picture.judge(wish.start)).await?;
    match judged {
        Ok(session) => Ok(Ok(session)),
        Err(refusal) => {
            let span = AROUND_DAYS * 24 * 60;
            let wide = Interval { start: wish.start.plus_minutes(-span), end: wish.start.plus_minutes(span) };
            let alternatives = with_picture(tx, offer, wish, wide, now, |picture| picture.nearest(wish.start, ALTERNATIVES)).await?;
            // What is taken was read for `wide` only: beyond it, free means unknown.
            let alternatives = alternatives.into_iter().filter(|slot| wide.contains(*slot)).collect();
            Ok(Err(Unavailable { refusal, alternatives }))
        }
    }
}

/// Loads what is taken in `range` and shows it to `look`.
async fn with_picture<T>(
    tx: &mut Tx,
    offer: &CoachOffer,
    wish: &Wish,
    range: Interval,
    now: Instant,
    look: impl FnOnce(&Picture<'_>) -> T,
) -> Result<T, StoreError> {
    let rows = claims::around(&mut *tx, wish.coach, range, now, wish.own).await?;
    let taken = TakenSet::new(rows.into_iter().map(|row| row.taken).collect());
    let capped = wish.rules.daily_cap.is_some() || wish.rules.weekly_cap.is_some();
    let booked = if capped {
        let but = match wish.own {
            Some(Owner::Booking(id)) => Some(id),
            _ => None,
        };
        claims::booked(tx, wish.coach, wish.session_type, &offer.zone, range, but).await?
    } else {
        std::collections::BTreeMap::new()
    };
    Ok(look(&Picture { zone: &offer.zone, hours: &offer.hours, rules: wish.rules, taken: &taken, booked: &booked, now }))
}
