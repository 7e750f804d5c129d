//! Booking against moving against cancelling against confirming, in any order the scheduler likes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use wellmet::{
    accounts::{Actor, CoachActor, MenteeActor},
    bookings::{Booking, BookingChange},
    coaches::SessionType,
    model::{BookingId, Instant},
    store::sql,
};

use crate::{
    bookings_world::{Dice, Passing, Server, at_once},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

const CLIENTS: usize = 40;

/// A coach with a session type that is booked at once and one that is asked for.
#[derive(Clone)]
struct Practice {
    coach: CoachActor,
    kinds: [SessionType; 2],
    starts: Vec<Instant>,
}

/// A change somebody was told of: which, to where, and how often the booking had moved by then.
type Told = (BookingId, &'static str, Instant, i64);

/// What all clients know.
#[derive(Default)]
struct Shared {
    bookings: Vec<(usize, Booking)>,
    told: Vec<Told>,
    /// How many were sent away.
    busy: usize,
}

struct Client {
    servers: Vec<Server>,
    practices: Arc<Vec<Practice>>,
    mentee: MenteeActor,
    shared: Arc<Mutex<Shared>>,
    dice: Dice,
    operations: usize,
}

impl Client {
    async fn run(mut self) {
        for _ in 0..self.operations {
            let server = self.dice.pick(&self.servers).clone();
            match self.dice.roll(10) {
                0..4 => self.book(&server).await,
                4..7 => self.move_one(&server).await,
                7 | 8 => self.end_one(&server).await,
                _ => self.answer_one(&server).await,
            }
        }
    }

    async fn book(&mut self, server: &Server) {
        let which = self.dice.roll(self.practices.len());
        let practice = self.practices[which].clone();
        let (kind, start) = (self.dice.pick(&practice.kinds), *self.dice.pick(&practice.starts));
        let change = if kind.approval_required { BookingChange::Requested } else { BookingChange::Booked };
        let outcome = server.try_book(&self.mentee, &practice.coach, kind, start).await;
        self.note(which, change, outcome);
    }

    async fn move_one(&mut self, server: &Server) {
        let Some((which, booking)) = self.some_booking() else { return };
        let practice = self.practices[which].clone();
        let start = *self.dice.pick(&practice.starts);
        let outcome = server.bookings.reschedule(Actor::from(practice.coach), booking.id, start, "moved").await;
        // Two who move it to the same place are both told that it is there; one of them moved it.
        let still = outcome.as_ref().is_ok_and(|moved| moved.sequence == booking.sequence);
        if still {
            return;
        }
        self.note(which, BookingChange::Moved, outcome);
    }

    async fn end_one(&mut self, server: &Server) {
        let Some((which, booking)) = self.some_booking() else { return };
        let outcome = server.bookings.cancel(Actor::from(self.practices[which].coach), booking.id, "off").await;
        self.note(which, BookingChange::Cancelled, outcome);
    }

    async fn answer_one(&mut self, server: &Server) {
        let Some((which, booking)) = self.some_booking() else { return };
        let coach = self.practices[which].coach;
        if self.dice.roll(4) == 0 {
            let outcome = server.bookings.decline(&coach, booking.id, "no").await;
            self.note(which, BookingChange::Declined, outcome);
        } else {
            let outcome = server.bookings.confirm(&coach, booking.id).await;
            self.note(which, BookingChange::Confirmed, outcome);
        }
    }

    fn some_booking(&mut self) -> Option<(usize, Booking)> {
        let shared = self.shared.lock().unwrap();
        (!shared.bookings.is_empty()).then(|| shared.bookings[self.dice.roll(shared.bookings.len())].clone())
    }

    fn note<E: Passing>(&self, which: usize, change: BookingChange, outcome: Result<Booking, E>) {
        let mut shared = self.shared.lock().unwrap();
        match outcome {
            Ok(booking) => {
                shared.told.push((booking.id, change.as_str(), booking.starts_at, booking.sequence));
                shared.bookings.retain(|(_, known)| known.id != booking.id);
                if booking.status.is_live() {
                    shared.bookings.push((which, booking));
                }
            }
            Err(error) => shared.busy += usize::from(error.passing()),
        }
    }
}

async fn practices(db: &TestDb, server: &Server) -> Vec<Practice> {
    let mut practices = Vec::new();
    for name in ["maya", "tom", "zoe"] {
        let coach = db.coach(name).await;
        let direct = server.kind(&coach, |draft| (draft.rules.step_minutes, draft.rules.buffer_after_minutes) = (20, 10)).await;
        let asked = server.kind(&coach, |draft| {
            (draft.rules.duration_minutes, draft.rules.step_minutes, draft.approval_required) = (40, 20, true);
        });
        let kinds = [direct, asked.await];
        let starts = server.starts(&coach, &kinds[0], db.now().plus_minutes(24 * 60), 2).await;
        practices.push(Practice { coach, kinds, starts });
    }
    practices
}

/// `operations` of each of 40 clients over three coaches; then what people were told is what is written down.
async fn any_order_will_do(db: TestDb, servers: Vec<Server>, operations: usize) {
    let practices = Arc::new(practices(&db, &servers[0]).await);
    let (mentee, shared) = (db.mentee("ana").await, Arc::new(Mutex::new(Shared::default())));
    let jobs = (0..CLIENTS).map(|seed| {
        let dice = Dice::new(seed as u64);
        let client = Client { servers: servers.clone(), practices: practices.clone(), mentee, shared: shared.clone(), dice, operations };
        client.run()
    });
    at_once(jobs.collect()).await;
    assert_sound(db.store()).await;
    let shared = std::mem::take(&mut *shared.lock().unwrap());
    assert!(shared.busy < CLIENTS * operations / 2, "most were sent away: {}", shared.busy);
    told_is_written(&db, &shared.told).await;
}

/// Every change somebody was told of has its row.
async fn told_is_written(db: &TestDb, told: &[Told]) {
    for kind in ["booked", "requested", "moved", "cancelled", "confirmed", "declined"] {
        assert!(told.iter().any(|(_, what, ..)| *what == kind), "nobody was told {kind}: the test says nothing");
    }
    let rows = sql("SELECT booking_id, what, starts_at, sequence FROM booking_events").all(db.store()).await.unwrap();
    let mut written: BTreeMap<(BookingId, String, Instant, i64), usize> = BTreeMap::new();
    for row in rows {
        let key = (row.get("booking_id").unwrap(), row.get("what").unwrap(), row.get("starts_at").unwrap(), row.get("sequence").unwrap());
        *written.entry(key).or_default() += 1;
    }
    for (id, what, start, sequence) in told {
        // Asking for what is so already is told yes and changes nothing; by then the booking may have moved.
        let exact = written.get(&(*id, (*what).to_owned(), *start, *sequence)).copied();
        let makes_so = |word: &str| word == *what || (word == "booked" && *what == "confirmed");
        let already = ["confirmed", "cancelled", "declined"].contains(what) && written.keys().any(|key| key.0 == *id && makes_so(&key.1));
        assert!(exact == Some(1) || (exact.is_none() && already), "told but not written: {id:?} {what} {start:?} {sequence}");
    }
}

both_engines! {
    async fn one_server(db: TestDb) {
        let server = Server::of(&db);
        any_order_will_do(db, vec![server], 25).await;
    }

    async fn two_servers(db: TestDb) {
        let servers = vec![Server::of(&db), Server::another(&db).await];
        any_order_will_do(db, servers, 50).await;
    }
}
