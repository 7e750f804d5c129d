//! Finding coaches by real free time, on both engines.

use std::time::Duration;

use wellmet::{
    accounts::CoachActor,
    bookings::{BookRequest, Bookings, FOUND_AHEAD_DAYS, FreeQuery, HoldRequest},
    coaches::{Coaches, DirectoryQuery, Offers, OverrideDraft},
    limits::{LimitSettings, Limits},
    model::{Instant, SessionTypeDraft, SessionTypeId},
    time::{Interval, Secret, Zone},
};

use crate::support::{TestDb, both_engines};

/// Services of one server.
fn server(db: &TestDb) -> (Bookings, Coaches) {
    let offers = Offers::new(db.store().clone());
    let coaches = Coaches::new(db.deps(), offers.clone());
    (Bookings::new(db.deps(), offers, Limits::new(db.deps(), LimitSettings::NONE)), coaches)
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).expect("an instant")
}

/// Tuesday 3 November in Berlin, where coaches work from nine to five.
fn tuesday() -> Interval {
    Interval { start: at("2026-11-02T23:00:00Z"), end: at("2026-11-03T23:00:00Z") }
}

fn asked(within: Option<Interval>, limit: u32) -> FreeQuery {
    FreeQuery { find: DirectoryQuery { limit, ..DirectoryQuery::default() }, within }
}

/// The first free time of the only coach.
async fn first((bookings, coaches): &(Bookings, Coaches), within: Option<Interval>) -> Option<(Instant, String)> {
    let page = bookings.find_free(coaches, &asked(within, 20)).await.expect("a page");
    page.coaches.into_iter().next().and_then(|coach| coach.next).map(|free| (free.slot.start, free.kind))
}

async fn hold(bookings: &Bookings, coach: CoachActor, kind: SessionTypeId, start: &str) -> Secret {
    let request = HoldRequest { coach: coach.id(), session_type: kind, start: at(start), zone: Zone::utc(), from: None };
    bookings.hold(request, None).await.expect("the time is free").0
}

both_engines! {
    async fn what_is_taken_is_seen_at_once(db: TestDb) {
        let server = server(&db);
        let coach = db.coach("ada").await;
        let kind = server.1.session_types(&coach).await.unwrap()[0].id;
        assert_eq!(first(&server, None).await.unwrap().0, at("2026-11-03T08:00:00Z"));
        hold(&server.0, coach, kind, "2026-11-03T08:00:00Z").await;
        assert_eq!(first(&server, None).await.unwrap().0, at("2026-11-03T09:00:00Z"));
        db.clock().advance(Duration::from_mins(11));
        assert_eq!(first(&server, None).await.unwrap().0, at("2026-11-03T08:00:00Z"), "the hold is over");
        let closed = OverrideDraft { date: "2026-11-03".to_owned(), windows: vec![] };
        server.1.set_override(&coach, closed).await.unwrap();
        assert_eq!(first(&server, None).await.unwrap().0, at("2026-11-04T08:00:00Z"));
        assert_eq!(first(&server, Some(tuesday())).await, None);
    }

    async fn the_earliest_of_all_types_counts_and_caps_hold(db: TestDb) {
        let server = server(&db);
        // The coach comes a moment earlier: of two types that are free at the same time the older one is named, by ids that tell age.
        let monday = db.now();
        db.clock().set(monday.plus_minutes(-1));
        let coach = db.coach("ada").await;
        db.clock().set(monday);
        let mut draft = SessionTypeDraft::first();
        draft.name = "Quick call".to_owned();
        draft.rules.notice_minutes = 0;
        draft.rules.daily_cap = Some(1);
        let quick = server.1.create_session_type(&coach, draft).await.unwrap();
        // It is nine in Berlin on Monday: the quick call has no notice.
        assert_eq!(first(&server, None).await.unwrap(), (at("2026-11-02T08:00:00Z"), "quick-call".to_owned()));
        let mentee = db.mentee("mo").await;
        let secret = hold(&server.0, coach, quick.id, "2026-11-02T15:00:00Z").await;
        server.0.book(&mentee, &secret, BookRequest::default()).await.expect("it is booked");
        assert_eq!(first(&server, None).await.unwrap(), (at("2026-11-03T08:00:00Z"), "coaching-session".to_owned()));
    }

    async fn pages_fill_up_with_those_who_are_free(db: TestDb) {
        let (bookings, coaches) = server(&db);
        let mut free = Vec::new();
        for n in 0..70 {
            let coach = db.coach(&format!("coach-{n:02}")).await;
            if n % 10 == 5 {
                free.push(coach.id());
            } else {
                let closed = OverrideDraft { date: "2026-11-03".to_owned(), windows: vec![] };
                coaches.set_override(&coach, closed).await.unwrap();
            }
        }
        let mut query = asked(Some(tuesday()), 3);
        let mut found = Vec::new();
        for expected in [3, 3, 1] {
            let page = bookings.find_free(&coaches, &query).await.expect("a page");
            assert_eq!((page.coaches.len(), page.total), (expected, 70));
            assert!(page.coaches.iter().all(|coach| coach.next.as_ref().is_some_and(|free| tuesday().contains(free.slot))));
            found.extend(page.coaches.iter().map(|coach| coach.card.id));
            query.find.after = page.next;
        }
        assert_eq!((found, query.find.after), (free, None));
        let everyone = bookings.find_free(&coaches, &asked(None, 100)).await.expect("a page");
        assert!(everyone.coaches.len() == 70 && everyone.coaches.iter().all(|coach| coach.next.is_some()));
    }

    async fn one_request_looks_at_so_many_and_the_next_goes_on(db: TestDb) {
        let (bookings, coaches) = server(&db);
        for n in 0..201 {
            db.coach(&format!("coach-{n:03}")).await;
        }
        let sunday = Interval { start: at("2026-11-07T23:00:00Z"), end: at("2026-11-08T23:00:00Z") };
        let mut query = asked(Some(sunday), 20);
        let page = bookings.find_free(&coaches, &query).await.expect("a page");
        assert!(page.coaches.is_empty() && page.next.is_some());
        query.find.after = page.next;
        let page = bookings.find_free(&coaches, &query).await.expect("a page");
        assert!(page.coaches.is_empty() && page.next.is_none());
    }

    async fn nothing_free_is_no_reason_to_be_left_out(db: TestDb) {
        let server = server(&db);
        let coach = db.coach("ada").await;
        server.1.set_weekly(&coach, wellmet::coaches::WeeklyHoursDraft::default()).await.unwrap();
        assert_eq!(server.0.find_free(&server.1, &asked(None, 20)).await.unwrap().coaches.len(), 1);
        assert_eq!(first(&server, None).await, None);
        let ahead = Interval { start: db.now(), end: db.now().plus_minutes(FOUND_AHEAD_DAYS * 24 * 60) };
        assert!(server.0.find_free(&server.1, &asked(Some(ahead), 20)).await.unwrap().coaches.is_empty());
    }
}
