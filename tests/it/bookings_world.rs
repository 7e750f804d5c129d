//! A server and the shortest ways to make it do things.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet};
use wellmet::{
    Deps,
    accounts::{CoachActor, MenteeActor},
    bookings::{BookError, BookRequest, Booking, Bookings, Held, HoldError, HoldRequest, SlotQuery},
    coaches::{Coaches, Offers, SessionType},
    error::Internal,
    limits::{LimitSettings, Limits},
    model::{FieldErrors, Instant, SessionTypeDraft},
    time::{Interval, Secret, Zone},
};

use crate::support::TestDb;

/// The booking service of one server with what stands beside it.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) bookings: Bookings,
    pub(crate) coaches: Coaches,
    pub(crate) offers: Offers,
}

impl Server {
    /// On the test's first connections, without limits.
    pub(crate) fn of(db: &TestDb) -> Self {
        Self::on(db.deps(), LimitSettings::NONE)
    }

    /// With connections and caches of its own, on the same database, clock and ids.
    pub(crate) async fn another(db: &TestDb) -> Self {
        Self::on(db.deps_on(db.second_server().await), LimitSettings::NONE)
    }

    pub(crate) fn on(deps: Deps, limits: LimitSettings) -> Self {
        let offers = Offers::new(deps.store.clone());
        let coaches = Coaches::new(deps.clone(), offers.clone());
        let limits = Limits::new(deps.clone(), limits);
        Self { bookings: Bookings::new(deps, offers.clone(), limits), coaches, offers }
    }

    /// A new session type: an hour, every hour, no notice; then as `change` says.
    pub(crate) async fn kind(&self, coach: &CoachActor, change: impl FnOnce(&mut SessionTypeDraft)) -> SessionType {
        let mut draft = SessionTypeDraft::first();
        draft.rules.notice_minutes = 0;
        change(&mut draft);
        self.coaches.create_session_type(coach, draft).await.expect("a session type is made")
    }

    pub(crate) async fn hold(&self, coach: &CoachActor, kind: &SessionType, start: Instant) -> Result<(Secret, Held), HoldError> {
        self.bookings.hold(wish(coach, kind, start), None).await
    }

    /// A hold's secret whose claim is let go of: whoever has it may ask, but is protected from nobody.
    pub(crate) async fn ticket(&self, coach: &CoachActor, kind: &SessionType, start: Instant) -> Secret {
        let (secret, _) = self.hold(coach, kind, start).await.expect("the time is free");
        self.bookings.release(&secret).await.expect("the hold is let go of");
        secret
    }

    /// Holds and books, as a visitor does.
    pub(crate) async fn try_book(
        &self,
        mentee: &MenteeActor,
        coach: &CoachActor,
        kind: &SessionType,
        start: Instant,
    ) -> Result<Booking, BookError> {
        let (secret, _) = self.hold(coach, kind, start).await.map_err(|error| match error {
            HoldError::NotFound => BookError::NotFound,
            HoldError::Unavailable(why) => BookError::Unavailable(why),
            HoldError::TooMany { .. } => BookError::Invalid(FieldErrors::one("limit", "too many")),
            HoldError::Internal(error) => BookError::Internal(error),
        })?;
        self.bookings.book(mentee, &secret, BookRequest::default()).await
    }

    pub(crate) async fn book(&self, mentee: &MenteeActor, coach: &CoachActor, kind: &SessionType, start: Instant) -> Booking {
        self.try_book(mentee, coach, kind, start).await.expect("it is booked")
    }

    /// The starts on offer in `days` days from `from`.
    pub(crate) async fn starts(&self, coach: &CoachActor, kind: &SessionType, from: Instant, days: i64) -> Vec<Instant> {
        let offer = self.offers.by_id(coach.id()).await.expect("an answer").expect("a coach");
        let range = Interval { start: from, end: from.plus_minutes(days * 24 * 60) };
        let query = SlotQuery::booking(&offer, kind);
        let slots = self.bookings.slots().within(&query, range).await.expect("slots");
        slots.into_iter().map(|slot| slot.start).collect()
    }

    /// Whether `start` is among the starts on offer.
    pub(crate) async fn offers_start(&self, coach: &CoachActor, kind: &SessionType, start: Instant) -> bool {
        self.starts(coach, kind, start, 1).await.first() == Some(&start)
    }
}

pub(crate) fn wish(coach: &CoachActor, kind: &SessionType, start: Instant) -> HoldRequest {
    let zone = Zone::parse("America/New_York").expect("a zone");
    HoldRequest { coach: coach.id(), session_type: kind.id, start, zone, from: None }
}

/// The instant of an RFC 3339 text.
pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).expect("an instant")
}

pub(crate) const MILLI: Duration = Duration::from_millis(1);

/// Whether an error is the passing kind: the database was busy or away.
pub(crate) trait Passing {
    fn passing(&self) -> bool;
}

/// For every error of a booking command that has an `Internal`.
macro_rules! passing {
    ($($error:ty),*) => {$(impl Passing for $error {
        fn passing(&self) -> bool {
            matches!(self, Self::Internal(Internal { unavailable: true, .. }))
        }
    })*};
}
passing!(
    BookError,
    HoldError,
    wellmet::bookings::AnswerError,
    wellmet::bookings::CancelError,
    wellmet::bookings::FinishError,
    wellmet::bookings::RescheduleError
);

/// Starts every job at the same moment and gives the outcomes.
pub(crate) async fn at_once<T: Send + 'static>(jobs: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let gate = Arc::new(Barrier::new(jobs.len()));
    let mut running = JoinSet::new();
    for job in jobs {
        let gate = gate.clone();
        running.spawn(async move {
            gate.wait().await;
            job.await
        });
    }
    running.join_all().await
}

/// The same numbers in the same order for the same seed (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `below - 1`.
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        usize::try_from(self.next() % below as u64).expect("it fits")
    }

    /// One of them.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}
