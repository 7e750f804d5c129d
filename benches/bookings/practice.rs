//! Coaches with time to spare, mentees who book it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use wellmet::{
    Deps,
    accounts::{Accounts, ClientInfo, HashCost, Identity, MenteeActor, PasswordHasher, Registration},
    bookings::{BookRequest, Bookings, HoldRequest},
    coaches::{Coaches, Offers, WeeklyHoursDraft, WindowDraft},
    limits::{LimitSettings, Limits},
    model::{Instant, Role, SessionRules, SessionTypeDraft, SessionTypeId, UserId},
    store::{Store, sql},
    time::{Secret, SystemClock, SystemIds, Zone},
};

/// Many, so that a server that works on several coaches at once can show it.
const COACHES: usize = 50;
const MENTEES: usize = 64;
const MINUTES: u32 = 30;

/// The services, and who is who. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Practice(Arc<Inner>);

struct Inner {
    store: Store,
    bookings: Bookings,
    coaches: Vec<(UserId, SessionTypeId)>,
    mentees: Vec<MenteeActor>,
    opens: Instant,
    /// Slots before this one are booked.
    next: AtomicUsize,
}

impl Practice {
    pub(crate) async fn open(store: Store) -> Self {
        let deps = Deps { store: store.clone(), clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) };
        let limits = Limits::new(deps.clone(), LimitSettings::NONE);
        let offers = Offers::new(store.clone());
        let accounts = Accounts::new(deps.clone(), limits.clone(), PasswordHasher::new(HashCost::CHEAPEST));
        let service = Coaches::new(deps.clone(), offers.clone());
        let mut coaches = Vec::new();
        for n in 0..COACHES {
            coaches.push(always_open(&service, &person(&accounts, Role::Coach, n).await).await);
        }
        let mut mentees = Vec::new();
        for n in 0..MENTEES {
            mentees.push(person(&accounts, Role::Mentee, n).await.mentee().expect("a mentee"));
        }
        let zone = Zone::utc();
        let tomorrow = zone.day(zone.date_of(deps.clock.now())).expect("today").end;
        let bookings = Bookings::new(deps, offers, limits);
        Self(Arc::new(Inner { store, bookings, coaches, mentees, opens: tomorrow, next: AtomicUsize::new(0) }))
    }

    pub(crate) fn engine(&self) -> &'static str {
        self.0.store.engine_name()
    }

    /// Holds the `n`th free slot of the round: each coach in turn, then the next half-hour.
    pub(crate) async fn hold(&self, n: usize) -> Secret {
        let slot = self.0.next.load(SeqCst) + n;
        let (coach, session_type) = self.0.coaches[slot % COACHES];
        let minutes = slot / COACHES * MINUTES as usize;
        let start = self.0.opens.plus_minutes(i64::try_from(minutes).expect("few"));
        let request = HoldRequest { coach, session_type, start, zone: Zone::utc(), from: None };
        self.0.bookings.hold(request, None).await.expect("a free slot is held").0
    }

    /// Books what was held.
    pub(crate) async fn book(&self, n: usize, secret: &Secret) {
        let mentee = &self.0.mentees[n % MENTEES];
        self.0.bookings.book(mentee, secret, BookRequest::default()).await.expect("a held slot is booked");
    }

    /// Goes on to the next round.
    pub(crate) fn pass(&self, slots: usize) {
        self.0.next.fetch_add(slots, SeqCst);
    }

    /// Panics unless every slot is booked once and no claims overlap.
    pub(crate) async fn check(&self) {
        let made = sql("SELECT COUNT(*) AS n FROM bookings").one(&self.0.store).await.expect("a row");
        assert_eq!(usize::try_from(made.get::<i64>("n").expect("a number")).expect("few"), self.0.next.load(SeqCst));
        let overlaps = sql("SELECT COUNT(*) AS n FROM claims a JOIN claims b ON a.coach_id = b.coach_id AND a.id < b.id
             AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at AND a.starts_at > b.starts_at - 86400000");
        let overlaps = overlaps.one(&self.0.store).await.expect("a row");
        assert_eq!(overlaps.get::<i64>("n").expect("a number"), 0, "claims overlap");
    }
}

async fn person(accounts: &Accounts, role: Role, n: usize) -> Identity {
    let registration = Registration {
        email: format!("{}-{n}@bench.example", role.as_str()),
        password: "bench bench".to_owned(),
        name: format!("Person {n}"),
        role,
        time_zone: "UTC".to_owned(),
    };
    accounts.register(registration, &ClientInfo::default()).await.expect("an account is made").0
}

/// Opens a coach day and night for two years, in half-hours.
async fn always_open(coaches: &Coaches, identity: &Identity) -> (UserId, SessionTypeId) {
    let coach = identity.coach().expect("a coach");
    let day = vec![WindowDraft { from: "00:00".to_owned(), until: "24:00".to_owned() }];
    coaches.set_weekly(&coach, WeeklyHoursDraft([(); 7].map(|()| day.clone()))).await.expect("hours");
    let kind = coaches.session_types(&coach).await.expect("session types").remove(0).id;
    let first = SessionTypeDraft::first();
    let rules = SessionRules { duration_minutes: MINUTES, step_minutes: MINUTES, notice_minutes: 0, horizon_days: 730, ..first.rules };
    coaches.update_session_type(&coach, kind, SessionTypeDraft { rules, ..first }).await.expect("a session type");
    (coach.id(), kind)
}
