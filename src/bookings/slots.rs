//! What is on offer, for whoever looks: from the local database alone, fast, and remembered per revision.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::NaiveDate;
use moka::sync::Cache;

use crate::{
    Deps,
    accounts::Actor,
    availability::{Picture, Refusal, TakenSet},
    coaches::{CoachOffer, TimeMark},
    error::Internal,
    integrations::standing::Standing,
    model::{Instant, SessionRules, SessionTypeId, UserId},
    store::StoreError,
    time::Interval,
};

use super::{
    claims::{self, Owner},
    decide,
    reschedule::moving_rules,
    view::Booking,
};

/// Claims are remembered in blocks of so many days, so that neighbouring months share what they know.
const BLOCK_DAYS: i64 = 40;

/// Reads slots. Cheap to clone.
#[derive(Clone)]
pub struct Slots {
    deps: Deps,
    known: Cache<(UserId, i64, i64), Arc<Known>>,
}

/// A coach's claims around a range, as of a revision.
pub(super) struct Known {
    revision: i64,
    /// The first instant at which a hold in it ends, and with it this picture.
    stands_until: Instant,
    pub(super) taken: TakenSet,
}

/// Which slots: whose, of what kind.
pub struct SlotQuery<'a> {
    /// The coach as offered.
    pub offer: &'a CoachOffer,
    /// The session type.
    pub session_type: SessionTypeId,
    /// Its rules, or a booking's for a move.
    pub rules: SessionRules,
    own: Option<Owner>,
    /// Whether it is offered to someone: a coach who moves a session knows of their own time.
    offered: bool,
}

impl<'a> SlotQuery<'a> {
    /// For someone who wants to book the session type `kind` of `offer`.
    pub fn booking(offer: &'a CoachOffer, kind: &crate::coaches::SessionType) -> Self {
        Self { offer, session_type: kind.id, rules: kind.rules, own: None, offered: true }
    }

    /// For `actor` who wants to move `booking`: its own time counts as free.
    pub fn moving(offer: &'a CoachOffer, booking: &Booking, actor: impl Into<Actor>) -> Self {
        let actor = actor.into();
        let rules = moving_rules(offer, booking, actor);
        let own = Some(Owner::Booking(booking.id));
        Self { offer, session_type: booking.session_type_id, rules, own, offered: matches!(actor, Actor::Mentee(_)) }
    }
}

impl Slots {
    pub(super) fn new(deps: Deps) -> Self {
        // A block of 2,000 claims weighs about 64 kB; a thousand such blocks are the most that is kept.
        let known = Cache::builder().max_capacity(1000).time_to_idle(Duration::from_mins(5)).build();
        Self { deps, known }
    }

