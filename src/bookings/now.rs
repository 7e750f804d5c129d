//! A coach at this instant: what is on offer and what is known, from one look.

use std::sync::Arc;

use crate::{
    coaches::{CoachOffer, SessionType, TimeMark},
    error::Internal,
    integrations::standing::Standing,
    model::{Instant, UserId},
    time::Interval,
};

use super::{Bookings, SlotQuery};

/// A coach as offered, and how far their time is known.
pub struct CoachNow {
    /// The coach.
    pub offer: Arc<CoachOffer>,
    /// What may be offered of their time.
    pub standing: Standing,
    /// When the calendar that was read longest ago was read; `None` when no calendar counts.
    pub calendars_known_at: Option<Instant>,
    mark: TimeMark,
}

impl Bookings {
    /// The active coach `coach` at this instant. Costs one small statement when nothing has changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn coach_now(&self, coach: UserId) -> Result<Option<CoachNow>, Internal> {
        let now = self.deps.clock.now();
        let found = self.offers.now_of(coach).await?.filter(|(offer, _)| offer.active);
        Ok(found.map(|(offer, mark)| CoachNow { offer, standing: mark.trust.at(now), calendars_known_at: mark.trust.known_at, mark }))
    }

    /// The slots of `coach` for sessions of `kind` that start in `range`, earliest first: those that the picker shows. Costs no statement when nothing
    /// has changed since somebody looked, unless `kind` has caps.
    ///
    /// # Errors
    /// What the database says.
    pub async fn free(&self, coach: &CoachNow, kind: &SessionType, range: Interval) -> Result<Vec<Interval>, Internal> {
        self.slots.within_at(&SlotQuery::booking(&coach.offer, kind), coach.mark, range).await
    }
}
