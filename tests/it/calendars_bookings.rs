//! What calendars do to what is offered, held and booked.

use std::time::Duration;

use wellmet::{
    accounts::CoachActor,
    availability::{Refusal, TakenKind},
    bookings::{BookError, BookRequest, FreeQuery, HoldError, RescheduleError, SlotQuery, Unavailable},
    coaches::{DirectoryQuery, SessionType},
    integrations::{outcome::CallError, standing::Standing},
    model::{BookingStatus, Instant, SessionTypeDraft},
    store::sql,
    time::Interval,
};

use crate::{
    bookings_world::{Server, at},
    calendars_fake::Say,
    calendars_world::{Desk, MINUTE, busy},
    support::{TestDb, both_engines},
};

const TUESDAY: &str = "2026-11-03T10:00:00Z";

/// A coach's calendar "work", which is read, a server that asks it when something is booked, and a session type.
async fn world(db: &TestDb) -> (Desk<'_>, Server, SessionType) {
    let desk = Desk::new(db, &["work"]).await;
    let server = Server::of(db);
    let server = Server { bookings: server.bookings.clone().with_calendars(desk.sync.clone()), ..server };
    let kind = server.kind(&desk.coach, |_| {}).await;
    desk.reads_well().await;
    (desk, server, kind)
}

async fn policy(db: &TestDb, policy: &'static str) {
    let mut tx = db.store().begin().await.expect("a transaction");
    sql("UPDATE coaches SET unknown_policy = $1, unknown_keep_minutes = 60").bind(policy).run(&mut tx).await.expect("a policy");
    tx.commit().await.expect("a commit");
}

async fn judged(server: &Server, coach: &CoachActor, kind: &SessionType, start: Instant) -> Result<Interval, Refusal> {
    let offer = server.offers.by_id(coach.id()).await.expect("an answer").expect("a coach");
    server.bookings.slots().judge(&SlotQuery::booking(&offer, kind), start).await.expect("an answer")
}

/// The refusal of a booking or a hold that was not to be had.
fn refusal<T>(refused: Result<T, BookError>) -> Refusal {
    match refused {
        Err(BookError::Unavailable(Unavailable { refusal, .. })) => refusal,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it is booked"),
    }
}