    /// The slots that start in `range`, earliest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn within(&self, query: &SlotQuery<'_>, range: Interval) -> Result<Vec<Interval>, Internal> {
        let Some(mark) = self.offered(query).await? else { return Ok(Vec::new()) };
        self.look_at(query, mark, range, |picture| picture.slots(range)).await
    }

    /// The first slot that starts at or after `after`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next(&self, query: &SlotQuery<'_>, after: Instant) -> Result<Option<Interval>, Internal> {
        let Some(mark) = self.offered(query).await? else { return Ok(None) };
        let now = self.deps.clock.now();
        let latest = now.plus_minutes(i64::from(query.rules.horizon_days) * 24 * 60);
        // Most coaches have something free within weeks; only if not, the whole horizon is looked through.
        let mut from = after.max(now);
        while from <= latest {
            let until = from.plus_minutes(BLOCK_DAYS * 24 * 60).min(latest.plus_minutes(1));
            let found = self.look_at(query, mark, Interval { start: from, end: until }, |picture| picture.next_slot(from)).await?;
            if let Some(slot) = found.filter(|slot| slot.start < until) {
                return Ok(Some(slot));
            }
            from = until;
        }
        Ok(None)
    }

    /// Whether `start` is on offer, and if not, why not.
    ///
    /// # Errors
    /// What the database says.
    pub async fn judge(&self, query: &SlotQuery<'_>, start: Instant) -> Result<Result<Interval, Refusal>, Internal> {
        let near = Interval::of_minutes(start, query.rules.duration_minutes);
        let (mark, stopped) = self.marked(query).await?;
        let judged = self.look_at(query, mark, near, |picture| picture.judge(start)).await?;
        Ok(judged.and_then(|session| if stopped { Err(Refusal::CalendarUnknown) } else { Ok(session) }))
    }

    /// The up to `count` slots nearest to `start`, earliest first, within two weeks either way (of the notice's or the
    /// horizon's end, when `start` lies beyond it).
    ///
    /// # Errors
    /// What the database says.
    pub async fn nearest(&self, query: &SlotQuery<'_>, start: Instant, count: usize) -> Result<Vec<Interval>, Internal> {
        let wide = decide::around(&query.rules, start, self.deps.clock.now());
        let Some(mark) = self.offered(query).await? else { return Ok(Vec::new()) };
        let near = self.look_at(query, mark, wide, |picture| picture.nearest(start, count)).await?;
        // What is taken was read for `wide` only: beyond it, free means unknown.
        Ok(near.into_iter().filter(|slot| wide.contains(*slot)).collect())
    }

    /// The coach's open windows and what is taken in `range`, for the coach's own preview.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look<T>(&self, query: &SlotQuery<'_>, range: Interval, look: impl FnOnce(&Picture<'_>) -> T) -> Result<T, Internal> {
        let mark = claims::mark(&self.deps.store, query.offer.coach_id).await?;
        self.look_at(query, mark, range, look).await
    }

    /// What may be offered of the coach's time now, for pages to say so.
    ///
    /// # Errors
    /// What the database says.
    pub async fn standing(&self, coach: UserId) -> Result<Standing, Internal> {
        Ok(claims::mark(&self.deps.store, coach).await?.trust.at(self.deps.clock.now()))
    }

    /// As [`Slots::standing`], for the person who asks: a coach who moves a session knows of their own time.
    ///
    /// # Errors
    /// What the database says.
    pub async fn standing_for(&self, query: &SlotQuery<'_>) -> Result<Standing, Internal> {
        if query.offered { self.standing(query.offer.coach_id).await } else { Ok(Standing::Known) }
    }

    /// How far the coach's time is known, and whether that is too little for anything to be offered.
    async fn marked(&self, query: &SlotQuery<'_>) -> Result<(TimeMark, bool), StoreError> {
        let mark = claims::mark(&self.deps.store, query.offer.coach_id).await?;
        Ok((mark, query.offered && mark.trust.at(self.deps.clock.now()).is_stopped()))
    }

    /// How far the coach's time is known; `None` when nothing is offered.
    async fn offered(&self, query: &SlotQuery<'_>) -> Result<Option<TimeMark>, StoreError> {
        let (mark, stopped) = self.marked(query).await?;
        Ok((!stopped).then_some(mark))
    }

    /// As [`Slots::within`], where how far the coach's time is known was read just before.
    pub(super) async fn within_at(&self, query: &SlotQuery<'_>, mark: TimeMark, range: Interval) -> Result<Vec<Interval>, Internal> {
        if query.offered && mark.trust.at(self.deps.clock.now()).is_stopped() {
            return Ok(Vec::new());
        }
        self.look_at(query, mark, range, |picture| picture.slots(range)).await
    }

    async fn look_at<T>(
        &self,
        query: &SlotQuery<'_>,
        mark: TimeMark,
        range: Interval,
        look: impl FnOnce(&Picture<'_>) -> T,
    ) -> Result<T, Internal> {
        let now = self.deps.clock.now();
        let known = self.taken(query, mark.revision, range, now).await?;
        let booked = self.booked(query, range).await?;
        let offer = query.offer;
        Ok(look(&Picture { zone: &offer.zone, hours: decide::hours(offer), rules: query.rules, taken: &known.taken, booked: &booked, now }))
    }

    async fn taken(&self, query: &SlotQuery<'_>, revision: i64, range: Interval, now: Instant) -> Result<Arc<Known>, StoreError> {
        let coach = query.offer.coach_id;
        if query.own.is_some() {
            return Ok(Arc::new(self.load(coach, blocks_around(range), now, query.own).await?));
        }
        self.taken_at(coach, revision, range, now).await
    }

    /// What is taken of `coach` around `range`, whose claims are known to be at `revision`.
    pub(super) async fn taken_at(&self, coach: UserId, revision: i64, range: Interval, now: Instant) -> Result<Arc<Known>, StoreError> {
        let block = blocks_around(range);
        let key = (coach, block.start.millis(), block.end.millis());
        if let Some(known) = self.known.get(&key).filter(|known| known.revision == revision && now < known.stands_until) {
            return Ok(known);
        }
        // The revision was read first: a change in between makes the picture newer than its number, never older.
        let loaded = Arc::new(Known { revision, ..self.load(coach, block, now, None).await? });
        self.known.insert(key, loaded.clone());
        Ok(loaded)
    }

    async fn load(&self, coach: UserId, range: Interval, now: Instant, own: Option<Owner>) -> Result<Known, StoreError> {
        let mut rows = claims::around(&self.deps.store, coach, range, own).await?;
        rows.retain(|row| row.is_live(now));
        let stands_until = rows.iter().filter_map(|row| row.expires_at).min().unwrap_or(Instant::from_millis(i64::MAX));
        Ok(Known { revision: 0, stands_until, taken: TakenSet::new(rows.into_iter().map(|row| row.taken).collect()) })
    }

    pub(super) async fn booked(&self, query: &SlotQuery<'_>, range: Interval) -> Result<BTreeMap<NaiveDate, u32>, StoreError> {
        if query.rules.daily_cap.is_none() && query.rules.weekly_cap.is_none() {
            return Ok(BTreeMap::new());
        }
        let but = match query.own {
            Some(Owner::Booking(id)) => Some(id),
            _ => None,
        };
        claims::booked(&self.deps.store, query.offer.coach_id, query.session_type, &query.offer.zone, range, but).await
    }
}

/// `range`, with room for buffers and sessions at its edges, grown to whole blocks.
fn blocks_around(range: Interval) -> Interval {
    const BLOCK: i64 = BLOCK_DAYS * 24 * 60 * 60_000;
    const DAY: i64 = 24 * 60 * 60_000;
    let down = range.start.millis().saturating_sub(DAY).div_euclid(BLOCK).saturating_mul(BLOCK);
    let up = (range.end.millis().saturating_add(DAY).div_euclid(BLOCK) + 1).saturating_mul(BLOCK);
    Interval { start: Instant::from_millis(down), end: Instant::from_millis(up) }
}
