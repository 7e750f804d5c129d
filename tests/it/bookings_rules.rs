//! Rule 2: a crafted request can book nothing that the page would not offer, and stores nothing.

use wellmet::{
    accounts::{CoachActor, MenteeActor},
    availability::{Refusal, TakenKind},
    bookings::{BookError, BookRequest, Booking, HoldError, RescheduleError, Unavailable},
    coaches::{OverrideDraft, SessionType, WindowDraft},
    model::{Instant, Role},
};

use crate::{
    bookings_world::{MILLI, Server, at, at_once, wish},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

/// Rows of everything that a booking writes.
const ROWS: &str = "SELECT (SELECT COUNT(*) FROM bookings) + (SELECT COUNT(*) FROM claims) + (SELECT COUNT(*) FROM holds)
    + (SELECT COUNT(*) FROM booking_events) + (SELECT CAST(SUM(claims_revision) AS BIGINT) FROM coaches) AS n";

async fn close(server: &Server, coach: &CoachActor, date: &str) {
    let draft = OverrideDraft { date: date.to_owned(), windows: Vec::new() };
    server.coaches.set_override(coach, draft).await.unwrap();
}

/// Somebody with a booking who asks for more.
struct Asker<'a> {
    db: &'a TestDb,
    server: &'a Server,
    coach: CoachActor,
    mentee: MenteeActor,
    kind: &'a SessionType,
    booking: Booking,
}

impl Asker<'_> {
    /// Holding, booking by another hold's leave, and moving to `start` are all refused for `refusal`, and nothing is
    /// stored.
    async fn is_refused(&self, start: Instant, refusal: Refusal) {
        let Self { db, server, coach, mentee, kind, booking } = self;
        let (secret, _) = server.hold(coach, kind, at("2026-11-12T14:00:00Z")).await.expect("a free time");
        let before = db.count(ROWS).await;
        let held = server.hold(coach, kind, start).await;
        assert!(matches!(&held, Err(HoldError::Unavailable(why)) if why.refusal == refusal), "{start:?}: {held:?}");
        let request = BookRequest { start: Some(start), ..BookRequest::default() };
        let booked = server.bookings.book(mentee, &secret, request).await;
        assert!(matches!(&booked, Err(BookError::Unavailable(why)) if why.refusal == refusal), "{start:?}: {booked:?}");
        let moved = server.bookings.reschedule(*mentee, booking.id, start, "").await;
        assert!(matches!(&moved, Err(RescheduleError::Unavailable(why)) if why.refusal == refusal), "{start:?}: {moved:?}");
        assert_eq!(db.count(ROWS).await, before, "{start:?}");
        server.bookings.release(&secret).await.unwrap();
    }
}

