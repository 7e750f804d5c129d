//! The picture that is remembered is never behind what is stored.

use wellmet::{
    bookings::{BookRequest, Outcome, SlotQuery},
    coaches::{OverrideDraft, WindowDraft},
    time::Interval,
};

use crate::{
    bookings_world::{Dice, MILLI, Server, at, wish},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

both_engines! {
    async fn a_write_on_one_server_shows_on_the_other_at_once(db: TestDb) {
        let (a, b) = (Server::of(&db), Server::another(&db).await);
        let (coach, mentee) = (db.coach("maya").await, db.mentee("ana").await);
        let kind = a.kind(&coach, |draft| draft.approval_required = true).await;
        let (first, second) = (at("2026-11-03T10:00:00Z"), at("2026-11-03T12:00:00Z"));
        // Both know the free day before anything happens; after each write, the other is asked first.
        assert!(b.offers_start(&coach, &kind, first).await && a.offers_start(&coach, &kind, first).await);
        let (secret, _) = a.hold(&coach, &kind, first).await.unwrap();
        assert!(!b.offers_start(&coach, &kind, first).await);
        a.bookings.release(&secret).await.unwrap();
        assert!(b.offers_start(&coach, &kind, first).await);
        let booking = a.bookings.book(&mentee, &secret, BookRequest::default()).await.unwrap();
        assert!(!b.offers_start(&coach, &kind, first).await);
        b.bookings.reschedule(mentee, booking.id, second, "").await.unwrap();
        assert!(a.offers_start(&coach, &kind, first).await && !a.offers_start(&coach, &kind, second).await);
        a.bookings.decline(&coach, booking.id, "").await.unwrap();
        assert!(b.offers_start(&coach, &kind, second).await);
        let cancelled = b.book(&mentee, &coach, &kind, second).await;
        assert!(!a.offers_start(&coach, &kind, second).await);
        b.bookings.cancel(mentee, cancelled.id, "").await.unwrap();
        assert!(a.offers_start(&coach, &kind, second).await);
        let request = a.book(&mentee, &coach, &kind, at("2026-11-20T10:00:00Z")).await;
        assert!(!b.offers_start(&coach, &kind, request.starts_at).await);
        db.clock().set(request.answer_by.unwrap());
        a.bookings.expire_due().await.unwrap();
        assert!(b.offers_start(&coach, &kind, request.starts_at).await);
        assert_sound(db.store()).await;
    }

    async fn hours_and_types_show_at_once_too(db: TestDb) {
        let (a, b) = (Server::of(&db), Server::another(&db).await);
        let coach = db.coach("maya").await;
        let kind = a.kind(&coach, |_| ()).await;
        let (start, early) = (at("2026-11-03T10:00:00Z"), at("2026-11-03T05:00:00Z"));
        assert!(b.offers_start(&coach, &kind, start).await && !b.offers_start(&coach, &kind, early).await);
        let windows = vec![WindowDraft { from: "06:00".to_owned(), until: "07:00".to_owned() }];
        a.coaches.set_override(&coach, OverrideDraft { date: "2026-11-03".to_owned(), windows }).await.unwrap();
        assert!(!b.offers_start(&coach, &kind, start).await && b.offers_start(&coach, &kind, early).await);
        b.hold(&coach, &kind, early).await.unwrap();
        assert!(a.hold(&coach, &kind, start).await.is_err());
    }

    async fn an_early_end_frees_the_rest(db: TestDb) {
        let (a, b) = (Server::of(&db), Server::another(&db).await);
        let (coach, mentee) = (db.coach("maya").await, db.mentee("ana").await);
        let kind = a.kind(&coach, |draft| draft.rules.step_minutes = 15).await;
        let booking = a.book(&mentee, &coach, &kind, at("2026-11-03T10:00:00Z")).await;
        db.clock().set(booking.starts_at.plus_minutes(15));
        let rest = booking.starts_at.plus_minutes(30);
        assert!(!b.offers_start(&coach, &kind, rest).await);
        a.bookings.finish(&coach, booking.id, Outcome::NoShow).await.unwrap();
        assert!(b.offers_start(&coach, &kind, rest).await);
        assert_sound(db.store()).await;
    }

    async fn a_hold_leaves_the_picture_when_it_ends(db: TestDb) {
        let (a, b) = (Server::of(&db), Server::another(&db).await);
        let coach = db.coach("maya").await;
        let kind = a.kind(&coach, |_| ()).await;
        let starts = [at("2026-11-03T10:00:00Z"), at("2026-11-03T11:00:00Z")];
        let (_, first) = a.hold(&coach, &kind, starts[0]).await.unwrap();
        db.clock().set(first.expires_at - MILLI);
        let (_, second) = b.hold(&coach, &kind, starts[1]).await.unwrap();
        for (now, free) in [
            (first.expires_at - MILLI, [false, false]),
            (first.expires_at, [true, false]),
            (second.expires_at - MILLI, [true, false]),
            (second.expires_at, [true, true]),
        ] {
            db.clock().set(now);
            for server in [&a, &b] {
                let seen = [server.offers_start(&coach, &kind, starts[0]).await, server.offers_start(&coach, &kind, starts[1]).await];
                assert_eq!(seen, free, "{now:?}");
            }
        }
    }

    async fn what_is_listed_is_what_is_judged(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let mut dice = Dice::new(7);
        let mut kinds = Vec::new();
        for (minutes, step, buffers, notice, cap) in [(60, 25, (20, 0), 0, None), (30, 30, (0, 45), 26 * 60, None), (45, 15, (5, 5), 0, Some(2))] {
            let made = server.kind(&coach, |draft| {
                let rules = &mut draft.rules;
                (rules.duration_minutes, rules.step_minutes, rules.notice_minutes, rules.daily_cap) = (minutes, step, notice, cap);
                (rules.buffer_before_minutes, rules.buffer_after_minutes) = buffers;
            });
            kinds.push(made.await);
        }
        let mut moving = None;
        for round in 0..14 {
            let kind = dice.pick(&kinds);
            let starts = server.starts(&coach, kind, db.now(), 4).await;
            if round % 3 == 0 {
                let _ = server.hold(&coach, kind, *dice.pick(&starts)).await.unwrap();
            } else {
                moving = Some(server.book(&mentee, &coach, kind, *dice.pick(&starts)).await);
            }
        }
        let offer = server.offers.by_id(coach.id()).await.unwrap().unwrap();
        let moving = moving.unwrap();
        let mut queries: Vec<SlotQuery<'_>> = kinds.iter().map(|kind| SlotQuery::booking(&offer, kind)).collect();
        queries.extend([SlotQuery::moving(&offer, &moving, mentee), SlotQuery::moving(&offer, &moving, coach)]);
        let range = Interval { start: db.now().plus_minutes(-60), end: db.now().plus_minutes(3 * 24 * 60) };
        for query in &queries {
            let listed: Vec<_> = server.bookings.slots().within(query, range).await.unwrap();
            let mut judged = Vec::new();
            let mut start = range.start;
            while start < range.end {
                judged.extend(server.bookings.slots().judge(query, start).await.unwrap().ok());
                start = start.plus_minutes(5);
            }
            assert_eq!(listed, judged);
            assert!(!listed.is_empty());
            assert_eq!(server.bookings.slots().next(query, range.start).await.unwrap(), listed.first().copied());
        }
        // And the transaction agrees with the page.
        for kind in &kinds {
            for start in server.starts(&coach, kind, range.start, 3).await.into_iter().step_by(5) {
                let (secret, _) = server.bookings.hold(wish(&coach, kind, start), None).await.expect("what is listed can be had");
                server.bookings.release(&secret).await.unwrap();
            }
        }
        assert_sound(db.store()).await;
    }
}