both_engines! {
    /// What became busy is not on the page at the next load, and cannot be held; what became free is.
    async fn what_is_busy_is_not_offered(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        assert!(server.offers_start(&desk.coach, &kind, at(TUESDAY)).await);
        let offered = server.starts(&desk.coach, &kind, at("2026-11-03T00:00:00Z"), 1).await.len();
        desk.fake.set_busy("work", &[Interval::of_minutes(at(TUESDAY).plus_minutes(30), 45)]);
        desk.reads_well().await;
        assert_eq!(server.starts(&desk.coach, &kind, at("2026-11-03T00:00:00Z"), 1).await.len(), offered - 2);
        for minutes in [0, 60] {
            let start = at(TUESDAY).plus_minutes(minutes);
            assert_eq!(judged(&server, &desk.coach, &kind, start).await, Err(Refusal::Taken(TakenKind::Busy)));
            let held = server.hold(&desk.coach, &kind, start).await;
            let Err(HoldError::Unavailable(Unavailable { refusal, alternatives })) = held else { panic!("it is held") };
            assert_eq!(refusal, Refusal::Taken(TakenKind::Busy));
            assert!(!alternatives.is_empty() && !alternatives.iter().any(|slot| slot.start == at(TUESDAY)));
        }
        desk.fake.set_busy("work", &[]);
        desk.reads_well().await;
        assert!(server.offers_start(&desk.coach, &kind, at(TUESDAY)).await);
    }

    /// Whoever fills in a form while the calendar is being asked does not wait for it a second time.
    async fn a_silent_calendar_is_waited_for_once(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        policy(&db, "keep").await;
        db.clock().advance(MINUTE * 2);
        desk.fake.world().always = Some(Say::Hang);
        let mut took = Vec::new();
        for hour in [0, 2, 4] {
            let (secret, _) = server.hold(&desk.coach, &kind, at(TUESDAY).plus_minutes(hour * 60)).await.unwrap();
            server.bookings.freshen_soon(desk.coach.id());
            while desk.fake.calls() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            db.clock().advance(Duration::from_secs(10));
            let begun = tokio::time::Instant::now();
            server.bookings.book(&db.mentee(&format!("mia{hour}")).await, &secret, BookRequest::default()).await.unwrap();
            took.push(begun.elapsed());
        }
        assert!(took.iter().all(|took| *took < Duration::from_secs(1)), "{took:?}");
        assert_eq!(desk.fake.calls(), 2, "asked once after the first read");
    }

    /// Looking asks no provider, however old the data is.
    async fn looking_asks_nobody(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        let calls = desk.fake.calls();
        for _ in 0..3 {
            db.clock().advance(20 * MINUTE);
            server.starts(&desk.coach, &kind, at(TUESDAY), 30).await;
            judged(&server, &desk.coach, &kind, at(TUESDAY)).await.ok();
            server.hold(&desk.coach, &kind, at(TUESDAY)).await.expect("kept for a day");
            server.bookings.find_free(&server.coaches, &FreeQuery::default()).await.expect("a page");
        }
        assert_eq!(desk.fake.calls(), calls);
    }

    /// A time that became busy after the page was loaded and the time held is refused when the form is sent: the
    /// calendar is asked then.
    async fn what_became_busy_meanwhile_is_refused(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        let mentee = db.mentee("alice").await;
        let (secret, _) = server.hold(&desk.coach, &kind, at(TUESDAY)).await.expect("it is free");
        desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        db.clock().advance(MINUTE);
        let before = desk.fake.calls();
        let refused = refusal(server.bookings.book(&mentee, &secret, BookRequest::default()).await);
        assert_eq!((refused, desk.fake.calls()), (Refusal::Taken(TakenKind::Busy), before + 1));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 0);
        let elsewhere = BookRequest { start: Some(at(TUESDAY).plus_minutes(60)), ..BookRequest::default() };
        let booking = server.bookings.book(&mentee, &secret, elsewhere).await.expect("an hour later is free");
        assert_eq!((booking.status, desk.fake.calls()), (BookingStatus::Confirmed, before + 1));
    }

    /// A provider that hangs holds nobody up for longer than two seconds; then the coach's policy decides.
    async fn a_provider_that_hangs_leaves_it_to_the_policy(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        let mentee = db.mentee("alice").await;
        desk.fake.world().always = Some(Say::Hang);
        for (word, hour) in [("stop", 0), ("on_request", 1), ("keep", 2)] {
            policy(&db, word).await;
            db.clock().advance(MINUTE);
            let (secret, _) = server.hold(&desk.coach, &kind, at(TUESDAY).plus_minutes(hour * 60)).await.expect("known well enough");
            let sent = tokio::time::Instant::now();
            let booked = server.bookings.book(&mentee, &secret, BookRequest::default()).await;
            assert!(sent.elapsed() < Duration::from_secs(4), "{:?}", sent.elapsed());
            match word {
                "stop" => assert_eq!(refusal(booked), Refusal::CalendarUnknown),
                "on_request" => {
                    let booking = booked.expect("a request");
                    assert!(booking.status == BookingStatus::Pending && booking.answer_by.is_some());
                }
                _ => assert_eq!(booked.expect("a booking").status, BookingStatus::Confirmed),
            }
        }
    }

    /// While nothing may be offered nothing is: not on the page, not by a crafted request, not in the directory. Bookings
    /// stand. When the calendar can be read again, all is as before.
    async fn who_stops_offers_nothing(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        policy(&db, "stop").await;
        let mentee = db.mentee("alice").await;
        let booking = server.book(&mentee, &desk.coach, &kind, at(TUESDAY)).await;
        let (secret, _) = server.hold(&desk.coach, &kind, at("2026-11-03T12:00:00Z")).await.expect("it is free");
        let free = FreeQuery { within: Some(busy("2026-11-03T00:00:00Z", 48)), find: DirectoryQuery { limit: 10, ..DirectoryQuery::default() } };
        assert_eq!(server.bookings.find_free(&server.coaches, &free).await.expect("a page").coaches.len(), 1);
        desk.fake.world().always = Some(Say::Fail(CallError::ProviderDown(503)));
        db.clock().advance(15 * MINUTE);
        assert!(matches!(server.bookings.slots().standing(desk.coach.id()).await, Ok(Standing::Stopped(_))));
        assert!(server.starts(&desk.coach, &kind, at(TUESDAY), 30).await.is_empty());
        assert_eq!(judged(&server, &desk.coach, &kind, at("2026-11-04T10:00:00Z")).await, Err(Refusal::CalendarUnknown));
        assert_eq!(judged(&server, &desk.coach, &kind, at(TUESDAY)).await, Err(Refusal::Taken(TakenKind::Booking)));
        let held = server.hold(&desk.coach, &kind, at("2026-11-04T10:00:00Z")).await;
        assert!(matches!(held, Err(HoldError::Unavailable(Unavailable { refusal: Refusal::CalendarUnknown, alternatives })) if alternatives.is_empty()));
        assert_eq!(refusal(server.bookings.book(&mentee, &secret, BookRequest::default()).await), Refusal::CalendarUnknown);
        assert!(server.bookings.find_free(&server.coaches, &free).await.expect("a page").coaches.is_empty());
        let moved = server.bookings.reschedule(mentee, booking.id, at("2026-11-04T10:00:00Z"), "").await;
        assert!(matches!(moved, Err(RescheduleError::Unavailable(Unavailable { refusal: Refusal::CalendarUnknown, .. }))));
        let moved = server.bookings.reschedule(desk.coach, booking.id, at("2026-11-04T10:00:00Z"), "my dentist").await;
        assert_eq!(moved.expect("the coach knows").status, BookingStatus::Confirmed);
        desk.fake.world().always = None;
        desk.reads_well().await;
        assert!(!server.starts(&desk.coach, &kind, at(TUESDAY), 30).await.is_empty());
        server.bookings.book(&mentee, &secret, BookRequest::default()).await.expect("it is free again");
    }

    /// On request: the times are there, and who books or moves waits for the coach.
    async fn who_is_asked_answers(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        policy(&db, "on_request").await;
        let mentee = db.mentee("alice").await;
        let booking = server.book(&mentee, &desk.coach, &kind, at(TUESDAY)).await;
        assert_eq!(booking.status, BookingStatus::Confirmed);
        desk.fake.world().always = Some(Say::Fail(CallError::ProviderDown(503)));
        db.clock().advance(15 * MINUTE);
        assert!(matches!(server.bookings.slots().standing(desk.coach.id()).await, Ok(Standing::OnRequest(_))));
        assert!(!server.starts(&desk.coach, &kind, at(TUESDAY), 3).await.is_empty());
        let asked = server.book(&mentee, &desk.coach, &kind, at("2026-11-04T10:00:00Z")).await;
        assert_eq!(asked.status, BookingStatus::Pending);
        let moved = server.bookings.reschedule(mentee, booking.id, at("2026-11-05T10:00:00Z"), "").await.expect("it is free");
        assert_eq!(moved.status, BookingStatus::Pending);
    }

    /// What is kept is offered by what was known until that is too old; from then on the coach is asked.
    async fn who_keeps_offering_is_asked_in_the_end(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        policy(&db, "keep").await;
        desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        desk.reads_well().await;
        desk.fake.set_busy("work", &[]);
        desk.fake.world().always = Some(Say::Fail(CallError::TimedOut));
        for minute in 1..=60 {
            db.clock().advance(MINUTE);
            if minute % 4 == 0 {
                desk.read().await;
            }
            let starts = server.starts(&desk.coach, &kind, at(TUESDAY), 1).await;
            assert!(!starts.is_empty() && !starts.contains(&at(TUESDAY)), "minute {minute}: what was busy stays busy");
            let standing = server.bookings.slots().standing(desk.coach.id()).await.expect("a standing");
            match minute {
                ..15 => assert_eq!(standing, Standing::Known),
                15..60 => assert!(matches!(standing, Standing::Kept(_)), "minute {minute}: {standing:?}"),
                _ => assert!(matches!(standing, Standing::OnRequest(_)), "minute {minute}: {standing:?}"),
            }
        }
    }

    /// Three weeks away are three weeks without times, wherever one looks into them.
    async fn three_weeks_away(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        desk.fake.set_busy("work", &[busy("2026-11-09T00:00:00Z", 21 * 24)]);
        desk.reads_well().await;
        for day in 0..21 {
            let from = at("2026-11-09T00:00:00Z").plus_minutes(day * 24 * 60);
            assert!(server.starts(&desk.coach, &kind, from, 1).await.is_empty(), "{from:?}");
            assert!(server.hold(&desk.coach, &kind, from.plus_minutes(10 * 60)).await.is_err());
        }
        assert!(!server.starts(&desk.coach, &kind, at("2026-11-30T00:00:00Z"), 1).await.is_empty());
    }

    /// Time that was not read yet is not free: a session type that reaches further is offered further once it was read.
    async fn what_was_not_read_is_not_free(db: TestDb) {
        let (desk, server, _) = world(&db).await;
        let kind = server.kind(&desk.coach, |draft: &mut SessionTypeDraft| draft.rules.horizon_days = 200).await;
        let march = at("2027-03-01T09:00:00Z");
        assert!(server.starts(&desk.coach, &kind, march, 5).await.is_empty());
        assert_eq!(judged(&server, &desk.coach, &kind, march).await, Err(Refusal::Taken(TakenKind::Busy)));
        let secret = server.hold(&desk.coach, &kind, at(TUESDAY)).await.expect("it is free").0;
        let mentee = db.mentee("alice").await;
        let far = BookRequest { start: Some(march), ..BookRequest::default() };
        assert_eq!(refusal(server.bookings.book(&mentee, &secret, far).await), Refusal::Taken(TakenKind::Busy));
        desk.reads_well().await;
        assert!(server.offers_start(&desk.coach, &kind, march).await);
    }

    /// A calendar that does not count, and one that was disconnected, take nothing.
    async fn only_what_counts_counts(db: TestDb) {
        let (desk, server, kind) = world(&db).await;
        desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        desk.reads_well().await;
        assert!(!server.offers_start(&desk.coach, &kind, at(TUESDAY)).await);
        for change in [
            "UPDATE integration_calendars SET counts_busy = 0",
            "UPDATE integration_calendars SET counts_busy = 1",
            "UPDATE calendar_integrations SET health = 'disconnected'",
        ] {
            db.run(change).await;
            db.run("UPDATE coaches SET claims_revision = claims_revision + 1").await;
            assert_eq!(server.offers_start(&desk.coach, &kind, at(TUESDAY)).await, !change.contains("counts_busy = 1"), "{change}");
        }
    }
}
