//! The database goes away in the middle of bookings: what was acknowledged is there, nothing is half-written, and the
//! next request after its return works. A visitor who goes away in the middle harms nobody either.

use std::{collections::BTreeMap, time::Duration};

use tokio::{task::JoinSet, time::sleep};
use wellmet::{
    accounts::{CoachActor, MenteeActor},
    bookings::{BookError, BookRequest},
    coaches::SessionType,
    model::{BookingId, BookingStatus, Instant},
    store::{Store, sql},
    time::Secret,
};

use crate::{
    bookings_world::{Passing, Server, at},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

/// A coach with many short sessions, and forms for each that are ready to be sent.
struct Desk {
    coach: CoachActor,
    mentee: MenteeActor,
    kind: SessionType,
    forms: Vec<(Instant, Secret)>,
}

async fn desk(db: &TestDb, forms: usize) -> Desk {
    let (server, coach, mentee) = (Server::of(db), db.coach("maya").await, db.mentee("ana").await);
    let kind = server.kind(&coach, |draft| (draft.rules.duration_minutes, draft.rules.step_minutes) = (10, 10)).await;
    let mut ready = Vec::new();
    for start in server.starts(&coach, &kind, at("2026-11-03T00:00:00Z"), 7).await.into_iter().take(forms) {
        ready.push((start, server.hold(&coach, &kind, start).await.unwrap().0));
    }
    assert_eq!(ready.len(), forms);
    Desk { coach, mentee, kind, forms: ready }
}

/// Every acknowledged booking is stored, live, where it was acknowledged; nothing else is.
async fn only_what_was_told(db: &Store, told: &BTreeMap<BookingId, Instant>) {
    let rows = sql("SELECT id, starts_at FROM bookings WHERE status = 'confirmed'").all(db).await.unwrap();
    let stored: BTreeMap<BookingId, Instant> = rows.iter().map(|row| (row.get("id").unwrap(), row.get("starts_at").unwrap())).collect();
    assert_eq!(stored, *told);
    assert_sound(db).await;
}

/// Sends the form until it gets an answer; how often that took.
async fn insist(server: &Server, mentee: &MenteeActor, secret: &Secret) -> (BookingId, Instant, usize) {
    for tries in 1..200 {
        match server.bookings.book(mentee, secret, BookRequest::default()).await {
            Ok(booking) => return (booking.id, booking.starts_at, tries),
            Err(error) => assert!(error.passing(), "an outage is said to be one: {error:?}"),
        }
        sleep(Duration::from_millis(25)).await;
    }
    panic!("the service never came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_ends_every_connection_again_and_again() {
    let Some(db) = TestDb::postgres().await else { return };
    let desk = desk(&db, 60).await;
    let (server, killer) = (Server::of(&db), db.second_server().await);
    let killing = tokio::spawn(async move {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let mut ended = 0;
        for _ in 0..12 {
            // Its own pool may have a connection beside the one that ends the others.
            ended += sql(others).all(&killer).await.map_or(0, |rows| rows.len());
            sleep(Duration::from_millis(10)).await;
        }
        ended
    });
    let mut clients = JoinSet::new();
    for forms in desk.forms.chunks(15) {
        let (server, forms, mentee) = (server.clone(), forms.to_vec(), desk.mentee);
        clients.spawn(async move {
            let mut told = Vec::new();
            for (start, secret) in forms {
                let (id, booked, tries) = insist(&server, &mentee, &secret).await;
                assert_eq!(booked, start);
                told.push((id, booked, tries));
            }
            told
        });
    }
    let told: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
    assert!(killing.await.unwrap() > 4);
    assert!(told.iter().any(|(_, _, tries)| *tries > 1), "nobody noticed: the test says nothing");
    only_what_was_told(db.store(), &told.into_iter().map(|(id, start, _)| (id, start)).collect()).await;
}

both_engines! {
    async fn the_pool_closes_in_the_middle(db: TestDb) {
        let desk = desk(&db, 40).await;
        let store = db.second_server().await;
        let server = Server::on(db.deps_on(store.clone()), wellmet::limits::LimitSettings::NONE);
        let mut clients = JoinSet::new();
        for forms in desk.forms.chunks(10) {
            let (server, forms, mentee) = (server.clone(), forms.to_vec(), desk.mentee);
            clients.spawn(async move {
                let mut told = BTreeMap::new();
                for (start, secret) in forms {
                    match server.bookings.book(&mentee, &secret, BookRequest::default()).await {
                        Ok(booking) => drop(told.insert(booking.id, booking.starts_at)),
                        Err(error) => assert!(error.passing(), "{start:?}: {error:?}"),
                    }
                }
                told
            });
        }
        sleep(Duration::from_millis(20)).await;
        store.close().await;
        let mut told: BTreeMap<BookingId, Instant> = clients.join_all().await.into_iter().flatten().collect();
        only_what_was_told(db.store(), &told).await;
        // Another server takes the forms that were not answered, and those that were.
        let server = Server::of(&db);
        for (start, secret) in &desk.forms {
            let (id, booked, _) = insist(&server, &desk.mentee, secret).await;
            assert_eq!(booked, *start);
            told.insert(id, booked);
        }
        assert_eq!(told.len(), 40, "the same booking again for who had one");
        only_what_was_told(db.store(), &told).await;
    }

    async fn visitors_go_away_in_the_middle(db: TestDb) {
        let desk = desk(&db, 60).await;
        let server = Server::of(&db);
        for (place, (start, secret)) in desk.forms.iter().enumerate() {
            let (one, form, mentee) = (server.clone(), secret.clone(), desk.mentee);
            let leaving = tokio::spawn(async move { one.bookings.book(&mentee, &form, BookRequest::default()).await.map(drop) });
            sleep(Duration::from_micros(60 * place as u64)).await;
            leaving.abort();
            let _ = leaving.await;
            if place % 3 == 0 {
                let (_, booked, tries) = insist(&server, &desk.mentee, secret).await;
                assert_eq!((booked, tries), (*start, 1), "the next one is served at once");
            }
        }
        assert_sound(db.store()).await;
        let booked = db.count("SELECT COUNT(*) AS n FROM bookings").await;
        assert!((20..=60).contains(&booked));
    }

    async fn a_change_that_fails_half_way_leaves_nothing(db: TestDb) {
        let desk = desk(&db, 2).await;
        let server = Server::of(&db);
        let booking = server.bookings.book(&desk.mentee, &desk.forms[0].1, BookRequest::default()).await.unwrap();
        let before = server.bookings.booking(desk.coach, booking.id).await.unwrap();
        // The last table that every change writes, gone.
        db.run("ALTER TABLE booking_events RENAME TO booking_events_away").await;
        let (secret, later) = (&desk.forms[1].1, booking.starts_at.plus_minutes(60));
        let refused = server.bookings.book(&desk.mentee, secret, BookRequest::default()).await;
        assert!(matches!(&refused, Err(BookError::Internal(error)) if !error.unavailable), "{refused:?}");
        assert!(server.bookings.reschedule(desk.mentee, booking.id, later, "").await.is_err());
        assert!(server.bookings.cancel(desk.mentee, booking.id, "").await.is_err());
        db.run("ALTER TABLE booking_events_away RENAME TO booking_events").await;
        assert_sound(db.store()).await;
        assert_eq!(server.bookings.booking(desk.coach, booking.id).await.unwrap(), before);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 1);
        // The caches believe nothing of what did not happen.
        let starts = server.starts(&desk.coach, &desk.kind, at("2026-11-03T00:00:00Z"), 1).await;
        assert!(!starts.contains(&booking.starts_at) && !starts.contains(&desk.forms[1].0) && starts.contains(&later));
        server.bookings.book(&desk.mentee, secret, BookRequest::default()).await.unwrap();
        assert_eq!(server.bookings.cancel(desk.mentee, booking.id, "").await.unwrap().status, BookingStatus::Cancelled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_is_full_in_the_middle() {
    let db = TestDb::sqlite().await;
    let desk = desk(&db, 60).await;
    let small = db.second_server().await;
    let mut tx = small.begin().await.unwrap();
    sql("PRAGMA max_page_count = 1").all(&mut tx).await.unwrap();
    drop(tx);
    let server = Server::on(db.deps_on(small), wellmet::limits::LimitSettings::NONE);
    let (mut told, mut refused) = (BTreeMap::new(), 0);
    for (_, secret) in &desk.forms {
        let request = BookRequest { notes: "long ".repeat(400), ..BookRequest::default() };
        match server.bookings.book(&desk.mentee, secret, request).await {
            Ok(booking) => drop(told.insert(booking.id, booking.starts_at)),
            Err(error) => {
                assert!(error.passing(), "{error:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "it never was full");
    only_what_was_told(db.store(), &told).await;
}
