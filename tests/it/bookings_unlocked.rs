//! Booking without the lock: in the quiet case that is what happens, and whatever changes between reading and writing is
//! noticed.

use std::{
    future::ready,
    pin::pin,
    sync::{Arc, Mutex, atomic::AtomicUsize, atomic::Ordering::SeqCst, mpsc},
    thread,
    time::Duration,
};

use tokio::{runtime::Handle, task::block_in_place};
use wellmet::{
    Deps,
    accounts::{CoachActor, MenteeActor},
    availability::{Refusal, TakenKind},
    bookings::{BookError, BookRequest, Booking, Bookings, Unavailable},
    coaches::{Offers, SessionType, WeeklyHoursDraft},
    limits::{LimitSettings, Limits},
    model::{BookingStatus, Instant},
    store::{Store, sql},
    time::{Clock, ManualClock, Secret},
};

use crate::{
    bookings_world::{Server, at, at_once},
    calendars_world::{Desk as Calendars, busy},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

const TUESDAY: &str = "2026-11-03T10:00:00Z";

type Change = Box<dyn FnOnce() + Send>;

/// Counts how often a decision asks for the time, which it does once, after reading and before writing. The first
/// time something else happens there.
struct Interrupter {
    clock: ManualClock,
    asked: AtomicUsize,
    change: Mutex<Option<Change>>,
}

impl Clock for Interrupter {
    fn now(&self) -> Instant {
        self.asked.fetch_add(1, SeqCst);
        let change = self.change.lock().expect("nobody panics here").take();
        if let Some(change) = change {
            change();
        }
        self.clock.now()
    }
}

/// A held hour, and a form that is ready to be sent.
struct Form<'a> {
    db: &'a TestDb,
    server: Server,
    coach: CoachActor,
    mentee: MenteeActor,
    kind: SessionType,
    secret: Secret,
}

impl<'a> Form<'a> {
    async fn of(db: &'a TestDb) -> Self {
        let (server, coach) = (Server::of(db), db.coach("maya").await);
        Self::with(db, server, coach).await
    }

    async fn with(db: &'a TestDb, server: Server, coach: CoachActor) -> Self {
        let mentee = db.mentee("ana").await;
        let kind = server.kind(&coach, |_| {}).await;
        let secret = server.hold(&coach, &kind, at(TUESDAY)).await.expect("it is free").0;
        Self { db, server, coach, mentee, kind, secret }
    }

    /// Sends it; `change` happens, on another server, between the first reading and the first writing. Gives what came of it
    /// and how often that was decided.
    async fn send<F: Future<Output = ()>>(&self, change: impl FnOnce(Store) -> F + Send + 'static) -> (Result<Booking, BookError>, usize) {
        let other = self.db.second_server().await;
        let change: Change = Box::new(move || block_in_place(|| Handle::current().block_on(change(other))));
        let clock = Interrupter { clock: self.db.clock().clone(), asked: AtomicUsize::new(0), change: Mutex::new(Some(change)) };
        let clock = Arc::new(clock);
        let deps = Deps { clock: clock.clone(), ..self.db.deps_on(self.db.second_server().await) };
        let limits = Limits::new(deps.clone(), LimitSettings::NONE);
        let bookings = Bookings::new(deps.clone(), Offers::new(deps.store.clone()), limits);
        // While SQLite's writer is idle, it would be locked at once.
        let busy = deps.store.begin().await.expect("a transaction");
        let mut booking = pin!(bookings.book(&self.mentee, &self.secret, BookRequest::default()));
        let booked = tokio::select! {
            biased;
            booked = &mut booking => booked,
            () = ready(()) => {
                drop(busy);
                booking.await
            }
        };
        assert!(clock.change.lock().expect("nobody panicked").is_none(), "the change was made");
        assert_sound(self.db.store()).await;
        (booked, clock.asked.load(SeqCst))
    }

    /// The services of another server on its connections.
    fn on(&self, store: Store) -> Server {
        Server::on(self.db.deps_on(store), LimitSettings::NONE)
    }

