//! Everything that follows from bookings, with everything breaking: the calendar, the mail server and a webhook's receiver fail, cut and lose answers
//! as they like, and the server is killed in the middle of its work, again and again. In the end each booking is one event at its time, each
//! person has each mail once, each webhook has come in order, and nothing is outstanding.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use wellmet::{
    accounts::{CoachActor, MenteeActor},
    bookings::{Booking, Bookings},
    coaches::SessionType,
    integrations::{
        ProviderKind,
        outcome::CallError,
        safe_fetch::SystemResolver,
        tokens::Tokens,
        write_back::{CalendarChecks, CalendarEvents},
    },
    jobs::{Handler, JobKind, Source, Worker, WorkerSettings},
    model::{BookingStatus, Instant, PlaceKind},
    notices::{
        InTheCalendar, Spread,
        mail::{BookingMails, Delivery, Letter, Mailer, Transport, Words},
        webhooks::{WebhookJobs, Webhooks},
    },
    store::sql,
};

use crate::{
    bookings_world::Server,
    calendars_fake::connect,
    mail::world::{public_url, sender},
    receiver::{Receiver, Reply},
    support::{TestDb, both_engines},
    webhooks::world::{everything, webhooks},
    write_back::fake::{FakeCalendar, Fault},
};

/// A few numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A mail server that takes, refuses for now, or takes and says it did not.
#[derive(Default)]
struct Post {
    letters: Mutex<Vec<Letter>>,
    /// What it does next; then it takes everything.
    script: Mutex<Vec<Mood>>,
}

#[derive(Clone, Copy)]
enum Mood {
    Down,
    Cut,
    Hang,
}

#[async_trait]
impl Transport for Post {
    async fn send(&self, letter: &Letter) -> Delivery {
        tokio::task::yield_now().await;
        let mood = self.script.lock().unwrap().pop();
        if let Some(Mood::Down) = mood {
            return Delivery::NotNow("It is down.".into());
        }
        self.letters.lock().unwrap().push(letter.clone());
        match mood {
            Some(Mood::Cut) => Delivery::NotNow("It was cut.".into()),
            Some(Mood::Hang) => std::future::pending().await,
            _ => Delivery::Accepted,
        }
    }
}

struct World {
    db: TestDb,
    server: Server,
    coach: CoachActor,
    mentees: Vec<MenteeActor>,
    kind: SessionType,
    calendar: FakeCalendar,
    tokens: Tokens,
    post: Arc<Post>,
    hooks: Webhooks,
    receiver: Receiver,
    secret: String,
}

impl World {
    async fn new(db: TestDb) -> Self {
        let (server, calendar, receiver) = (Server::of(&db), FakeCalendar::default(), Receiver::start().await);
        let coach = db.coach("maya").await;
        let mut mentees = Vec::new();
        for name in ["mia", "noa", "ole"] {
            mentees.push(db.mentee(name).await);
        }
        db.run("UPDATE users SET email_checked_at = created_at").await;
        let tokens = calendar.tokens(&db.deps());
        connect(&db.deps(), &tokens, coach.id(), ProviderKind::Google, "maya", &["main"]).await;
        db.run("UPDATE calendar_integrations SET can_write = 1").await;
        db.run("UPDATE integration_calendars SET writable = 1, counts_busy = 0, receives_bookings = 1").await;
        db.run("UPDATE coaches SET calendars_known_at = NULL, calendars_known_until = NULL").await;
        calendar.world().link_at_look = Some(1);
        let kind = server.kind(&coach, |draft| draft.place.kind = PlaceKind::Provider).await;
        let hooks = webhooks(&db, &[7], Arc::new(SystemResolver), true);
        let (_, secret) = hooks.create(coach, &everything(&receiver.url("/hook"))).await.unwrap();
        let secret = secret.expose().to_owned();
        Self { db, server, coach, mentees, kind, calendar, tokens, post: Arc::default(), hooks, receiver, secret }
    }