both_engines! {
    async fn what_is_not_on_offer_cannot_be_had(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| {
            (draft.rules.notice_minutes, draft.rules.horizon_days, draft.rules.duration_minutes) = (24 * 60, 14, 90);
        }).await;
        close(&server, &coach, "2026-11-11").await;
        let booking = server.book(&mentee, &coach, &kind, at("2026-11-10T10:00:00Z")).await;
        let other = server.kind(&coach, |draft| draft.rules.step_minutes = 30).await;
        server.book(&mentee, &coach, &other, at("2026-11-10T13:00:00Z")).await;
        let (now, earliest) = (db.now(), at("2026-11-03T08:00:00Z"));
        let latest = now.plus_minutes(14 * 24 * 60);
        let taken = Refusal::Taken(TakenKind::Booking);
        let cases = [
            (now - MILLI, Refusal::Past),
            (Instant::from_millis(i64::MIN), Refusal::Past),
            (at("2026-10-05T10:00:00Z"), Refusal::Past),
            (now, Refusal::InsideNotice { earliest }),
            (earliest - MILLI, Refusal::InsideNotice { earliest }),
            (latest + MILLI, Refusal::BeyondHorizon { latest }),
            (Instant::from_millis(i64::MAX), Refusal::BeyondHorizon { latest }),
            (at("2026-11-11T10:00:00Z"), Refusal::ClosedByOverride),
            (at("2026-11-07T10:00:00Z"), Refusal::NoHoursThatDay),
            (at("2026-11-04T02:00:00Z"), Refusal::OutsideHours),
            (at("2026-11-04T16:00:00Z"), Refusal::OutsideHours),
            (at("2026-11-04T15:00:00Z"), Refusal::DoesNotFit),
            (at("2026-11-04T10:30:00Z"), Refusal::OffStep),
            (at("2026-11-04T10:00:00Z") + MILLI, Refusal::OffStep),
            (at("2026-11-10T13:00:00Z"), taken),
            (at("2026-11-10T12:00:00Z"), taken),
        ];
        let asker = Asker { db: &db, server: &server, coach, mentee, kind: &kind, booking };
        for (start, refusal) in cases {
            asker.is_refused(start, refusal).await;
        }
        assert_sound(db.store()).await;
    }

    async fn a_gap_in_the_night_has_no_slots(db: TestDb) {
        // New York, 14 March 2027: 02:00 to 03:00 does not exist.
        let (identity, _) = db.person("nora", Role::Coach, "America/New_York").await;
        let (server, coach) = (Server::of(&db), identity.coach().unwrap());
        let kind = server.kind(&coach, |draft| (draft.rules.horizon_days, draft.rules.step_minutes) = (200, 30)).await;
        let windows = vec![WindowDraft { from: "02:00".to_owned(), until: "03:00".to_owned() }];
        let draft = OverrideDraft { date: "2027-03-14".to_owned(), windows };
        server.coaches.set_override(&coach, draft).await.unwrap();
        let before = db.count(ROWS).await;
        for start in ["06:30", "07:00", "07:30", "08:00"] {
            let held = server.hold(&coach, &kind, at(&format!("2027-03-14T{start}:00Z"))).await;
            assert!(matches!(&held, Err(HoldError::Unavailable(why)) if why.refusal == Refusal::OutsideHours), "{start}: {held:?}");
        }
        assert_eq!(db.count(ROWS).await, before);
    }

    async fn types_are_their_coachs(db: TestDb) {
        let (server, coach, other) = (Server::of(&db), db.coach("maya").await, db.coach("tom").await);
        let (theirs, mut unknown) = (server.kind(&other, |_| ()).await, server.kind(&coach, |_| ()).await);
        unknown.id = db.ids().id(db.now());
        let (start, before) = (at("2026-11-03T10:00:00Z"), db.count(ROWS).await);
        for kind in [&theirs, &unknown] {
            assert!(matches!(server.hold(&coach, kind, start).await, Err(HoldError::NotFound)));
        }
        let mut nobody = wish(&other, &theirs, start);
        nobody.coach = db.ids().id(db.now());
        assert!(matches!(server.bookings.hold(nobody, None).await, Err(HoldError::NotFound)));
        assert_eq!(db.count(ROWS).await, before);
    }

    async fn caps_hold_under_concurrency(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let daily = server.kind(&coach, |draft| {
            (draft.rules.duration_minutes, draft.rules.step_minutes, draft.rules.daily_cap) = (20, 20, Some(1));
        }).await;
        let weekly = server.kind(&coach, |draft| {
            (draft.rules.duration_minutes, draft.rules.step_minutes, draft.rules.weekly_cap) = (20, 100, Some(3));
        }).await;
        let day = server.starts(&coach, &daily, at("2026-11-03T00:00:00Z"), 1).await;
        let week = server.starts(&coach, &weekly, at("2026-11-09T00:00:00Z"), 7).await;
        for (kind, starts, cap, refusal) in [(&daily, day, 1, Refusal::DailyCap), (&weekly, week, 3, Refusal::WeeklyCap)] {
            let mut secrets = Vec::new();
            for start in starts.into_iter().take(20) {
                secrets.push(server.hold(&coach, kind, start).await.unwrap().0);
            }
            assert_eq!(secrets.len(), 20);
            let jobs = secrets.into_iter().map(|secret| {
                let server = server.clone();
                async move { server.bookings.book(&mentee, &secret, BookRequest::default()).await }
            });
            let (booked, lost): (Vec<_>, Vec<_>) = at_once(jobs.collect()).await.into_iter().partition(Result::is_ok);
            assert_eq!(booked.len(), cap);
            for lost in lost {
                assert!(matches!(&lost, Err(BookError::Unavailable(Unavailable { refusal: why, .. })) if *why == refusal), "{lost:?}");
            }
        }
        assert_sound(db.store()).await;
    }

    async fn a_cap_counts_a_moved_booking_where_it_is(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| draft.rules.daily_cap = Some(1)).await;
        let tuesday = server.book(&mentee, &coach, &kind, at("2026-11-03T10:00:00Z")).await;
        // Its own place on the day does not stand in its way; another's does, for the mentee.
        server.bookings.reschedule(mentee, tuesday.id, at("2026-11-03T12:00:00Z"), "").await.unwrap();
        let wednesday = server.book(&mentee, &coach, &kind, at("2026-11-04T10:00:00Z")).await;
        let moved = server.bookings.reschedule(mentee, tuesday.id, at("2026-11-04T12:00:00Z"), "").await;
        assert!(matches!(moved, Err(RescheduleError::Unavailable(ref why)) if why.refusal == Refusal::DailyCap));
        server.bookings.reschedule(coach, tuesday.id, at("2026-11-04T12:00:00Z"), "as agreed").await.unwrap();
        assert!(server.starts(&coach, &kind, at("2026-11-04T00:00:00Z"), 1).await.is_empty());
        server.bookings.cancel(mentee, wednesday.id, "").await.unwrap();
        assert!(server.starts(&coach, &kind, at("2026-11-04T00:00:00Z"), 1).await.is_empty());
        assert!(!server.starts(&coach, &kind, at("2026-11-03T00:00:00Z"), 1).await.is_empty());
        assert_sound(db.store()).await;
    }
}