    async fn nothing_was_stored(&self) {
        for rows in ["SELECT COUNT(*) AS n FROM bookings", "SELECT COUNT(*) AS n FROM booking_events"] {
            assert_eq!(self.db.count(rows).await, 0, "{rows}");
        }
    }
}

/// Runs what does not belong to the test's own runtime.
fn in_runtime(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work);
}

/// Nothing happens.
async fn quiet(_: Store) {}

/// Changes rows behind the services' backs.
async fn run(store: &Store, text: &'static str) {
    let mut tx = store.begin().await.expect("a transaction");
    assert_eq!(sql(text).run(&mut tx).await.expect("a change"), 1, "{text}");
    tx.commit().await.expect("a commit");
}

fn taken(refused: Result<Booking, BookError>) -> TakenKind {
    match refused {
        Err(BookError::Unavailable(Unavailable { refusal: Refusal::Taken(by), .. })) => by,
        other => panic!("{other:?}"),
    }
}

both_engines! {
    /// Decided once, without a lock: booking, claim, history and number are those of any booking.
    async fn when_nothing_changes_it_is_decided_once(db: TestDb) {
        let form = Form::of(&db).await;
        let revision = "SELECT claims_revision AS n FROM coaches";
        let before = db.count(revision).await;
        let (booked, decided) = form.send(quiet).await;
        let booking = booked.expect("it is booked");
        assert_eq!((booking.status, decided), (BookingStatus::Confirmed, 1));
        assert_eq!((booking.starts_at, booking.created_at), (at(TUESDAY), db.now()));
        assert_eq!(db.count(revision).await, before + 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims WHERE kind = 'booking' AND booking_id IS NOT NULL").await, 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM booking_events").await, 1);
        let again = form.server.bookings.book(&form.mentee, &form.secret, BookRequest::default()).await.expect("the same");
        assert_eq!(again.id, booking.id);
    }

    /// Without a claim of its own, and with caps that are not reached, too.
    async fn a_hold_that_was_let_go_of_is_decided_once(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| (draft.rules.daily_cap, draft.rules.weekly_cap) = (Some(1), Some(2))).await;
        let secret = server.ticket(&coach, &kind, at(TUESDAY)).await;
        let form = Form { db: &db, server, coach, mentee, kind, secret };
        let (booked, decided) = form.send(quiet).await;
        assert_eq!((booked.expect("it is booked").starts_at, decided), (at(TUESDAY), 1));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims WHERE kind = 'booking'").await, 1);
    }

    /// Another booking of the coach, at another time: decided again, and booked.
    async fn another_booking_elsewhere_is_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let (coach, kind, other) = (form.coach, form.kind.clone(), db.mentee("bo").await);
        let server = form.on(db.second_server().await);
        let (booked, decided) = form.send(move |_| async move {
            server.book(&other, &coach, &kind, at("2026-11-03T13:00:00Z")).await;
        }).await;
        assert_eq!((booked.expect("it is booked").starts_at, decided), (at(TUESDAY), 2));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 2);
    }

    /// The same time, by who was faster: one booking, and a refusal.
    async fn the_same_time_is_booked_once(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |_| {}).await;
        let secret = server.ticket(&coach, &kind, at(TUESDAY)).await;
        let form = Form { db: &db, server, coach, mentee, kind, secret };
        let (kind, other, server) = (form.kind.clone(), db.mentee("bo").await, form.on(db.second_server().await));
        let (refused, decided) = form.send(move |_| async move {
            server.book(&other, &coach, &kind, at(TUESDAY)).await;
        }).await;
        assert_eq!((taken(refused), decided), (TakenKind::Booking, 2));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 1);
    }

    /// The same form, sent twice at once: the first booking is the answer to both.
    async fn the_same_form_is_booked_once(db: TestDb) {
        let form = Form::of(&db).await;
        let (server, mentee, secret) = (form.on(db.second_server().await), form.mentee, form.secret.clone());
        let (booked, decided) = form.send(move |_| async move {
            server.bookings.book(&mentee, &secret, BookRequest::default()).await.expect("it is booked");
        }).await;
        assert_eq!((booked.expect("the first one").starts_at, decided), (at(TUESDAY), 2));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 1);
    }

    /// The cap is reached by a booking at another time of the day.
    async fn a_cap_that_is_reached_is_noticed(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| draft.rules.daily_cap = Some(1)).await;
        let secret = server.hold(&coach, &kind, at(TUESDAY)).await.expect("it is free").0;
        let form = Form { db: &db, server, coach, mentee, kind, secret };
        let (kind, other, server) = (form.kind.clone(), db.mentee("bo").await, form.on(db.second_server().await));
        let (refused, decided) = form.send(move |_| async move {
            server.book(&other, &coach, &kind, at("2026-11-03T13:00:00Z")).await;
        }).await;
        assert!(matches!(refused, Err(BookError::Unavailable(_))) && decided == 2, "{refused:?}");
    }

    /// The coach has no hours any more.
    async fn hours_that_change_are_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let (server, coach) = (form.on(db.second_server().await), form.coach);
        let (refused, decided) = form.send(move |_| async move {
            server.coaches.set_weekly(&coach, WeeklyHoursDraft([(); 7].map(|()| Vec::new()))).await.expect("no hours");
        }).await;
        assert!(matches!(refused, Err(BookError::Unavailable(_))) && decided == 2, "{refused:?}");
        form.nothing_was_stored().await;
    }

    /// The session type is gone.
    async fn an_archived_session_type_is_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let (server, coach, kind) = (form.on(db.second_server().await), form.coach, form.kind.id);
        let (refused, decided) = form.send(move |_| async move {
            server.coaches.archive_session_type(&coach, kind).await.expect("it is archived");
        }).await;
        assert!(matches!(refused, Err(BookError::NotFound)) && decided == 2, "{refused:?}");
        form.nothing_was_stored().await;
    }

    /// The coach's account is shut.
    async fn a_coach_who_is_shut_out_is_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let (accounts, admin, coach) = (db.accounts(), db.admin("root").await, form.coach.id());
        let (refused, decided) = form.send(move |_| async move {
            accounts.set_active(&admin, coach, false).await.expect("shut out");
        }).await;
        assert!(matches!(refused, Err(BookError::NotFound)) && decided == 2, "{refused:?}");
        form.nothing_was_stored().await;
    }

    /// The hold is let go of: there is nothing in the way, so it is booked, with a claim of its own.
    async fn a_hold_let_go_of_meanwhile_is_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let (server, secret) = (form.on(db.second_server().await), form.secret.clone());
        let (booked, decided) = form.send(move |_| async move {
            server.bookings.release(&secret).await.expect("let go of");
        }).await;
        assert_eq!((booked.expect("it is booked").starts_at, decided), (at(TUESDAY), 2));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims WHERE kind = 'booking'").await, 1);
    }

    /// The hold ends, and the time is somebody else's before the form is written.
    async fn a_hold_that_ends_and_is_lost_is_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let (server, coach, kind, clock) = (form.on(db.second_server().await), form.coach, form.kind.clone(), db.clock().clone());
        let (refused, decided) = form.send(move |_| async move {
            clock.advance(Duration::from_mins(10));
            server.hold(&coach, &kind, at(TUESDAY)).await.expect("it is free again");
        }).await;
        assert_eq!((taken(refused), decided), (TakenKind::Hold, 2));
        form.nothing_was_stored().await;
    }

    /// Someone else's hold that ended is in the way of a buffer: it is swept under the lock, and the time is booked.
    async fn a_hold_to_be_swept_is_left_to_the_lock(db: TestDb) {
        let form = Form::of(&db).await;
        form.server.bookings.release(&form.secret).await.expect("let go of");
        form.server.hold(&form.coach, &form.kind, at(TUESDAY)).await.expect("it is free");
        db.clock().advance(Duration::from_mins(11));
        let (booked, decided) = form.send(quiet).await;
        assert_eq!((booked.expect("it is booked").starts_at, decided), (at(TUESDAY), 2));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 1);
    }

    /// The notice runs out between reading and writing: the clock is read after.
    async fn time_that_passes_is_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let clock = db.clock().clone();
        let (refused, decided) = form.send(move |_| async move { clock.set(at(TUESDAY).plus_minutes(1)) }).await;
        assert!(matches!(refused, Err(BookError::Unavailable(_))) && decided == 2, "{refused:?}");
        form.nothing_was_stored().await;
    }

    /// A sync finds the hour busy.
    async fn busy_time_is_noticed(db: TestDb) {
        let calendars = Calendars::new(&db, &["work"]).await;
        calendars.reads_well().await;
        let form = Form::with(&db, Server::of(&db), calendars.coach).await;
        calendars.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        let (sync, coach) = (calendars.sync.clone(), calendars.coach.id());
        let (refused, decided) = form.send(move |_| async move {
            sync.sync_coach(coach).await.expect("the database works");
        }).await;
        assert_eq!((taken(refused), decided), (TakenKind::Busy, 2));
        form.nothing_was_stored().await;
    }

    /// What is known of the calendars, without anything that is busy changing: another read, or a lost connection.
    async fn what_calendars_are_worth_is_noticed(db: TestDb) {
        let calendars = Calendars::new(&db, &["work"]).await;
        calendars.reads_well().await;
        let form = Form::with(&db, Server::of(&db), calendars.coach).await;
        let (refused, decided) = form.send(|store| async move {
            run(&store, "UPDATE coaches SET unknown_policy = 'stop', calendars_known_until = 0").await;
        }).await;
        assert!(matches!(refused, Err(BookError::Unavailable(Unavailable { refusal: Refusal::CalendarUnknown, .. }))), "{refused:?}");
        assert_eq!(decided, 2);
        form.nothing_was_stored().await;
        run(db.store(), "UPDATE coaches SET calendars_known_until = 9000000000000").await;
        let (booked, decided) = form.send(|store| async move {
            run(&store, "UPDATE coaches SET calendars_known_at = calendars_known_at + 1").await;
        }).await;
        assert_eq!((booked.expect("it is booked").starts_at, decided), (at(TUESDAY), 2));
    }

    /// Someone else has the lock for longer than a decision may be old, and changes nothing: on PostgreSQL it is decided again.
    async fn a_lock_that_was_waited_for_is_noticed(db: TestDb) {
        let form = Form::of(&db).await;
        let (booked, decided) = form.send(|store| async move {
            let (locked, is_locked) = mpsc::channel();
            thread::spawn(move || {
                in_runtime(async {
                    let mut tx = store.begin().await.expect("a transaction");
                    sql("UPDATE coaches SET updated_at = updated_at").run(&mut tx).await.expect("a lock");
                    locked.send(()).expect("it is waited for");
                    tokio::time::sleep(Duration::from_millis(2500)).await;
                    drop(tx);
                    store.close().await;
                });
            });
            is_locked.recv().expect("it is locked");
        }).await;
        let expected = if db.store().engine_name() == "PostgreSQL" { 2 } else { 1 };
        assert_eq!((booked.expect("it is booked").starts_at, decided), (at(TUESDAY), expected));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 1);
    }

    /// Many forms for one coach at once, on two servers: each is booked, whatever way it was decided.
    async fn forms_of_one_coach_all_come_through(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let other = Server::another(&db).await;
        let kind = server.kind(&coach, |draft| (draft.rules.duration_minutes, draft.rules.step_minutes) = (20, 20)).await;
        let mut forms = Vec::new();
        for (n, start) in server.starts(&coach, &kind, at("2026-11-03T00:00:00Z"), 2).await.into_iter().take(24).enumerate() {
            let (secret, server) = (server.hold(&coach, &kind, start).await.expect("it is free").0, [&server, &other][n % 2].clone());
            forms.push(async move { server.bookings.book(&mentee, &secret, BookRequest::default()).await.expect("it is booked").starts_at });
        }
        let sent = forms.len();
        let mut booked = at_once(forms).await;
        booked.sort_unstable();
        booked.dedup();
        assert_eq!((booked.len(), sent), (24, 24));
        assert_sound(db.store()).await;
    }
}