    /// A server that has just started.
    fn worker(&self) -> Worker {
        let deps = self.db.deps();
        let vault = crate::webhooks::world::vault(&self.db, &[7]);
        let words = Words::of_program().unwrap();
        let mailer: Arc<dyn Handler> = Arc::new(Mailer::with(deps.clone(), self.post.clone(), words, sender(), public_url(), vault));
        let events: Arc<dyn Handler> = Arc::new(CalendarEvents::new(self.tokens.clone(), public_url()));
        let hooks: Arc<dyn Handler> = Arc::new(self.hooks.sender());
        let mails = [JobKind::BookingMail, JobKind::Reminder, JobKind::CalendarTrouble, JobKind::AccountMail];
        let handlers = mails.map(|kind| (kind, mailer.clone())).into_iter();
        let handlers = handlers.chain([(JobKind::CalendarEvent, events), (JobKind::Webhook, hooks)]);
        let spread = Spread::new(deps.clone(), vec![Arc::new(InTheCalendar), Arc::new(BookingMails), Arc::new(WebhookJobs)]);
        let sources: Vec<Arc<dyn Source>> = vec![Arc::new(spread), Arc::new(CalendarChecks::new(deps.clone()))];
        Worker::new(deps, WorkerSettings::default(), handlers, sources)
    }

    fn pass(&self, time: Duration) {
        self.db.clock().advance(time);
        self.receiver.trust(&[&self.secret], self.db.now().millis() / 1000);
    }

    fn bookings(&self) -> &Bookings {
        &self.server.bookings
    }

    /// Somebody does something: books, moves or cancels.
    async fn act(&self, dice: &mut Dice, live: &mut Vec<Booking>) {
        let (day, hour) = (dice.below(10), dice.below(7));
        let start = Instant::parse_rfc3339("2026-11-09T09:00:00Z").unwrap().plus_minutes(i64::try_from(day * 1440 + hour * 60).unwrap());
        let one = usize::try_from(dice.below(live.len().max(1) as u64)).unwrap();
        match dice.below(6) {
            0..=2 => {
                let mentee = self.mentees[usize::try_from(dice.below(3)).unwrap()];
                live.extend(self.server.try_book(&mentee, &self.coach, &self.kind, start).await.ok());
            }
            3 | 4 if !live.is_empty() => {
                if let Ok(moved) = self.bookings().reschedule(self.coach, live[one].id, start, "It has to move.").await {
                    live[one] = moved;
                }
            }
            _ if !live.is_empty() => {
                self.bookings().cancel(self.coach, live.remove(one).id, "It is off.").await.unwrap();
            }
            _ => {}
        }
    }

    /// Everything around goes wrong in some way.
    fn disturb(&self, dice: &mut Dice) {
        let faults = [
            Fault::Before(CallError::ProviderDown(503)),
            Fault::After(CallError::Unreachable),
            Fault::Before(CallError::TimedOut),
            Fault::After(CallError::BadAnswer("cut short")),
        ];
        for _ in 0..dice.below(4) {
            self.calendar.world().faults.push_back(faults[usize::try_from(dice.below(4)).unwrap()].clone());
        }
        let moods = [Mood::Down, Mood::Cut];
        let mut script = self.post.script.lock().unwrap();
        *script = (0..dice.below(5)).map(|_| moods[usize::try_from(dice.below(2)).unwrap()]).collect();
        let replies = [Reply::status(500), Reply::Cut, Reply::status(429), Reply::status(302)];
        self.receiver.script((0..dice.below(4)).map(|_| replies[usize::try_from(dice.below(4)).unwrap()].clone()).collect::<Vec<_>>());
    }

    async fn left(&self) -> i64 {
        let now = self.db.now();
        let row = sql("SELECT (SELECT COUNT(*) FROM jobs WHERE state = 'waiting' AND payload NOT LIKE '%\"check\":true%')
             + (SELECT COUNT(*) FROM booking_events WHERE spread = 0) + (SELECT COUNT(*) FROM jobs WHERE run_at > $1 AND state = 'dead') AS n");
        row.bind(now).one(self.db.store()).await.unwrap().get("n").unwrap()
    }
}

/// Polls `work` until it has waited `steps` times, then drops it, as a kill would.
async fn killed_after(work: impl Future, steps: u64) {
    let (mut work, mut waited) = (pin!(work), 0);
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Pending if waited < steps => {
            waited += 1;
            Poll::Pending
        }
        _ => Poll::Ready(()),
    })
    .await;
}

