//! Reminders in virtual time: a year with the clock changes of two zones, sessions that are moved, called off, asked for and answered.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use wellmet::{
    Deps,
    accounts::{CoachActor, MenteeActor},
    bookings::{Booking, Bookings},
    coaches::{SessionType, WeeklyHoursDraft, WindowDraft},
    error::Internal,
    jobs::{Handler, Job, JobKind, Source, Verdict, Worker, WorkerSettings},
    model::{BookingId, BookingStatus, Instant, Reminders},
    notices::{Reminder, ReminderPlan, Spread},
};

use crate::{
    bookings_world::{Dice, Server, at},
    support::{TestDb, both_engines},
};

/// Who was reminded of what, so many minutes before, and when that was.
type Sent = (BookingId, &'static str, u32, Instant);

/// Asks what whoever writes the mail asks, and notes instead of sending.
struct Notes {
    deps: Deps,
    bookings: Bookings,
    coach: CoachActor,
    sent: Mutex<Vec<Sent>>,
    moot: Mutex<Vec<&'static str>>,
}

#[async_trait]
impl Handler for Notes {
    async fn run(&self, job: &Job) -> Result<Verdict, Internal> {
        if job.kind != JobKind::Reminder {
            return Ok(Verdict::Done);
        }
        let reminder = Reminder::of_job(job).expect("a reminder");
        let id = job.booking_id.expect("it is about a booking");
        let booking = self.bookings.booking(self.coach, id).await?.expect("a booking of this coach");
        assert_eq!((job.user_id, job.coach_id), (Some(reminder.to.of(&booking)), Some(booking.coach_id)), "the job is for who it says");
        let now = self.deps.clock.now();
        if let Some(why) = reminder.moot(&booking, now) {
            self.moot.lock().unwrap().push(why);
            return Ok(Verdict::Moot(why.into()));
        }
        assert!(now < booking.starts_at && booking.status == BookingStatus::Confirmed, "{booking:?}");
        self.sent.lock().unwrap().push((id, reminder.to.as_str(), reminder.minutes, now));
        Ok(Verdict::Done)
    }
}

struct World {
    db: TestDb,
    server: Server,
    notes: Arc<Notes>,
    worker: Worker,
    coach: CoachActor,
    mentee: MenteeActor,
}

impl World {
    /// A coach in Berlin who works from nine to six every day, a mentee in New York, and 1 March 2026, 08:07 UTC: never a time at which
    /// anything is due.
    async fn new(db: TestDb) -> Self {
        db.clock().set(at("2026-03-01T08:07:00Z"));
        let (coach, mentee) = (db.coach("cora").await, db.mentee("mia").await);
        let server = Server::of(&db);
        let day = vec![WindowDraft { from: "09:00".into(), until: "18:00".into() }];
        server.coaches.set_weekly(&coach, WeeklyHoursDraft(std::array::from_fn(|_| day.clone()))).await.unwrap();
        let notes =
            Arc::new(Notes { deps: db.deps(), bookings: server.bookings.clone(), coach, sent: Mutex::default(), moot: Mutex::default() });
        let spread: Arc<dyn Source> = Arc::new(Spread::new(db.deps(), vec![Arc::new(ReminderPlan)]));
        let handlers = JobKind::ALL.map(|kind| (kind, notes.clone() as Arc<dyn Handler>));
        let worker = Worker::new(db.deps(), WorkerSettings::default(), handlers, vec![spread]);
        Self { db, server, notes, worker, coach, mentee }
    }

    async fn kind(&self, name: &str, approval: bool, minutes: &[u32]) -> SessionType {
        let reminders = Reminders::of(minutes.iter().copied());
        let change = |draft: &mut wellmet::model::SessionTypeDraft| {
            (draft.name, draft.approval_required, draft.reminders) = (name.to_owned(), approval, reminders);
            draft.rules.horizon_days = 400;
        };
        self.server.kind(&self.coach, change).await
    }

    async fn book(&self, kind: &SessionType, start: &str) -> Booking {
        self.server.book(&self.mentee, &self.coach, kind, at(start)).await
    }

    /// Lets the time come, and everything that is due then be done.
    async fn at(&self, instant: Instant) {
        self.db.clock().set(instant);
        self.worker.drain().await.unwrap();
    }

    fn sent(&self) -> Vec<Sent> {
        let mut sent = std::mem::take(&mut *self.notes.sent.lock().unwrap());
        sent.sort_unstable();
        sent
    }

    async fn waiting(&self) -> i64 {
        self.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'reminder' AND state = 'waiting'").await
    }
}

/// What the test knows of a booking: since when it is confirmed at which start.
struct Known {
    booking: Booking,
    minutes: Vec<u32>,
    since: Option<Instant>,
}

/// The year as it should be: what is reminded of when.
#[derive(Default)]
struct Year {
    known: Vec<Known>,
    expected: Vec<Sent>,
}

impl Year {
    /// The booking is as it is now: what was due before this is expected, what was planned for later no longer.
    fn change(&mut self, number: usize, booking: Booking, now: Instant) {
        self.settle(number, now);
        let known = &mut self.known[number];
        known.since = (booking.status == BookingStatus::Confirmed).then_some(now);
        known.booking = booking;
    }

    fn settle(&mut self, number: usize, until: Instant) {
        let Known { booking, minutes, since } = &self.known[number];
        let Some(since) = *since else { return };
        for minutes in minutes {
            let due = booking.starts_at.plus_minutes(-i64::from(*minutes));
            if since < due && due < until {
                self.expected.extend(["client", "coach"].map(|to| (booking.id, to, *minutes, due)));
            }
        }
    }

    /// Every instant in which a reminder of today's bookings is due, or a session starts.
    fn instants(&self) -> impl Iterator<Item = Instant> {
        self.known.iter().flat_map(|known| {
            let minutes = known.minutes.iter().copied().chain([0]);
            minutes.map(|minutes| known.booking.starts_at.plus_minutes(-i64::from(minutes)))
        })
    }
}

/// One thing that somebody does at the clock's time.
async fn act(world: &World, year: &mut Year, kinds: &[(SessionType, Vec<u32>)], dice: &mut Dice) {
    let now = world.db.now();
    let live = |known: &Known| known.booking.status.is_live() && known.booking.starts_at > now;
    let numbers: Vec<_> = (0..year.known.len()).filter(|number| live(&year.known[*number])).collect();
    let server = &world.server;
    if numbers.is_empty() || dice.roll(5) < 2 {
        let (kind, minutes) = dice.pick(kinds);
        let from = now.plus_minutes(60 * i64::try_from(1 + dice.roll(24 * 20)).unwrap());
        let starts = server.starts(&world.coach, kind, from, 3).await;
        let booking = server.book(&world.mentee, &world.coach, kind, *dice.pick(&starts)).await;
        let since = (booking.status == BookingStatus::Confirmed).then_some(now);
        year.known.push(Known { booking, minutes: minutes.clone(), since });
        return;
    }
    let number = *dice.pick(&numbers);
    let booking = year.known[number].booking.clone();
    let kind = &kinds.iter().find(|(kind, _)| kind.id == booking.session_type_id).unwrap().0;
    let changed = match (booking.status, dice.roll(4)) {
        (BookingStatus::Pending, 0 | 1) => server.bookings.confirm(&world.coach, booking.id).await.ok(),
        (BookingStatus::Pending, 2) => server.bookings.decline(&world.coach, booking.id, "no").await.ok(),
        (_, 3) => server.bookings.cancel(world.coach, booking.id, "ill").await.ok(),
        _ => {
            let starts = server.starts(&world.coach, kind, now.plus_minutes(60 * 24 * 2), 9).await;
            let start = *dice.pick(&starts);
            let by_coach = dice.roll(2) == 0;
            if by_coach {
                server.bookings.reschedule(world.coach, booking.id, start, "a change").await.ok()
            } else {
                server.bookings.reschedule(world.mentee, booking.id, start, "").await.ok()
            }
        }
    };
    if let Some(changed) = changed.filter(|changed| (changed.status, changed.sequence) != (booking.status, booking.sequence)) {
        year.change(number, changed, now);
    }
}

both_engines! {
    async fn a_year_of_sessions_is_reminded_of_at_the_right_instants(db: TestDb) {
        let world = World::new(db).await;
        let mut kinds = Vec::new();
        for (name, approval, minutes) in
            [("long", false, vec![10_080, 1440]), ("short", false, vec![120, 15]), ("never", false, vec![]), ("asked", true, vec![1440, 15])]
        {
            kinds.push((world.kind(name, approval, &minutes).await, minutes));
        }
        let mut dice = Dice::new(20_260_301);
        let mut year = Year::default();
        let end = world.db.now().plus_minutes(366 * 24 * 60);
        let mut next_act = world.db.now();
        let mut steps = 0;
        while world.db.now() < end {
            let now = world.db.now();
            if now == next_act {
                act(&world, &mut year, &kinds, &mut dice).await;
                world.worker.drain().await.unwrap();
                // Two and a half days on average, at seven minutes past something.
                next_act = now.plus_minutes(60 * i64::try_from(1 + dice.roll(120)).unwrap());
            }
            let due = year.instants().filter(|due| *due > now).min();
            world.at(due.map_or(next_act, |due| due.min(next_act))).await;
            steps += 1;
        }
        let mut booked = BTreeMap::<&str, u32>::new();
        for number in 0..year.known.len() {
            year.settle(number, end);
            *booked.entry(year.known[number].booking.status.as_str()).or_default() += 1;
        }
        year.expected.sort_unstable();
        let sent = world.sent();
        assert_eq!(sent, year.expected, "{steps} steps, {booked:?}");
        assert!(sent.len() > 80 && year.known.len() > 40, "{} sent, {booked:?}, {steps} steps", sent.len());
        assert!(booked.get("cancelled").is_some_and(|n| *n > 5), "{booked:?}");
        assert!(year.known.iter().filter(|known| known.booking.sequence > 0).count() > 10, "too few were moved");
        assert!(world.notes.moot.lock().unwrap().is_empty(), "what is over was called off before it was due");
    }

    async fn a_day_is_24_hours_when_the_clocks_change(db: TestDb) {
        let world = World::new(db).await;
        let kind = world.kind("day", false, &[1440]).await;
        // The clocks of New York, of Berlin, of Berlin, of New York: on each day a session at ten in Berlin.
        let cases = [
            ("2026-03-08T09:00:00Z", "2026-03-07T09:00:00Z"),
            // Ten on Sunday is nine on Saturday.
            ("2026-03-29T08:00:00Z", "2026-03-28T08:00:00Z"),
            // Ten on Sunday is eleven on Saturday.
            ("2026-10-25T09:00:00Z", "2026-10-24T09:00:00Z"),
            ("2026-11-01T09:00:00Z", "2026-10-31T09:00:00Z"),
        ];
        for (start, due) in cases {
            let booking = world.book(&kind, start).await;
            world.worker.drain().await.unwrap();
            world.at(at(due).plus_minutes(-1)).await;
            assert_eq!(world.sent(), [], "{start}");
            world.at(at(due)).await;
            let due = at(due);
            assert_eq!(world.sent(), [(booking.id, "client", 1440, due), (booking.id, "coach", 1440, due)]);
            world.at(at(start).plus_minutes(60)).await;
            assert_eq!(world.sent(), []);
        }
    }

    async fn what_is_over_is_called_off_and_what_is_past_not_planned(db: TestDb) {
        let world = World::new(db).await;
        let kind = world.kind("both", false, &[1440, 15]).await;
        // In three hours: the day before is over.
        let soon = world.book(&kind, "2026-03-01T11:00:00Z").await;
        world.worker.drain().await.unwrap();
        assert_eq!(world.waiting().await, 2);
        let later = world.book(&kind, "2026-03-05T11:00:00Z").await;
        world.worker.drain().await.unwrap();
        assert_eq!(world.waiting().await, 6);
        let moved = world.server.bookings.reschedule(world.coach, later.id, at("2026-03-06T12:00:00Z"), "so").await.unwrap();
        // Moved twice before anybody looked.
        world.server.bookings.reschedule(world.coach, later.id, at("2026-03-06T13:00:00Z"), "so").await.unwrap();
        world.worker.drain().await.unwrap();
        assert_eq!((world.waiting().await, moved.sequence), (6, 1));
        world.server.bookings.cancel(world.coach, soon.id, "ill").await.unwrap();
        world.worker.drain().await.unwrap();
        assert_eq!(world.waiting().await, 4);
        let due = at("2026-03-05T13:00:00Z");
        world.at(due).await;
        assert_eq!(world.sent(), [(later.id, "client", 1440, due), (later.id, "coach", 1440, due)]);
        // Told late: nobody worked until the session had begun.
        world.at(at("2026-03-06T13:00:00Z")).await;
        assert_eq!((world.sent(), world.waiting().await), (Vec::new(), 0));
        assert_eq!(*world.notes.moot.lock().unwrap(), ["The session has begun."; 2]);
    }

    async fn a_request_is_reminded_of_once_it_is_agreed(db: TestDb) {
        let world = World::new(db).await;
        let kind = world.kind("asked", true, &[1440]).await;
        let request = world.book(&kind, "2026-03-05T11:00:00Z").await;
        world.worker.drain().await.unwrap();
        assert_eq!((request.status, world.waiting().await), (BookingStatus::Pending, 0));
        world.server.bookings.confirm(&world.coach, request.id).await.unwrap();
        world.worker.drain().await.unwrap();
        assert_eq!(world.waiting().await, 2);
        // The mentee moves it: a request again, and nobody is reminded of the old time.
        let again = world.server.bookings.reschedule(world.mentee, request.id, at("2026-03-06T11:00:00Z"), "").await.unwrap();
        world.worker.drain().await.unwrap();
        assert_eq!((again.status, world.waiting().await), (BookingStatus::Pending, 0));
        world.server.bookings.confirm(&world.coach, request.id).await.unwrap();
        world.worker.drain().await.unwrap();
        assert_eq!(world.waiting().await, 2);
        world.db.clock().advance(Duration::from_mins(5));
        let due = at("2026-03-05T11:00:00Z");
        world.at(due).await;
        assert_eq!(world.sent(), [(request.id, "client", 1440, due), (request.id, "coach", 1440, due)]);
    }
}
