//! What a read of a calendar leaves behind, whatever the provider does.

use std::time::Duration;

use wellmet::{
    integrations::{
        ProviderKind,
        busy::Went,
        outcome::CallError,
        standing::{Standing, UnknownPolicy},
    },
    time::Interval,
};

use crate::{
    bookings_world::{Dice, at},
    calendars_fake::Say,
    calendars_world::{Desk, MINUTE, PERIOD, busy},
    support::{TestDb, both_engines},
};

const TUESDAY: &str = "2026-11-03T10:00:00Z";

both_engines! {
    /// A read stores what is busy, merged, and says so by the claims' revision; a read without news says nothing.
    async fn a_read_is_stored_and_told_once(db: TestDb) {
        let desk = Desk::new(&db, &["work", "home"]).await;
        assert!(matches!(desk.standing(UnknownPolicy::Stop).await, Standing::Known), "nothing was read, so nothing is said yet");
        desk.fake.set_busy("work", &[busy(TUESDAY, 1), busy("2026-11-03T10:30:00Z", 1)]);
        let before = desk.revision().await;
        desk.reads_well().await;
        assert_eq!(desk.stored().await, [Interval { start: at(TUESDAY), end: at("2026-11-03T11:30:00Z") }]);
        assert_eq!(desk.standing(UnknownPolicy::Stop).await, Standing::Known);
        let told = desk.revision().await;
        assert!(told > before);
        db.clock().advance(MINUTE);
        desk.reads_well().await;
        assert_eq!(desk.revision().await, told);
        desk.fake.set_busy("work", &[]);
        desk.reads_well().await;
        assert!(desk.stored().await.is_empty() && desk.revision().await > told);
    }

    /// Twenty thousand events are stored, one more is one more, and pieces that were lost come back.
    async fn a_full_calendar_is_stored(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        let first = at("2026-11-03T00:00:00Z");
        let mut spans: Vec<_> = (0..20_000).map(|n| Interval::of_minutes(first.plus_minutes(n * 4), 2)).collect();
        desk.fake.set_busy("work", &spans);
        desk.reads_well().await;
        assert_eq!(desk.stored().await, spans);
        let told = desk.revision().await;
        spans.remove(10_000);
        spans.push(Interval::of_minutes(first.plus_minutes(20_000 * 4), 3));
        desk.fake.set_busy("work", &spans);
        db.clock().advance(MINUTE);
        desk.reads_well().await;
        assert_eq!((desk.stored().await, desk.revision().await), (spans.clone(), told + 1));
        db.run("DELETE FROM calendar_busy").await;
        desk.reads_well().await;
        assert_eq!(desk.stored().await, spans);
    }

    /// What reaches beyond the window is clipped, and what is long is cut, so that it is found from its middle.
    async fn three_weeks_away_are_stored_in_short_pieces(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        let away = busy("2026-11-09T00:00:00Z", 21 * 24);
        desk.fake.set_busy("work", &[away, busy("2020-01-01T00:00:00Z", 1), busy("2036-01-01T00:00:00Z", 1)]);
        desk.reads_well().await;
        assert_eq!(desk.stored().await, [away]);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM calendar_busy WHERE ends_at - starts_at > 72000000").await, 0);
    }

    /// The provider is shown its own mark, and may say that nothing changed; not after the window moved on.
    async fn a_mark_is_shown_for_the_same_window_only(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        desk.fake.then(Say::Unchanged);
        assert_eq!(desk.read().await.went, Went::Badly, "nothing can be unchanged that was never read");
        desk.reads_well().await;
        assert_eq!(desk.fake.world().marks, [None]);
        db.clock().advance(MINUTE);
        desk.fake.then(Say::Unchanged);
        desk.reads_well().await;
        assert_eq!(desk.fake.world().marks, [Some("mark of work".to_owned())]);
        assert_eq!(desk.stored().await, [busy(TUESDAY, 1)]);
        db.clock().advance(24 * 60 * MINUTE);
        desk.reads_well().await;
        assert_eq!(desk.fake.world().marks, [None]);
    }

    /// A calendar that is missing in the reply, or cannot be read, is unknown: its data stays, the others are read.
    async fn a_part_that_is_missing_is_unknown(db: TestDb) {
        for say in [Say::LeaveOutFirst, Say::CannotReadFirst(CallError::CalendarNotConnected), Say::CannotReadFirst(CallError::TimedOut)] {
            let desk = Desk::new(&db, &["a", "b"]).await;
            desk.fake.set_busy("a", &[busy(TUESDAY, 1)]);
            desk.reads_well().await;
            desk.fake.set_busy("a", &[]);
            desk.fake.set_busy("b", &[busy("2026-11-04T10:00:00Z", 1)]);
            desk.fake.then(say);
            assert_eq!(desk.read().await.went, Went::Partly);
            assert_eq!(desk.stored().await, [busy(TUESDAY, 1), busy("2026-11-04T10:00:00Z", 1)]);
            let problems = desk.problems().await;
            assert!(problems[0].is_some() && problems[1].is_none(), "{problems:?}");
            assert_eq!(desk.health().await.0, "degraded");
            assert!(matches!(desk.standing(UnknownPolicy::Stop).await, Standing::Stopped(_)));
            assert!(desk.due().await.expect("it goes on") <= db.now() + PERIOD);
            desk.reads_well().await;
            assert_eq!((desk.stored().await, desk.problems().await), (vec![busy("2026-11-04T10:00:00Z", 1)], vec![None, None]));
            assert_eq!(desk.standing(UnknownPolicy::Stop).await, Standing::Known);
            db.run("DELETE FROM users").await;
        }
    }

    /// Whatever fails, what was known stays; the health tells the failures apart.
    async fn every_failure_keeps_what_was_known(db: TestDb) {
        let failures = [
            (CallError::ProviderDown(503), "degraded"),
            (CallError::Unreachable, "degraded"),
            (CallError::TimedOut, "degraded"),
            (CallError::BadAnswer("cut short"), "degraded"),
            (CallError::RateLimited(None), "degraded"),
            (CallError::Refused(400), "degraded"),
            (CallError::Gone, "degraded"),
            (CallError::AddressRefused, "degraded"),
            (CallError::MissingScope, "needs_reconnect"),
            (CallError::WrongPassword, "needs_reconnect"),
            (CallError::CalendarNotConnected, "needs_reconnect"),
        ];
        for (error, health) in failures {
            let desk = Desk::of(&db, ProviderKind::Caldav, &["work"]).await;
            desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
            desk.reads_well().await;
            desk.fake.set_busy("work", &[]);
            desk.fake.then(Say::Fail(error.clone()));
            assert_eq!(desk.read().await.went, Went::Badly);
            assert_eq!(desk.stored().await, [busy(TUESDAY, 1)], "{error:?}");
            assert_eq!(desk.health().await.0, health, "{error:?}");
            assert_eq!(desk.due().await.is_some(), health == "degraded", "{error:?}");
            db.run("DELETE FROM users").await;
        }
    }

    /// "These credentials do not belong to you": the list is read again, and what is there is asked for once more.
    async fn what_is_not_ours_has_the_list_read_again(db: TestDb) {
        let desk = Desk::new(&db, &["old", "work"]).await;
        desk.fake.world().listed = vec!["work".to_owned(), "new".to_owned()];
        desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        desk.fake.then(Say::Fail(CallError::NotOurs));
        assert_eq!(desk.read().await.went, Went::Partly);
        let lists = desk.fake.world().lists;
        assert_eq!((lists, desk.fake.calls()), (1, 2));
        assert_eq!(desk.stored().await, [busy(TUESDAY, 1)]);
        assert_eq!(desk.health().await, ("degraded".to_owned(), Some("calendar_missing".to_owned())));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM integration_calendars WHERE external_id = 'old' AND missing_since IS NOT NULL").await, 1);
        assert!(matches!(desk.standing(UnknownPolicy::Stop).await, Standing::Stopped(_)), "one that counts is not known");
        desk.fake.then(Say::Fail(CallError::NotOurs));
        desk.fake.then(Say::Fail(CallError::NotOurs));
        assert_eq!(desk.read().await.went, Went::Badly);
        assert_eq!(desk.fake.calls(), 4, "and no third time");
    }

    /// An account of which nothing counts is asked for its list: that tells whether it can still be reached.
    async fn an_account_that_does_not_count_is_still_looked_after(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        db.run("UPDATE integration_calendars SET counts_busy = 0").await;
        desk.reads_well().await;
        let lists = desk.fake.world().lists;
        assert_eq!((lists, desk.fake.calls()), (1, 0));
        assert_eq!(desk.standing(UnknownPolicy::Stop).await, Standing::Known);
    }

    /// "Retry after ten minutes" is ten minutes.
    async fn who_asks_for_time_gets_it(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        desk.fake.then(Say::Fail(CallError::RateLimited(Some(Duration::from_mins(10)))));
        desk.read().await;
        let due = desk.due().await.expect("it goes on");
        assert!(due >= db.now() + Duration::from_mins(10) && due <= db.now() + Duration::from_mins(11), "{due:?}");
    }

    /// What was disconnected while its provider was asked stays so, and nothing of it is stored.
    async fn who_disconnects_meanwhile_is_left_alone(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        desk.fake.world().latency = Duration::from_millis(300);
        let (sync, coach) = (desk.sync.clone(), desk.coach.id());
        let reading = tokio::spawn(async move { sync.sync_coach(coach).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        db.run("UPDATE calendar_integrations SET health = 'disconnected'").await;
        let synced = reading.await.expect("no panic").expect("the database works");
        assert_eq!(synced[0].went, Went::NotAtAll);
        assert!(desk.stored().await.is_empty());
        assert_eq!(desk.health().await.0, "disconnected");
    }

    /// An answer that took so long that a later question was answered before it changes nothing.
    async fn a_late_answer_does_not_undo_a_later_one(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        desk.fake.set_busy("work", &[busy(TUESDAY, 1)]);
        desk.reads_well().await;
        db.run("UPDATE integration_calendars SET read_at = read_at + 1").await;
        desk.fake.set_busy("work", &[]);
        desk.read().await;
        assert_eq!(desk.stored().await, [busy(TUESDAY, 1)]);
    }

    /// Unknown never becomes free: whatever happens, what is stored is what the last answer said, and once that is too
    /// old a coach who wants it so offers nothing.
    async fn unknown_never_becomes_free(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        let mut dice = Dice::new(29);
        let (mut said, mut known_at) = (Vec::new(), None);
        for round in 0..120 {
            let events = dice.roll(4);
            let truth: Vec<_> = (0..events).map(|_| Interval::of_minutes(at(TUESDAY) + 60 * MINUTE * u32::try_from(dice.roll(500)).expect("small"), 30)).collect();
            desk.fake.set_busy("work", &truth);
            let fail = [
                CallError::ProviderDown(500),
                CallError::TimedOut,
                CallError::BadAnswer("malformed"),
                CallError::RateLimited(None),
                CallError::Gone,
                CallError::NotOurs,
            ];
            let say = match dice.roll(5) {
                0 | 1 => Say::Truth,
                2 => Say::LeaveOutFirst,
                3 => Say::CannotReadFirst(dice.pick(&fail).clone()),
                _ => Say::Fail(dice.pick(&fail).clone()),
            };
            desk.fake.world().script = [say.clone(), say.clone()].into();
            let synced = desk.read().await;
            if synced.went == Went::Well {
                (said, known_at) = (truth, Some(db.now()));
                said.sort_unstable();
                said.dedup();
            }
            assert_eq!(desk.stored().await, said, "round {round}: {say:?}");
            let old = known_at.is_none_or(|at| at + Duration::from_mins(15) <= db.now());
            let standing = desk.standing(UnknownPolicy::Stop).await;
            assert!(!old || matches!(standing, Standing::Stopped(_)), "round {round}: {standing:?}");
            db.clock().advance(MINUTE * u32::try_from(dice.roll(9)).expect("small"));
        }
    }
}
