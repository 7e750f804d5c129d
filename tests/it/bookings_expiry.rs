//! Requests that nobody answers end once, whoever comes by.

use wellmet::bookings::{AnswerError, BookingChange, CancelError, RescheduleError};
use wellmet::model::BookingStatus;

use crate::{
    bookings_world::{MILLI, Server, at, at_once},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

const EXPIRED: &str = "SELECT COUNT(*) AS n FROM booking_events WHERE what = 'expired' AND actor_role = 'system'";

both_engines! {
    async fn two_servers_end_each_request_once(db: TestDb) {
        let servers = [Server::of(&db), Server::another(&db).await];
        let mentee = db.mentee("ana").await;
        let mut due = at("2026-11-02T08:00:00Z");
        for name in ["maya", "tom"] {
            let coach = db.coach(name).await;
            let kind = servers[0].kind(&coach, |draft| {
                (draft.rules.duration_minutes, draft.rules.step_minutes, draft.approval_required) = (30, 30, true);
            }).await;
            for start in servers[0].starts(&coach, &kind, at("2026-11-03T00:00:00Z"), 1).await {
                due = servers[0].book(&mentee, &coach, &kind, start).await.answer_by.unwrap();
            }
        }
        let requests = db.count("SELECT COUNT(*) AS n FROM bookings WHERE status = 'pending'").await;
        assert_eq!(requests, 32);
        db.clock().set(due);
        let jobs = (0..6).map(|sweeper| {
            let server = servers[sweeper % 2].clone();
            async move { i64::from(server.bookings.expire_due().await.unwrap()) }
        });
        assert_eq!(at_once(jobs.collect()).await.into_iter().sum::<i64>(), requests);
        assert_eq!(db.count(EXPIRED).await, requests);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 0);
        assert_sound(db.store()).await;
    }

    async fn more_than_a_batch_ends_in_turns(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| {
            (draft.rules.duration_minutes, draft.rules.step_minutes, draft.approval_required) = (5, 5, true);
        }).await;
        for start in server.starts(&coach, &kind, at("2026-11-03T00:00:00Z"), 2).await.into_iter().take(101) {
            server.book(&mentee, &coach, &kind, start).await;
        }
        db.clock().set(at("2026-11-07T08:00:00Z"));
        let (first, second) = (server.bookings.expire_due().await.unwrap(), server.bookings.expire_due().await.unwrap());
        assert_eq!((first, second, server.bookings.expire_due().await.unwrap()), (100, 1, 0));
        assert_sound(db.store()).await;
    }

    async fn a_request_ends_at_its_instant(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| draft.approval_required = true).await;
        let (soon, far) = (at("2026-11-03T10:00:00Z"), at("2026-11-20T10:00:00Z"));
        let first = server.book(&mentee, &coach, &kind, soon).await;
        let second = server.book(&mentee, &coach, &kind, far).await;
        assert_eq!((first.answer_by, second.answer_by), (Some(soon), Some(at("2026-11-05T08:00:00Z"))));
        db.clock().set(soon - MILLI);
        assert_eq!(server.bookings.expire_due().await.unwrap(), 0);
        // Over, though nobody came by yet: nothing can be done with it any more.
        db.clock().set(second.answer_by.unwrap());
        assert!(matches!(server.bookings.confirm(&coach, second.id).await, Err(AnswerError::WrongStatus(BookingStatus::Expired))));
        assert!(matches!(server.bookings.decline(&coach, second.id, "").await, Err(AnswerError::WrongStatus(BookingStatus::Expired))));
        assert!(matches!(server.bookings.cancel(mentee, second.id, "").await, Err(CancelError::WrongStatus(BookingStatus::Expired))));
        let moved = server.bookings.reschedule(mentee, second.id, at("2026-11-20T11:00:00Z"), "").await;
        assert!(matches!(moved, Err(RescheduleError::WrongStatus(BookingStatus::Expired))));
        assert_eq!(server.bookings.expire_due().await.unwrap(), 2);
        assert!(server.offers_start(&coach, &kind, far).await);
        let history = server.bookings.history(mentee, second.id).await.unwrap();
        let last = history.last().unwrap();
        assert_eq!((last.change, last.role, &last.name), (BookingChange::Expired, None, &None));
        assert_sound(db.store()).await;
    }

    async fn answering_and_expiring_at_once(db: TestDb) {
        let servers = [Server::of(&db), Server::another(&db).await];
        let (coach, mentee) = (db.coach("maya").await, db.mentee("ana").await);
        let kind = servers[0].kind(&coach, |draft| draft.approval_required = true).await;
        let request = servers[0].book(&mentee, &coach, &kind, at("2026-11-03T10:00:00Z")).await;
        db.clock().set(request.starts_at - MILLI);
        let clock = db.clock().clone();
        let jobs = (0..12).map(|job| {
            let (server, clock) = (servers[job % 2].clone(), clock.clone());
            async move {
                match job {
                    0 => clock.set(request.starts_at),
                    1..6 => drop(server.bookings.confirm(&coach, request.id).await),
                    _ => drop(server.bookings.expire_due().await),
                }
            }
        });
        at_once(jobs.collect()).await;
        servers[0].bookings.expire_due().await.unwrap();
        let end = servers[0].bookings.booking(mentee, request.id).await.unwrap().unwrap().status;
        assert!(matches!(end, BookingStatus::Confirmed | BookingStatus::Expired), "{end:?}");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM booking_events").await, 2);
        assert_sound(db.store()).await;
    }
}