async fn live_through(db: TestDb, seed: u64) {
    let world = World::new(db).await;
    let (mut dice, mut live) = (Dice(seed), Vec::new());
    world.pass(Duration::ZERO);
    for round in 0..24 {
        for _ in 0..=dice.below(2) {
            world.act(&mut dice, &mut live).await;
        }
        world.disturb(&mut dice);
        killed_after(world.worker().drain(), dice.below(120)).await;
        // The dead server's leases run out.
        world.pass(Duration::from_mins(if round % 5 == 0 { 45 } else { 3 }));
    }
    world.post.script.lock().unwrap().clear();
    world.calendar.world().faults.clear();
    world.receiver.script([]);
    for _ in 0..100 {
        world.worker().drain().await.unwrap();
        if world.left().await == 0 {
            break;
        }
        world.pass(Duration::from_mins(10));
    }
    assert_eq!(world.left().await, 0, "something is outstanding");
    assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead'").await, 0);
    check_calendar(&world).await;
    check_post(&world).await;
    check_hooks(&world).await;
}

async fn check_calendar(world: &World) {
    let rows = sql("SELECT starts_at, ends_at, status, meeting_link FROM bookings").all(world.db.store()).await.unwrap();
    assert!(rows.len() > 4, "only {} bookings", rows.len());
    let mut expected = Vec::new();
    for row in &rows {
        if row.get::<String>("status").unwrap() == BookingStatus::Confirmed.as_str() {
            expected.push((row.get::<Instant>("starts_at").unwrap(), row.get::<Instant>("ends_at").unwrap()));
            assert!(row.get::<Option<String>>("meeting_link").unwrap().is_some_and(|link| link.starts_with("https://")));
        }
    }
    expected.sort_unstable();
    let mut found = world.calendar.times();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(world.calendar.made_and_most().1, 1);
}

async fn check_post(world: &World) {
    let done = sql("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'booking_mail' AND state = 'done'").one(world.db.store()).await.unwrap();
    let changes = world.db.count("SELECT COUNT(*) AS n FROM booking_events").await;
    assert_eq!(done.get::<i64>("n").unwrap(), 2 * changes, "each change is told to both");
    let letters = world.post.letters.lock().unwrap().clone();
    let mut by_id: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    let mut sequences: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for letter in &letters {
        let first = !by_id.contains_key(&letter.id);
        by_id.entry(letter.id.clone()).or_default().insert(letter.bytes.clone());
        if let Some(invite) = letter.invite.as_ref().filter(|_| first) {
            let line =
                |name: &str| invite.replace("\r\n ", "").lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap();
            sequences.entry(line("UID:")).or_default().push(line("SEQUENCE:").parse().unwrap());
        }
    }
    assert_eq!(i64::try_from(by_id.len()).unwrap(), 2 * changes, "as many different mails");
    assert!(by_id.values().all(|bytes| bytes.len() == 1), "a mail that came twice came differently");
    assert!(sequences.len() > 4 && sequences.values().all(|numbers| numbers.is_sorted_by(|a, b| a < b)), "{sequences:?}");
}

async fn check_hooks(world: &World) {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for received in world.receiver.received().iter().filter(|received| received.accepted) {
        let body = received.json();
        let told = told.entry(body["booking"]["id"].as_str().unwrap_or_default().to_owned());
        let ids = told.or_default();
        if !ids.contains(&received.id()) {
            ids.push(received.id());
        }
    }
    let rows = sql("SELECT booking_id, id FROM booking_events ORDER BY booking_id, ordinal").all(world.db.store()).await.unwrap();
    let mut happened: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        happened.entry(row.get("booking_id").unwrap()).or_default().push(row.get("id").unwrap());
    }
    assert_eq!(told, happened);
}

both_engines! {
    async fn everything_follows_whatever_breaks(db: TestDb) {
        live_through(db, 1).await;
    }

    async fn everything_follows_in_another_order_too(db: TestDb) {
        live_through(db, 20_261_120).await;
    }

    async fn a_mail_server_that_hangs_holds_up_nothing_else(db: TestDb) {
        let world = World::new(db).await;
        world.pass(Duration::ZERO);
        world.post.script.lock().unwrap().extend([Mood::Hang; 20]);
        let start = Instant::parse_rfc3339("2026-11-09T09:00:00Z").unwrap();
        let booking = world.server.book(&world.mentees[0], &world.coach, &world.kind, start).await;
        let worker = world.worker();
        let running = tokio::spawn(worker.run(std::future::pending()));
        for _ in 0..200 {
            let hooked = world.db.count("SELECT COUNT(*) AS n FROM webhook_deliveries WHERE delivered_at IS NOT NULL").await;
            if hooked == 1 && world.calendar.times() == [(booking.starts_at, booking.ends_at)] {
                running.abort();
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            world.pass(Duration::from_secs(1));
        }
        panic!("the calendar or the webhook waited for the mail server");
    }
}
