//! Holds: ten minutes of protection, and the form that is sent with them.

use std::net::{IpAddr, Ipv4Addr};

use wellmet::{
    availability::{Refusal, TakenKind},
    bookings::{BookError, BookRequest, HOLD_MINUTES, HoldError, Unavailable},
    coaches::WeeklyHoursDraft,
    limits::{LimitSettings, address_key},
    model::{BookingStatus, SessionTypeDraft},
    time::Secret,
};

use crate::{
    bookings_world::{MILLI, Server, at, wish},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

const CLAIMS: &str = "SELECT COUNT(*) AS n FROM claims";

fn held_by_another(error: &HoldError) -> bool {
    matches!(error, HoldError::Unavailable(Unavailable { refusal: Refusal::Taken(TakenKind::Hold), .. }))
}

fn form() -> BookRequest {
    BookRequest::default()
}

both_engines! {
    async fn a_hold_lasts_ten_minutes_and_not_a_millisecond_more(db: TestDb) {
        let (server, coach) = (Server::of(&db), db.coach("maya").await);
        let (kind, start) = (server.kind(&coach, |_| ()).await, at("2026-11-03T10:00:00Z"));
        let (_, held) = server.hold(&coach, &kind, start).await.unwrap();
        assert_eq!(held.expires_at, db.now().plus_minutes(HOLD_MINUTES));
        assert_eq!(HOLD_MINUTES, 10);
        db.clock().set(held.expires_at - MILLI);
        assert!(!server.offers_start(&coach, &kind, start).await);
        assert!(held_by_another(&server.hold(&coach, &kind, start).await.unwrap_err()));
        db.clock().set(held.expires_at);
        assert!(server.offers_start(&coach, &kind, start).await);
        // The claim is still in the table; the next transaction sweeps it.
        assert_eq!(db.count(CLAIMS).await, 1);
        server.hold(&coach, &kind, start).await.unwrap();
        assert_eq!(db.count(CLAIMS).await, 1);
        assert_sound(db.store()).await;
    }

    async fn choosing_again_lets_go_of_the_first_choice(db: TestDb) {
        let (server, coach, other, mentee) = (Server::of(&db), db.coach("maya").await, db.coach("tom").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| draft.rules.buffer_after_minutes = 30).await;
        let elsewhere = server.kind(&other, |_| ()).await;
        let (first, second) = (at("2026-11-03T10:00:00Z"), at("2026-11-03T11:00:00Z"));
        let (secret, held) = server.hold(&coach, &kind, first).await.unwrap();
        // The same time again, and one that its buffers would touch: one's own hold is not in the way.
        let (secret_2, _) = server.bookings.hold(wish(&coach, &kind, first), Some(&secret)).await.unwrap();
        let (secret_3, _) = server.bookings.hold(wish(&coach, &kind, second), Some(&secret_2)).await.unwrap();
        assert!(server.offers_start(&coach, &kind, at("2026-11-03T09:00:00Z")).await);
        assert_eq!(db.count(CLAIMS).await, 1);
        // A refused choice leaves the earlier hold as it was.
        let refused = server.bookings.hold(wish(&coach, &kind, at("2026-11-03T03:00:00Z")), Some(&secret_3)).await;
        assert!(matches!(refused, Err(HoldError::Unavailable(_))));
        assert!(held_by_another(&server.hold(&coach, &kind, second).await.unwrap_err()));
        // With another coach too.
        let (secret_4, _) = server.bookings.hold(wish(&other, &elsewhere, second), Some(&secret_3)).await.unwrap();
        assert!(server.offers_start(&coach, &kind, second).await);
        assert_eq!(db.count(CLAIMS).await, 1);
        // What was booked is not let go of.
        let booked = server.bookings.book(&mentee, &secret_4, form()).await.unwrap();
        server.bookings.hold(wish(&other, &elsewhere, first), Some(&secret_4)).await.unwrap();
        server.bookings.release(&secret_4).await.unwrap();
        assert_eq!(server.bookings.booking(mentee, booked.id).await.unwrap().unwrap().status, BookingStatus::Confirmed);
        assert_eq!(server.bookings.held(&secret).await.unwrap().unwrap(), held);
        assert_sound(db.store()).await;
    }

    async fn a_hold_protects_its_buffers(db: TestDb) {
        let (server, coach) = (Server::of(&db), db.coach("maya").await);
        let padded = |draft: &mut SessionTypeDraft| {
            (draft.rules.buffer_before_minutes, draft.rules.buffer_after_minutes, draft.rules.step_minutes) = (15, 30, 15);
        };
        let (kind, plain) = (server.kind(&coach, padded).await, server.kind(&coach, |draft| draft.rules.step_minutes = 15).await);
        server.hold(&coach, &kind, at("2026-11-03T10:00:00Z")).await.unwrap();
        // Taken is 09:45 to 11:30.
        for (start, free) in [("08:45", true), ("09:00", false), ("11:15", false), ("11:30", true)] {
            let start = at(&format!("2026-11-03T{start}:00Z"));
            assert_eq!(server.offers_start(&coach, &plain, start).await, free, "{start:?}");
            let held = server.hold(&coach, &plain, start).await;
            assert_eq!(held.is_ok(), free, "{start:?}");
            if let Ok((secret, _)) = held {
                server.bookings.release(&secret).await.unwrap();
            }
        }
        // Two of the kind keep both buffers between them.
        for (start, free) in [("11:30", false), ("11:45", true), ("08:15", true), ("08:30", false)] {
            assert_eq!(server.offers_start(&coach, &kind, at(&format!("2026-11-03T{start}:00Z"))).await, free, "{start}");
        }
        assert_sound(db.store()).await;
    }

    async fn a_hold_that_ended_may_still_ask(db: TestDb) {
        let (server, coach, ana, ben) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await, db.mentee("ben").await);
        let (kind, start) = (server.kind(&coach, |_| ()).await, at("2026-11-03T10:00:00Z"));
        let (late, held) = server.hold(&coach, &kind, start).await.unwrap();
        db.clock().set(held.expires_at);
        assert_eq!(server.bookings.book(&ana, &late, form()).await.unwrap().starts_at, start);
        // When somebody else has it by then, there are alternatives, and the same form can take one.
        let (start, other) = (at("2026-11-04T10:00:00Z"), at("2026-11-04T11:00:00Z"));
        let (late, held) = server.hold(&coach, &kind, start).await.unwrap();
        db.clock().set(held.expires_at);
        server.book(&ben, &coach, &kind, start).await;
        let Err(BookError::Unavailable(why)) = server.bookings.book(&ana, &late, form()).await else { panic!("it was taken") };
        assert_eq!(why.refusal, Refusal::Taken(TakenKind::Booking));
        assert!(why.alternatives.iter().any(|slot| slot.start == other));
        let again = BookRequest { start: Some(other), ..form() };
        assert_eq!(server.bookings.book(&ana, &late, again).await.unwrap().starts_at, other);
        assert_sound(db.store()).await;
    }

    async fn hours_count_when_the_form_is_sent(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let (kind, start) = (server.kind(&coach, |_| ()).await, at("2026-11-03T10:00:00Z"));
        let (secret, _) = server.hold(&coach, &kind, start).await.unwrap();
        server.coaches.set_weekly(&coach, WeeklyHoursDraft::default()).await.unwrap();
        let refused = server.bookings.book(&mentee, &secret, form()).await;
        let none = Unavailable { refusal: Refusal::NoHoursThatDay, alternatives: Vec::new() };
        assert!(matches!(refused, Err(BookError::Unavailable(ref why)) if *why == none), "{refused:?}");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 0);
        assert_eq!(db.count(CLAIMS).await, 1, "the hold stands as it was");
    }

    async fn what_is_not_bookable_any_more_is_not_found(db: TestDb) {
        let (server, coach, mentee, admin) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await, db.admin("root").await);
        let start = at("2026-11-03T10:00:00Z");
        let mut off = SessionTypeDraft::first();
        (off.active, off.rules.notice_minutes) = (false, 0);
        let (inactive, archived) = (server.kind(&coach, |_| ()).await, server.kind(&coach, |_| ()).await);
        let kept = server.kind(&coach, |_| ()).await;
        let mut secrets = Vec::new();
        for (kind, hour) in [(&inactive, 0), (&archived, 1), (&kept, 2)] {
            secrets.push(server.hold(&coach, kind, start.plus_minutes(hour * 60)).await.unwrap().0);
        }
        let booked = server.book(&mentee, &coach, &kept, start.plus_minutes(3 * 60)).await;
        server.coaches.update_session_type(&coach, inactive.id, off).await.unwrap();
        server.coaches.archive_session_type(&coach, archived.id).await.unwrap();
        for (kind, secret) in [&inactive, &archived].into_iter().zip(&secrets) {
            assert!(matches!(server.hold(&coach, kind, start.plus_minutes(60 * 4)).await, Err(HoldError::NotFound)));
            assert!(matches!(server.bookings.book(&mentee, secret, form()).await, Err(BookError::NotFound)));
        }
        db.accounts().set_active(&admin, coach.id(), false).await.unwrap();
        assert!(matches!(server.hold(&coach, &kept, start.plus_minutes(60 * 4)).await, Err(HoldError::NotFound)));
        assert!(matches!(server.bookings.book(&mentee, &secrets[2], form()).await, Err(BookError::NotFound)));
        // A booking stays and can be called off, but there is nowhere to move it.
        let moved = server.bookings.reschedule(mentee, booked.id, start.plus_minutes(5 * 60), "").await;
        assert!(matches!(moved, Err(wellmet::bookings::RescheduleError::Unavailable(ref why)) if why.alternatives.is_empty()), "{moved:?}");
        server.bookings.cancel(mentee, booked.id, "").await.unwrap();
        assert_sound(db.store()).await;
    }

    async fn the_same_form_books_once(db: TestDb) {
        let (server, coach, ana, ben) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await, db.mentee("ben").await);
        let (kind, start) = (server.kind(&coach, |_| ()).await, at("2026-11-03T10:00:00Z"));
        let (secret, _) = server.hold(&coach, &kind, start).await.unwrap();
        let first = server.bookings.book(&ana, &secret, form()).await.unwrap();
        let again = BookRequest { start: Some(start.plus_minutes(60)), notes: "changed".to_owned(), terms: None };
        assert_eq!(server.bookings.book(&ana, &secret, again.clone()).await.unwrap(), first);
        assert!(matches!(server.bookings.book(&ben, &secret, form()).await, Err(BookError::NotFound)));
        let cancelled = server.bookings.cancel(ana, first.id, "").await.unwrap();
        assert_eq!(server.bookings.book(&ana, &secret, again.clone()).await.unwrap(), cancelled);
        // Also when the hold itself is long forgotten.
        db.clock().set(start.plus_minutes(2 * 24 * 60));
        assert_eq!(server.bookings.forget_old_holds().await.unwrap(), 1);
        assert_eq!(server.bookings.held(&secret).await.unwrap(), None);
        assert_eq!(server.bookings.book(&ana, &secret, again).await.unwrap(), cancelled);
        assert!(matches!(server.bookings.book(&ben, &secret, form()).await, Err(BookError::NotFound)));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 1);
        assert_sound(db.store()).await;
    }

    async fn a_secret_of_nobody_books_nothing(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        server.kind(&coach, |_| ()).await;
        let unknown = db.ids().secret();
        assert!(matches!(server.bookings.book(&mentee, &unknown, form()).await, Err(BookError::NotFound)));
        assert_eq!(server.bookings.held(&unknown).await.unwrap(), None);
        server.bookings.release(&unknown).await.unwrap();
        assert_eq!(Secret::from_untrusted("short"), None);
    }

    async fn old_holds_are_forgotten_with_their_claims(db: TestDb) {
        let (server, coach) = (Server::of(&db), db.coach("maya").await);
        let kind = server.kind(&coach, |_| ()).await;
        for hour in 8..12 {
            server.hold(&coach, &kind, at(&format!("2026-11-03T{hour:02}:00:00Z"))).await.unwrap();
        }
        let (_, held) = server.hold(&coach, &kind, at("2026-11-03T12:00:00Z")).await.unwrap();
        db.clock().set(held.expires_at.plus_minutes(24 * 60));
        assert_eq!(server.bookings.forget_old_holds().await.unwrap(), 0);
        assert_eq!(db.count(CLAIMS).await, 5, "nobody came by");
        db.clock().advance(MILLI);
        assert_eq!(server.bookings.forget_old_holds().await.unwrap(), 5);
        assert_eq!(db.count(CLAIMS).await, 0);
    }

    async fn an_address_holds_so_many_times_an_hour(db: TestDb) {
        let limits = LimitSettings { holds_per_address: 3, ..LimitSettings::NONE };
        let (server, coach) = (Server::on(db.deps(), limits), db.coach("maya").await);
        let kind = server.kind(&coach, |_| ()).await;
        let key = |last| Some(address_key(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))));
        let start = |hour| at(&format!("2026-11-03T{hour:02}:00:00Z"));
        for hour in 8..11 {
            server.bookings.hold(wellmet::bookings::HoldRequest { from: key(1), ..wish(&coach, &kind, start(hour)) }, None).await.unwrap();
        }
        let another = wellmet::bookings::HoldRequest { from: key(1), ..wish(&coach, &kind, start(11)) };
        let Err(HoldError::TooMany { retry_after }) = server.bookings.hold(another.clone(), None).await else { panic!("a fourth") };
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM holds").await, 3);
        server.bookings.hold(wellmet::bookings::HoldRequest { from: key(2), ..another.clone() }, None).await.unwrap();
        db.clock().advance(retry_after);
        server.bookings.hold(another, None).await.unwrap();
        assert_sound(db.store()).await;
    }

    async fn alternatives_are_really_on_offer(db: TestDb) {
        let (server, coach) = (Server::of(&db), db.coach("maya").await);
        let kind = server.kind(&coach, |draft| {
            (draft.rules.buffer_before_minutes, draft.rules.buffer_after_minutes, draft.rules.step_minutes) = (20, 35, 25);
        }).await;
        let far = server.kind(&coach, |draft| draft.rules.notice_minutes = 40 * 24 * 60).await;
        for start in server.starts(&coach, &kind, db.now(), 3).await.into_iter().step_by(4) {
            let _ = server.hold(&coach, &kind, start).await;
        }
        let wishes = ["2026-10-01T10:00:00Z", "2026-11-02T08:00:00Z", "2026-11-03T10:10:00Z", "2026-11-14T10:00:00Z", "2027-06-01T10:00:00Z"];
        for kind in [&kind, &far] {
            for start in wishes.map(at) {
                let Err(HoldError::Unavailable(why)) = server.hold(&coach, kind, start).await else { continue };
                assert_eq!(why.alternatives.len(), 5, "{start:?}: {why:?}");
                assert!(why.alternatives.is_sorted());
                for slot in why.alternatives {
                    let (secret, held) = server.hold(&coach, kind, slot.start).await.expect("an alternative can be had");
                    assert_eq!(held.session, slot);
                    server.bookings.release(&secret).await.unwrap();
                }
            }
        }
        assert_sound(db.store()).await;
    }
}
