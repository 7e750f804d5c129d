//! What a booking takes when every provider, mail server and webhook hangs, against the same when all are quick: two coaches on two servers over
//! one database, booked in turn. What is known of the calendars is two minutes old when the forms are opened, so both ask.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::json;
use tokio::{sync::oneshot, time::Instant};
use wellmet::{
    Deps,
    accounts::{Accounts, ClientInfo, CoachActor, HashCost, Identity, MenteeActor, PasswordHasher, Registration},
    bookings::{BookRequest, Bookings, Change, HoldRequest},
    coaches::{Coaches, Offers, WeeklyHoursDraft, WindowDraft},
    error::Internal,
    integrations::{ProviderKind, busy::BusySync},
    jobs::{self, Handler, Job, JobKind, NewJob, Verdict, Worker, WorkerSettings},
    limits::{LimitSettings, Limits},
    model::{Role, SessionRules, SessionTypeDraft, SessionTypeId},
    notices::{Consequence, Spread},
    store::{Store, StoreError, Tx, sql},
    time::{Secret, SystemClock, SystemIds, Zone},
};

use crate::calendars::{FakeCalendars, Say, connect};

const BOOKINGS: i64 = 100;

/// Three jobs for each change.
struct Telling;

#[async_trait]
impl Consequence for Telling {
    async fn plan(&self, tx: &mut Tx, deps: &Deps, change: &Change) -> Result<(), StoreError> {
        for kind in [JobKind::CalendarEvent, JobKind::BookingMail, JobKind::Webhook] {
            let job = NewJob {
                kind,
                key: format!("{} {}", kind.as_str(), change.id),
                lane: None,
                coach_id: Some(change.booking.coach_id),
                booking_id: Some(change.booking.id),
                user_id: None,
                payload: json!({}),
                run_at: change.at,
            };
            jobs::enqueue(tx, &*deps.ids, change.at, job).await?;
        }
        Ok(())
    }
}

/// Everyone out there: quick, or silent for ever.
struct World(bool);

#[async_trait]
impl Handler for World {
    async fn run(&self, _: &Job) -> Result<Verdict, Internal> {
        if self.0 { std::future::pending().await } else { Ok(Verdict::Done) }
    }
}

/// A server, its coach, and the times that are held.
struct Side {
    bookings: Bookings,
    coach: CoachActor,
    kind: SessionTypeId,
    mentee: MenteeActor,
    held: Vec<Secret>,
}

impl Side {
    async fn open(deps: &Deps, name: &str, silent: bool) -> Self {
        let limits = Limits::new(deps.clone(), LimitSettings::NONE);
        let offers = Offers::new(deps.store.clone());
        let accounts = Accounts::new(deps.clone(), limits.clone(), PasswordHasher::new(HashCost::CHEAPEST));
        let coach = person(&accounts, &format!("coach-{name}"), Role::Coach).await.coach().expect("a coach");
        let mentee = person(&accounts, &format!("mentee-{name}"), Role::Mentee).await.mentee().expect("a mentee");
        let kind = always_open(&Coaches::new(deps.clone(), offers.clone()), &coach).await;
        let fake = FakeCalendars::default();
        fake.world().listed = vec!["main".to_owned()];
        let tokens = fake.tokens(deps);
        connect(deps, &tokens, coach.id(), ProviderKind::Google, name, &["main"]).await;
        let sync = BusySync::new(tokens, Duration::from_mins(4));
        sync.sync_coach(coach.id()).await.expect("a first read");
        fake.world().always = silent.then_some(Say::Hang);
        let bookings = Bookings::new(deps.clone(), offers, limits).with_calendars(sync);
        Self { bookings, coach, kind, mentee, held: Vec::new() }
    }

    /// Opens the forms, all at once.
    async fn hold(&mut self, deps: &Deps) {
        let zone = Zone::utc();
        let opens = zone.day(zone.date_of(deps.clock.now())).expect("today").end;
        for number in 0..BOOKINGS {
            let start = opens.plus_minutes(number * 30);
            let request = HoldRequest { coach: self.coach.id(), session_type: self.kind, start, zone: Zone::utc(), from: None };
            self.held.push(self.bookings.hold(request, None).await.expect("a free slot is held").0);
        }
        self.bookings.freshen_soon(self.coach.id());
    }

    async fn book(&self, number: usize) -> Duration {
        let begun = Instant::now();
        self.bookings.book(&self.mentee, &self.held[number], BookRequest::default()).await.expect("a held slot is booked");
        begun.elapsed()
    }
}

/// Prints both medians and their ratio.
pub(crate) async fn compare(store: Store) {
    let deps = Deps { store, clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) };
    let mut quick = Side::open(&deps, "quick", false).await;
    let mut silent = Side::open(&deps, "silent", true).await;
    let mut tx = deps.store.begin().await.expect("a transaction");
    let older = deps.clock.now().plus_minutes(-2);
    sql("UPDATE integration_calendars SET read_at = $1").bind(older).run(&mut tx).await.expect("older data");
    sql("UPDATE coaches SET calendars_known_at = $1").bind(older).run(&mut tx).await.expect("older data");
    tx.commit().await.expect("a commit");
    let (stop, stopped) = oneshot::channel::<()>();
    let world: Arc<dyn Handler> = Arc::new(World(true));
    let spread = Arc::new(Spread::new(deps.clone(), vec![Arc::new(Telling)]));
    let worker = Worker::new(deps.clone(), WorkerSettings::default(), JobKind::ALL.map(|kind| (kind, world.clone())), vec![spread]);
    let working = tokio::spawn(worker.run(async move { drop(stopped.await) }));
    quick.hold(&deps).await;
    silent.hold(&deps).await;
    // As long as nobody needs to fill in a form.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let (mut quickly, mut silently) = (Vec::new(), Vec::new());
    for number in 0..usize::try_from(BOOKINGS).expect("few") {
        quickly.push(quick.book(number).await);
        silently.push(silent.book(number).await);
    }
    drop(stop);
    working.abort();
    let (quickly, silently) = (median(quickly), median(silently));
    println!(
        "  {:<10} a booking takes {:.2} ms with quick providers, {:.2} ms with silent ones: ratio {:.2}",
        deps.store.engine_name(),
        quickly.as_secs_f64() * 1e3,
        silently.as_secs_f64() * 1e3,
        silently.div_duration_f64(quickly)
    );
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

async fn person(accounts: &Accounts, name: &str, role: Role) -> Identity {
    let registration = Registration {
        email: format!("{name}@bench.example"),
        password: "bench bench".to_owned(),
        name: name.to_owned(),
        role,
        time_zone: "UTC".to_owned(),
    };
    accounts.register(registration, &ClientInfo::default()).await.expect("an account is made").0
}

/// Opens the coach day and night, in half-hours.
async fn always_open(coaches: &Coaches, coach: &CoachActor) -> SessionTypeId {
    let day = vec![WindowDraft { from: "00:00".to_owned(), until: "24:00".to_owned() }];
    coaches.set_weekly(coach, WeeklyHoursDraft([(); 7].map(|()| day.clone()))).await.expect("hours");
    let kind = coaches.session_types(coach).await.expect("session types").remove(0).id;
    let first = SessionTypeDraft::first();
    let rules = SessionRules { duration_minutes: 30, step_minutes: 30, notice_minutes: 0, horizon_days: 60, ..first.rules };
    coaches.update_session_type(coach, kind, SessionTypeDraft { rules, ..first }).await.expect("a session type");
    kind
}
