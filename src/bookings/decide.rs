//! Deciding, inside a transaction, whether a coach's time can be had.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    availability::{Picture, Refusal, TakenKind, TakenSet},
    coaches::CoachOffer,
    model::{Hours, Instant, SessionRules, SessionTypeId, UserId, WeeklyHours},
    store::{StoreError, Tx},
    time::Interval,
};

use super::{
    Bookings,
    claims::{self, Owner},
};

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

/// Locks the coach, noting that claims change, then reads the clock: the first thing every deciding transaction does.
/// The lock may have been waited for, so now is when it was had: what follows is decided, and written down, in the
/// order in which it happens. `None` when there is no such coach.
pub(super) async fn open(tx: &mut Tx, bookings: &Bookings, coach: UserId) -> Result<Option<(Arc<CoachOffer>, Instant)>, StoreError> {
    let offer = bookings.offers.lock_claims(tx, coach).await?;
    Ok(offer.map(|offer| (offer, bookings.deps.clock.now())))
}

/// Judges the wish by what is committed and locked. `Ok(Ok(session))` when it can be had.
pub(super) async fn judge(tx: &mut Tx, offer: &CoachOffer, wish: &Wish, now: Instant) -> Result<Result<Interval, Unavailable>, StoreError> {
    let near = Interval::of_minutes(wish.start, wish.rules.duration_minutes);
    let judged = with_picture(tx, offer, wish, near, now, |picture| picture.judge(wish.start)).await?;
    match judged {
        Ok(session) => Ok(Ok(session)),
        Err(refusal) => {
            let wide = around(&wish.rules, wish.start, now);
            let alternatives = with_picture(tx, offer, wish, wide, now, |picture| picture.nearest(wish.start, ALTERNATIVES)).await?;
            // What is taken was read for `wide` only: beyond it, free means unknown.
            let alternatives = alternatives.into_iter().filter(|slot| wide.contains(*slot)).collect();
            Ok(Err(Unavailable { refusal, alternatives }))
        }
    }
}

/// Where the nearest slots to `start` are looked for: two weeks either way of the nearest time that `rules` allow at all.
pub(super) fn around(rules: &SessionRules, start: Instant, now: Instant) -> Interval {
    let (notice, horizon) = (i64::from(rules.notice_minutes), i64::from(rules.horizon_days) * 24 * 60);
    let (middle, span) = (start.max(now.plus_minutes(notice)).min(now.plus_minutes(horizon)), AROUND_DAYS * 24 * 60);
    Interval { start: middle.plus_minutes(-span), end: middle.plus_minutes(span) }
}

/// The hours to judge by: a coach whose account is inactive has none, for whoever would move a booking too.
pub(super) const fn hours(offer: &CoachOffer) -> &Hours {
    static NONE: Hours = Hours { weekly: WeeklyHours([const { Vec::new() }; 7]), overrides: BTreeMap::new() };
    if offer.active { &offer.hours } else { &NONE }
}

/// Loads what is taken in `range`, and within the buffers of sessions at its edges, and shows it to `look`. Holds that
/// ended are swept where they are found: the database would still refuse what overlaps them.
async fn with_picture<T>(
    tx: &mut Tx,
    offer: &CoachOffer,
    wish: &Wish,
    range: Interval,
    now: Instant,
    look: impl FnOnce(&Picture<'_>) -> T,
) -> Result<T, StoreError> {
    let reach = range.padded(wish.rules.buffer_before_minutes, wish.rules.buffer_after_minutes);
    let mut rows = claims::around(&mut *tx, wish.coach, reach, wish.own).await?;
    let found = rows.len();
    rows.retain(|row| row.is_live(now));
    if rows.len() < found {
        claims::sweep(tx, wish.coach, now).await?;
    }
    let taken = TakenSet::new(rows.into_iter().map(|row| row.taken).collect());
    let capped = wish.rules.daily_cap.is_some() || wish.rules.weekly_cap.is_some();
    let booked = if capped {
        let but = match wish.own {
            Some(Owner::Booking(id)) => Some(id),
            _ => None,
        };
        claims::booked(tx, wish.coach, wish.session_type, &offer.zone, range, but).await?
    } else {
        BTreeMap::new()
    };
    Ok(look(&Picture { zone: &offer.zone, hours: hours(offer), rules: wish.rules, taken: &taken, booked: &booked, now }))
}
