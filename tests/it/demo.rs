//! The demo loads on any day of any year, on both engines, and only into an empty database.

use std::sync::Arc;

use wellmet::{
    demo::{self, DemoSignIns},
    model::Instant,
    store::{Store, sql},
    time::{ManualClock, SeededIds, Zone},
};

use crate::support::TestDb;

/// Days on which calendars are at their worst: clock changes on both sides of the equator and in between them, the
/// turn of a year, a leap day, midnight, weekends.
const DAYS: [&str; 14] = [
    "2026-11-20T12:30:00Z",
    "2026-12-31T23:59:59Z",
    "2027-01-01T00:00:00Z",
    "2027-02-28T22:15:00Z",
    "2027-03-14T10:00:00Z",
    "2027-03-28T00:59:30Z",
    "2027-04-03T15:00:00Z",
    "2027-05-17T07:45:12Z",
    "2027-08-08T18:00:00Z",
    "2027-10-31T01:00:00Z",
    "2027-11-07T06:00:00Z",
    "2028-02-29T12:00:00Z",
    "2028-12-24T11:11:11Z",
    "2031-09-07T04:00:00Z",
];

async fn load(store: &Store, now: Instant) -> Option<DemoSignIns> {
    let (clock, ids) = (Arc::new(ManualClock::at(now)), Arc::new(SeededIds::new(1)));
    demo::load(store, clock, ids).await.unwrap_or_else(|error| panic!("{now:?}: {error:?}"))
}

async fn count(store: &Store, text: &'static str, now: Instant) -> i64 {
    let statement = if text.contains("$1") { sql(text).bind(now) } else { sql(text) };
    statement.one(store).await.unwrap().get("n").unwrap()
}

async fn check(store: &Store, now: Instant) {
    let sign_ins = load(store, now).await.expect("an empty database is filled");
    assert_eq!(sign_ins.0.len(), 11);
    assert!(sign_ins.to_string().contains("maya@wellmet.example"));

    let overlaps = "SELECT COUNT(*) AS n FROM claims a JOIN claims b
        ON a.coach_id = b.coach_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at";
    assert_eq!(count(store, overlaps, now).await, 0, "{now:?}: claims overlap");
    let unclaimed = "SELECT COUNT(*) AS n FROM bookings b LEFT JOIN claims c ON c.booking_id = b.id
        WHERE (b.status IN ('pending', 'confirmed')) <> (c.id IS NOT NULL)";
    assert_eq!(count(store, unclaimed, now).await, 0, "{now:?}: live bookings own a claim each, others none");
    let future = "SELECT (SELECT COUNT(*) FROM bookings WHERE created_at > $1 OR updated_at > $1)
        + (SELECT COUNT(*) FROM booking_events WHERE at > $1) + (SELECT COUNT(*) FROM users WHERE created_at > $1) AS n";
    assert_eq!(count(store, future, now).await, 0, "{now:?}: history lies in the past");

    let maya = "SELECT COUNT(*) AS n FROM bookings b JOIN coaches c ON c.user_id = b.coach_id AND c.slug = 'maya-lindqvist' WHERE ";
    for (least, what) in [
        (2, "b.status = 'pending' AND b.answer_by > $1 AND b.starts_at > $1"),
        (3, "b.status = 'confirmed' AND b.starts_at > $1"),
        (2, "b.status = 'confirmed' AND b.ends_at <= $1"),
        (5, "b.status = 'completed'"),
        (1, "b.status = 'no_show'"),
        (1, "b.status = 'declined'"),
        (1, "b.status = 'cancelled'"),
        (1, "b.sequence = 1"),
    ] {
        let found = count(store, format!("{maya}{what}").leak(), now).await;
        assert!(found >= least, "{now:?}: {found} of Maya's bookings are {what}");
    }
    a_clock_changes_within_sight(store, now).await;
    assert_eq!(load(store, now).await, None, "{now:?}: a database with users is left alone");
}

/// The sixth coach can be booked on the date of the next change of the clock there.
async fn a_clock_changes_within_sight(store: &Store, now: Instant) {
    let row = sql("SELECT u.time_zone, MAX(t.horizon_days) AS horizon FROM users u JOIN coaches c ON c.user_id = u.id
        JOIN session_types t ON t.coach_id = u.id WHERE c.slug = 'noor-haddad' GROUP BY u.time_zone");
    let row = row.one(store).await.unwrap();
    let zone = row.parse("time_zone", Zone::parse).unwrap();
    let days: i64 = row.get("horizon").unwrap();
    assert_ne!(zone.transitions(now, now.plus_minutes((days - 1) * 24 * 60)), [], "{now:?}: {zone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    for day in DAYS {
        let db = TestDb::sqlite().await;
        check(db.store(), Instant::parse_rfc3339(day).unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres() {
    if let Some(db) = TestDb::postgres().await {
        check(db.store(), Instant::parse_rfc3339(DAYS[0]).unwrap()).await;
    }
}
