//! Deciding, inside a transaction, whether a coach's time can be had.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;

use crate::{
    availability::{Picture, Refusal, TakenKind, TakenSet},
    coaches::CoachOffer,
    integrations::standing::{CalendarTrust, Standing},
    model::{Hours, Instant, SessionRules, SessionTypeId, UserId, WeeklyHours},
    store::{Store, StoreError, Target, Tx},
    time::Interval,
};

use super::{
    Bookings,
    claims::{self, ClaimRow, Owner},
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
    /// What may be offered of this coach's time now.
    pub(super) standing: Standing,
}

/// A coach who was locked.
pub(super) struct Locked {
    pub(super) offer: Arc<CoachOffer>,
    /// What is known of the calendars.
    pub(super) trust: CalendarTrust,
    /// When the lock was had.
    pub(super) now: Instant,
}

/// Locks the coach, noting that claims change, then reads the clock: the first thing every deciding transaction does.
/// The lock may have been waited for, so now is when it was had: what follows is decided, and written down, in the
/// order in which it happens. `None` when there is no such coach.
pub(super) async fn open(tx: &mut Tx, bookings: &Bookings, coach: UserId) -> Result<Option<(Arc<CoachOffer>, Instant)>, StoreError> {
    Ok(lock(tx, bookings, coach).await?.map(|locked| (locked.offer, locked.now)))
}

/// As [`open`], for who judges a wish.
pub(super) async fn lock(tx: &mut Tx, bookings: &Bookings, coach: UserId) -> Result<Option<Locked>, StoreError> {
    let locked = bookings.offers.lock_claims(tx, coach).await?;
    Ok(locked.map(|(offer, trust)| Locked { offer, trust, now: bookings.deps.clock.now() }))
}

/// Judges the wish by what is committed and locked. `Ok(Ok(session))` when it can be had.
pub(super) async fn judge(tx: &mut Tx, offer: &CoachOffer, wish: &Wish, now: Instant) -> Result<Result<Interval, Unavailable>, StoreError> {
    judge_by(tx, offer, wish, now, None).await
}

/// As [`judge`], where the claims that the session and its buffers touch may have been read under the lock already.
pub(super) async fn judge_by(
    tx: &mut Tx,
    offer: &CoachOffer,
    wish: &Wish,
    now: Instant,
    read: Option<Vec<ClaimRow>>,
) -> Result<Result<Interval, Unavailable>, StoreError> {
    let near = Interval::of_minutes(wish.start, wish.rules.duration_minutes);
    let judged = with_picture(tx, offer, wish, near, (now, read), |picture| picture.judge(wish.start)).await?;
    match judged {
        // Whatever else there is to say about the time, nothing is offered instead.
        Ok(_) if wish.standing.is_stopped() => Ok(Err(Unavailable { refusal: Refusal::CalendarUnknown, alternatives: Vec::new() })),
        Err(refusal) if wish.standing.is_stopped() => Ok(Err(Unavailable { refusal, alternatives: Vec::new() })),
        Ok(session) => Ok(Ok(session)),
        Err(refusal) => {
            let wide = around(&wish.rules, wish.start, now);
            let alternatives =
                with_picture(tx, offer, wish, wide, (now, None), |picture| picture.nearest(wish.start, ALTERNATIVES)).await?;
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

/// Loads what is taken in `range` (unless it was read), and within the buffers of sessions at its edges, and shows it to
/// `look`. Holds that ended are swept where they are found: the database would still refuse what overlaps them.
async fn with_picture<T>(
    tx: &mut Tx,
    offer: &CoachOffer,
    wish: &Wish,
    range: Interval,
    (now, read): (Instant, Option<Vec<ClaimRow>>),
    look: impl FnOnce(&Picture<'_>) -> T,
) -> Result<T, StoreError> {
    let mut rows = match read {
        Some(rows) => rows,
        None => claims::around(&mut *tx, wish.coach, reach(wish, range), wish.own).await?,
    };
    let found = rows.len();
    rows.retain(|row| row.is_live(now));
    if rows.len() < found {
        claims::sweep(tx, wish.coach, now).await?;
    }
    let booked = booked(&mut *tx, offer, wish, range).await?;
    let taken = taken(rows);
    Ok(look(&Picture { zone: &offer.zone, hours: hours(offer), rules: wish.rules, taken: &taken, booked: &booked, now }))
}

/// `range` with the buffers of sessions at its edges.
fn reach(wish: &Wish, range: Interval) -> Interval {
    range.padded(wish.rules.buffer_before_minutes, wish.rules.buffer_after_minutes)
}

fn taken(rows: Vec<ClaimRow>) -> TakenSet {
    TakenSet::new(rows.into_iter().map(|row| row.taken).collect())
}

/// How many bookings of the wished session type count towards its caps, on the dates around `range`. Empty without caps.
async fn booked(
    on: impl Into<Target<'_>>,
    offer: &CoachOffer,
    wish: &Wish,
    range: Interval,
) -> Result<BTreeMap<NaiveDate, u32>, StoreError> {
    if wish.rules.daily_cap.is_none() && wish.rules.weekly_cap.is_none() {
        return Ok(BTreeMap::new());
    }
    let but = match wish.own {
        Some(Owner::Booking(id)) => Some(id),
        _ => None,
    };
    claims::booked(on, wish.coach, wish.session_type, &offer.zone, range, but).await
}

/// What was read without a lock, of the time that the wished session and its buffers touch.
pub(super) struct Unlocked {
    rows: Vec<ClaimRow>,
    booked: BTreeMap<NaiveDate, u32>,
}

impl Unlocked {
    /// Of `claims`, which were read already, what the calendars say, if any counts, and what counts towards the caps.
    pub(super) async fn read(
        store: &Store,
        offer: &CoachOffer,
        wish: &Wish,
        trust: &CalendarTrust,
        claims: Vec<ClaimRow>,
    ) -> Result<Self, StoreError> {
        let near = Interval::of_minutes(wish.start, wish.rules.duration_minutes);
        let rows = match trust.known_at {
            None => claims,
            Some(_) => claims::around(store, wish.coach, reach(wish, near), wish.own).await?,
        };
        Ok(Self { rows, booked: booked(store, offer, wish, near).await? })
    }

    /// The session, if it can be had at `now` by what was read; `None` also when a hold that ended has to be swept.
    pub(super) fn judge(self, offer: &CoachOffer, wish: &Wish, now: Instant) -> Option<Interval> {
        if wish.standing.is_stopped() || !self.rows.iter().all(|row| row.is_live(now)) {
            return None;
        }
        let (taken, booked) = (taken(self.rows), self.booked);
        let picture = Picture { zone: &offer.zone, hours: hours(offer), rules: wish.rules, taken: &taken, booked: &booked, now };
        picture.judge(wish.start).ok()
    }
}
