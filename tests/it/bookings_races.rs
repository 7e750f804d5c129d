//! Many clients at once: exactly one gets a time, and who was told yes is stored. On one server and on two.

use std::{collections::BTreeSet, pin::Pin, time::Duration};

use wellmet::{
    accounts::MenteeActor,
    bookings::{BookError, BookRequest, Booking},
    coaches::SessionType,
    model::{BookingId, Instant},
    store::sql,
};

use crate::{
    bookings_world::{Passing, Server, at, at_once},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

/// One of two things that are done at once; an error in words.
type Job = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What became of many clients.
struct Tally {
    booked: Vec<Booking>,
    /// Told that the time is not to be had.
    refused: usize,
    /// Told to try again.
    busy: usize,
}

impl Tally {
    fn of(outcomes: Vec<Result<Booking, BookError>>) -> Self {
        let mut tally = Self { booked: Vec::new(), refused: 0, busy: 0 };
        for outcome in outcomes {
            match outcome {
                Ok(booking) => tally.booked.push(booking),
                Err(BookError::Unavailable(why)) => {
                    assert!(!why.alternatives.is_empty(), "the others get alternatives: {why:?}");
                    tally.refused += 1;
                }
                Err(error) if error.passing() => tally.busy += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        tally
    }

    /// Everyone who was told yes is stored as told, nobody else is, and few were sent away.
    async fn is_stored(&self, db: &TestDb) {
        let rows = sql("SELECT id, starts_at FROM bookings").all(db.store()).await.unwrap();
        let stored: BTreeSet<(BookingId, Instant)> =
            rows.iter().map(|row| (row.get("id").unwrap(), row.get("starts_at").unwrap())).collect();
        let told: BTreeSet<_> = self.booked.iter().map(|booking| (booking.id, booking.starts_at)).collect();
        assert_eq!(stored, told);
        assert!(self.busy * 2 < self.booked.len() + self.refused + self.busy, "most were sent away: {}", self.busy);
        assert_sound(db.store()).await;
    }
}

async fn mentees(db: &TestDb) -> Vec<MenteeActor> {
    let mut all = Vec::new();
    for name in ["ana", "ben", "cho", "dee", "eli"] {
        all.push(db.mentee(name).await);
    }
    all
}

/// 500 clients come for one slot: a hundred with a hold that ended, the others by holding first.
async fn five_hundred_on_one_slot(db: TestDb, servers: Vec<Server>) {
    let (coach, mentees, start) = (db.coach("maya").await, mentees(&db).await, at("2026-11-03T10:00:00Z"));
    let kind = servers[0].kind(&coach, |draft| draft.rules.buffer_before_minutes = 15).await;
    let mut tickets = Vec::new();
    for client in 0..500 {
        tickets.push(if client % 5 == 0 { Some(servers[0].ticket(&coach, &kind, start).await) } else { None });
    }
    let jobs = tickets.into_iter().enumerate().map(|(client, ticket)| {
        let (server, mentee, kind) = (servers[client / 5 % servers.len()].clone(), mentees[client / 7 % mentees.len()], kind.clone());
        async move {
            match ticket {
                Some(secret) => server.bookings.book(&mentee, &secret, BookRequest::default()).await,
                None => server.try_book(&mentee, &coach, &kind, start).await,
            }
        }
    });
    let mut tally = Tally::of(at_once(jobs.collect()).await);
    if tally.booked.is_empty() {
        // A hold won, and the form after it was sent away: the slot is free again when the hold has ended.
        assert!(tally.busy > 0, "nobody won and nobody was sent away");
        db.clock().advance(Duration::from_mins(10));
        tally.booked.push(servers[0].book(&mentees[0], &coach, &kind, start).await);
    }
    assert_eq!(tally.booked.len(), 1, "exactly one");
    tally.is_stored(&db).await;
}

/// 200 clients come for one day of a coach: four session types of different lengths, steps and buffers.
async fn two_hundred_on_overlapping_slots(db: TestDb, servers: Vec<Server>) {
    let (coach, mentees) = (db.coach("maya").await, mentees(&db).await);
    let mut kinds: Vec<SessionType> = Vec::new();
    for (minutes, step, before, after) in [(30, 15, 0, 0), (45, 5, 10, 5), (60, 20, 0, 15), (90, 30, 30, 0)] {
        let rules = |draft: &mut wellmet::model::SessionTypeDraft| {
            let rules = &mut draft.rules;
            (rules.duration_minutes, rules.step_minutes) = (minutes, step);
            (rules.buffer_before_minutes, rules.buffer_after_minutes) = (before, after);
        };
        kinds.push(servers[0].kind(&coach, rules).await);
    }
    let mut wanted = Vec::new();
    for kind in &kinds {
        for start in servers[0].starts(&coach, kind, at("2026-11-03T00:00:00Z"), 1).await {
            wanted.push((kind.clone(), start));
        }
    }
    let jobs = (0..200).map(|client| {
        let (kind, start) = wanted[client * 37 % wanted.len()].clone();
        let (server, mentee) = (servers[client % servers.len()].clone(), mentees[client % mentees.len()]);
        async move { server.try_book(&mentee, &coach, &kind, start).await }
    });
    let tally = Tally::of(at_once(jobs.collect()).await);
    assert!(tally.booked.len() >= 4, "a day has room for more than {}", tally.booked.len());
    tally.is_stored(&db).await;
}

/// The same form sent twenty times at once books once, and all hear of the same booking.
async fn a_form_sent_twenty_times(db: TestDb, servers: Vec<Server>) {
    let (coach, mentee) = (db.coach("maya").await, db.mentee("ana").await);
    let kind = servers[0].kind(&coach, |_| ()).await;
    let (secret, _) = servers[0].hold(&coach, &kind, at("2026-11-03T10:00:00Z")).await.unwrap();
    let jobs = (0..20).map(|client| {
        let (server, secret) = (servers[client % servers.len()].clone(), secret.clone());
        async move { server.bookings.book(&mentee, &secret, BookRequest::default()).await }
    });
    let told: Vec<Booking> = at_once(jobs.collect()).await.into_iter().map(|outcome| outcome.expect("the booking")).collect();
    assert!(told.iter().all(|booking| *booking == told[0]));
    assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 1);
    assert_sound(db.store()).await;
}

/// A form is sent while its hold is let go of: it books or it is told no, and nobody waits for ever.
async fn letting_go_while_booking(db: TestDb, servers: Vec<Server>) {
    let (coach, mentee) = (db.coach("maya").await, db.mentee("ana").await);
    let kind = servers[0].kind(&coach, |draft| (draft.rules.duration_minutes, draft.rules.step_minutes) = (10, 10)).await;
    let starts = servers[0].starts(&coach, &kind, db.now(), 2).await;
    let mut jobs: Vec<Job> = Vec::new();
    for (client, start) in starts.iter().take(40).enumerate() {
        let (secret, _) = servers[0].hold(&coach, &kind, *start).await.unwrap();
        let (one, other) = (servers[client % servers.len()].clone(), servers[(client + 1) % servers.len()].clone());
        let again = secret.clone();
        jobs.push(Box::pin(async move {
            let booked = one.bookings.book(&mentee, &secret, BookRequest::default()).await;
            booked.map(drop).map_err(|error| format!("{error:?}"))
        }));
        jobs.push(Box::pin(async move { other.bookings.release(&again).await.map_err(|error| format!("{error:?}")) }));
    }
    for outcome in at_once(jobs).await {
        assert_eq!(outcome, Ok(()), "nobody else wants these times");
    }
    assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 40);
    assert_sound(db.store()).await;
}

macro_rules! on_one_server_and_on_two {
    ($($race:ident),*) => {$(
        mod $race {
            use super::*;

            both_engines! {
                async fn one_server(db: TestDb) {
                    let server = Server::of(&db);
                    super::super::$race(db, vec![server]).await;
                }

                async fn two_servers(db: TestDb) {
                    let servers = vec![Server::of(&db), Server::another(&db).await];
                    super::super::$race(db, servers).await;
                }
            }
        }
    )*};
}

on_one_server_and_on_two!(five_hundred_on_one_slot, two_hundred_on_overlapping_slots, a_form_sent_twenty_times, letting_go_while_booking);
