//! Finding a coach by real free time.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    availability::Picture,
    coaches::{CoachCard, CoachOffer, Coaches, Cursor, DirectoryQuery, Facet, TimeMark},
    error::Internal,
    model::{Instant, SessionRules},
    time::Interval,
};

use super::{Bookings, SlotQuery, Slots, decide};

/// How many days ahead a search looks, and how many it may span.
pub const FOUND_AHEAD_DAYS: i64 = 92;
/// One search for free time looks at so many coaches at most; the page's `next` goes on from there.
const MAX_SCANNED: usize = 200;
/// So many of them at once.
const BATCH: u32 = 50;

/// Who is looked for, and when they should have time.
#[derive(Debug, Clone, Default)]
pub struct FreeQuery {
    /// Who. The limit is that of a page.
    pub find: DirectoryQuery,
    /// Only coaches with a slot that starts in here. `None` finds everyone, with what is free in the next
    /// [`FOUND_AHEAD_DAYS`] days. Keep it within as many days: all of it may have to be read.
    pub within: Option<Interval>,
}

/// A coach found, with the first time that can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeCoach {
    /// The coach.
    pub card: CoachCard,
    /// The first free time in the range; `None` only without a range asked for.
    pub next: Option<FreeTime>,
}

/// A slot and what it is a slot of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeTime {
    /// From when until when.
    pub slot: Interval,
    /// The path segment of the session type, the oldest if several begin then.
    pub kind: String,
}

/// A part of what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FreePage {
    /// The coaches, by name.
    pub coaches: Vec<FreeCoach>,
    /// Where the next page begins. With a range asked for a page may be short, even empty, and still have a next.
    pub next: Option<Cursor>,
    /// As in [`crate::coaches::DirectoryPage`]: counted whether free or not.
    pub topics: Vec<Facet>,
    /// Likewise.
    pub languages: Vec<Facet>,
    /// How many coaches there are on all pages, whether free or not.
    pub total: u32,
}

/// A part of the directory, for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundCoaches {
    /// The coaches, by name, and what each offers.
    pub coaches: Vec<(CoachCard, Arc<CoachOffer>)>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl Bookings {
    /// A page of the directory with each coach's first free time, or of those alone who are free in a range. What
    /// is taken of their time comes from memory where it stands, so a page costs a handful of statements.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_free(&self, coaches: &Coaches, query: &FreeQuery) -> Result<FreePage, Internal> {
        let facets = coaches.facets(&query.find).await?;
        let (coaches, next) = self.walk(coaches, query).await?;
        Ok(FreePage { coaches, next, topics: facets.topics, languages: facets.languages, total: facets.total })
    }

    /// The coaches of a page of the directory, each with what the coach offers, and nothing about the others. With `within`, of
    /// those alone who have a slot that starts in there: then the page may be short, even empty, and still have a next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_coaches(&self, coaches: &Coaches, query: &FreeQuery) -> Result<FoundCoaches, Internal> {
        let (cards, next) = if query.within.is_some() {
            let (found, next) = self.walk(coaches, query).await?;
            (found.into_iter().map(|found| found.card).collect(), next)
        } else {
            let seen = coaches.batch(&query.find).await?;
            (seen.cards.into_iter().map(|(_, card)| card).collect::<Vec<_>>(), seen.next)
        };
        let ids: Vec<_> = cards.iter().map(|card| card.id).collect();
        let mut offers = self.offers.all_of(&ids).await?;
        let coaches = cards.into_iter().filter_map(|card| offers.remove(&card.id).map(|(offer, _)| (card, offer))).collect();
        Ok(FoundCoaches { coaches, next })
    }

    /// From coach to coach until the page is full, all are seen, or it is enough for one request.
    async fn walk(&self, coaches: &Coaches, query: &FreeQuery) -> Result<(Vec<FreeCoach>, Option<Cursor>), Internal> {
        let now = self.deps.clock.now();
        let range = query.within.unwrap_or_else(|| ahead(now));
        let limit = query.find.limit.clamp(1, 100);
        let size = if query.within.is_some() { BATCH } else { limit };
        let mut batch = DirectoryQuery { limit: size, ..query.find.clone() };
        let (mut found, mut last, mut scanned) = (Vec::new(), None, 0);
        loop {
            let seen = coaches.batch(&batch).await?;
            let ids: Vec<_> = seen.cards.iter().map(|(_, card)| card.id).collect();
            let offers = self.offers.all_of(&ids).await?;
            for (place, card) in seen.cards {
                scanned += 1;
                let Some((offer, mark)) = offers.get(&card.id) else { continue };
                let next = self.slots.first_of(offer, *mark, range, now).await?;
                if next.is_none() && query.within.is_some() {
                    continue;
                }
                if found.len() >= limit as usize {
                    return Ok((found, last));
                }
                found.push(FreeCoach { card, next });
                last = Some(place);
            }
            if seen.next.is_none() || query.within.is_none() || scanned >= MAX_SCANNED {
                return Ok((found, seen.next));
            }
            batch.after = seen.next;
        }
    }
}

impl Slots {
    /// The first slot of `offer` that starts in `range`, of any session type that can be booked. `mark` says
    /// how far the coach's time is known.
    async fn first_of(&self, offer: &CoachOffer, mark: TimeMark, range: Interval, now: Instant) -> Result<Option<FreeTime>, Internal> {
        if mark.trust.at(now).is_stopped() {
            return Ok(None);
        }
        // Every range in the time ahead looks at the same remembered picture.
        let read = if ahead(now).contains(range) { ahead(now) } else { range };
        let known = self.taken_at(offer.coach_id, mark.revision, read, now).await?;
        let (zone, hours, none) = (&offer.zone, decide::hours(offer), BTreeMap::new());
        let mut first: Option<FreeTime> = None;
        for kind in offer.session_types.iter().filter(|kind| kind.active) {
            let earlier = Interval { start: range.start, end: first.as_ref().map_or(range.end, |first| first.slot.start) };
            let rules = SessionRules { daily_cap: None, weekly_cap: None, ..kind.rules };
            let open = Picture { zone, hours, rules, taken: &known.taken, booked: &none, now };
            let mut slot = open.first_slot(earlier);
            // What is booked is read only where caps could still matter.
            if slot.is_some() && rules != kind.rules {
                let booked = self.booked(&SlotQuery::booking(offer, kind), range).await?;
                slot = Picture { rules: kind.rules, booked: &booked, ..open }.first_slot(earlier);
            }
            first = slot.map(|slot| FreeTime { slot, kind: kind.slug.clone() }).or(first);
        }
        Ok(first)
    }
}

/// The time that is looked through when nobody says otherwise.
const fn ahead(now: Instant) -> Interval {
    Interval { start: now, end: now.plus_minutes(FOUND_AHEAD_DAYS * 24 * 60) }
}
