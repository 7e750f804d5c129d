use std::sync::Arc;

use crate::{
    Deps,
    accounts::{Accounts, CoachActor, HashCost, MenteeActor, PasswordHasher},
    bookings::Bookings,
    coaches::{CoachOffer, Coaches, Offers},
    error::Internal,
    limits::{LimitSettings, Limits},
    model::Instant,
    store::Store,
    time::{Ids, ManualClock, Zone},
};

/// The services on a clock that goes where the story goes, and who has entered so far.
pub(super) struct Practice {
    /// When the demo is loaded: the end of the past.
    pub(super) now: Instant,
    pub(super) clock: ManualClock,
    pub(super) accounts: Accounts,
    pub(super) coaches: Coaches,
    pub(super) bookings: Bookings,
    offers: Offers,
    /// In the order of [`super::cast`].
    pub(super) coach_actors: Vec<CoachActor>,
    /// In the order of [`super::cast`].
    pub(super) mentee_actors: Vec<(MenteeActor, Zone)>,
}

impl Practice {
    pub(super) fn new(store: Store, now: Instant, ids: Arc<dyn Ids>) -> Self {
        // Whole minutes: a person who looks at the audit trail should not see a machine's milliseconds.
        let now = Instant::from_millis(now.millis() - now.millis().rem_euclid(60_000));
        let clock = ManualClock::at(now);
        let deps = Deps { store: store.clone(), clock: Arc::new(clock.clone()), ids };
        let (limits, offers) = (Limits::new(deps.clone(), LimitSettings::NONE), Offers::new(store));
        Self {
            now,
            clock,
            accounts: Accounts::new(deps.clone(), limits.clone(), PasswordHasher::new(HashCost::OWASP)),
            coaches: Coaches::new(deps.clone(), offers.clone()),
            bookings: Bookings::new(deps, offers.clone(), limits),
            offers,
            coach_actors: Vec::new(),
            mentee_actors: Vec::new(),
        }
    }

    /// Sets the clock to so many days before now.
    pub(super) fn days_ago(&self, days: i64) {
        self.clock.set(self.now.plus_minutes(-days * 24 * 60));
    }

    /// What the coach offers.
    pub(super) async fn offer(&self, coach: CoachActor) -> Result<Arc<CoachOffer>, Internal> {
        let offer = self.offers.by_id(coach.id()).await?;
        offer.ok_or_else(|| Internal::new("a coach of the demo is gone"))
    }
}
