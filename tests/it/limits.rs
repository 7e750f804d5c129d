//! Attempts are counted once, whichever server they come to.

use std::time::Duration;

use tokio::task::JoinSet;
use wellmet::{
    limits::{Limit, LimitError, LimitSettings, Limits},
    model::Instant,
};

use crate::support::{TestDb, both_engines};

const THREE: LimitSettings = LimitSettings { sign_in_per_account: 3, holds_per_address: 2, ..LimitSettings::NONE };

fn wait(outcome: Result<(), LimitError>) -> Option<Duration> {
    match outcome {
        Ok(()) => None,
        Err(LimitError::TooMany { retry_after }) => Some(retry_after),
        Err(LimitError::Internal(error)) => panic!("{:?}", error.cause()),
    }
}

both_engines! {
    async fn one_too_many_waits_for_the_window_to_end(db: TestDb) {
        let limits = Limits::new(db.deps(), THREE);
        db.clock().set(Instant::parse_rfc3339("2026-11-02T08:04:00Z").unwrap());
        for _ in 0..3 {
            assert_eq!(wait(limits.check(Limit::SignInPerAccount, "ada").await), None);
        }
        assert_eq!(wait(limits.check(Limit::SignInPerAccount, "ada").await), Some(Duration::from_mins(11)));
        assert_eq!(wait(limits.check(Limit::SignInPerAccount, "tom").await), None);
        assert_eq!(wait(limits.check(Limit::HoldsPerAddress, "ada").await), None);
        db.clock().advance(Duration::from_millis(11 * 60_000 - 1));
        assert_eq!(wait(limits.check(Limit::SignInPerAccount, "ada").await), Some(Duration::from_millis(1)));
        db.clock().advance(Duration::from_millis(1));
        assert_eq!(wait(limits.check(Limit::SignInPerAccount, "ada").await), None);
    }

    async fn two_servers_count_together(db: TestDb) {
        let settings = LimitSettings { holds_per_address: 10, ..LimitSettings::NONE };
        let servers = [Limits::new(db.deps(), settings), Limits::new(db.deps_on(db.second_server().await), settings)];
        let mut running = JoinSet::new();
        for i in 0..30 {
            let limits = servers[i % 2].clone();
            running.spawn(async move { wait(limits.check(Limit::HoldsPerAddress, "192.0.2.1").await) });
        }
        let let_through = running.join_all().await.iter().filter(|wait| wait.is_none()).count();
        assert_eq!(let_through, 10);
    }

    async fn both_counters_hold_and_the_longer_wait_is_told(db: TestDb) {
        let limits = Limits::new(db.deps(), THREE);
        for i in 0..4 {
            let both = [(Limit::SignInPerAccount, "ada"), (Limit::HoldsPerAddress, "192.0.2.1")];
            let expected = (i >= 2).then(|| Duration::from_hours(1));
            assert_eq!(wait(limits.check_all(&both).await), expected, "attempt {i}");
        }
    }

    async fn zero_is_no_limit_and_writes_nothing(db: TestDb) {
        let limits = Limits::new(db.deps(), LimitSettings::NONE);
        for _ in 0..5 {
            assert_eq!(wait(limits.check(Limit::RegisterPerAddress, "192.0.2.1").await), None);
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM attempts").await, 0);
    }

    async fn attempts_are_taken_back_and_forgotten(db: TestDb) {
        let limits = Limits::new(db.deps(), THREE);
        for _ in 0..3 {
            limits.check(Limit::SignInPerAccount, "ada").await.unwrap();
        }
        let mut tx = db.store().begin().await.unwrap();
        limits.take_back(&mut tx, Limit::SignInPerAccount, "ada").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(wait(limits.check(Limit::SignInPerAccount, "ada").await), None);
        assert!(wait(limits.check(Limit::SignInPerAccount, "ada").await).is_some());
        let mut tx = db.store().begin().await.unwrap();
        limits.clear(&mut tx, Limit::SignInPerAccount, "ada").await.unwrap();
        limits.take_back(&mut tx, Limit::SignInPerAccount, "ada").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM attempts").await, 0);
    }

    async fn past_windows_are_swept(db: TestDb) {
        let limits = Limits::new(db.deps(), THREE);
        limits.check(Limit::SignInPerAccount, "ada").await.unwrap();
        limits.check(Limit::HoldsPerAddress, "192.0.2.1").await.unwrap();
        assert_eq!(limits.sweep().await.unwrap(), 0);
        db.clock().advance(Duration::from_mins(15));
        assert_eq!(limits.sweep().await.unwrap(), 1);
        db.clock().advance(Duration::from_mins(45));
        assert_eq!(limits.sweep().await.unwrap(), 1);
    }
}

mod requests {
    //! Requests are counted in memory and exchanged.

    use wellmet::{
        limits::{RequestLimits, Requester},
        store::{sql, sql_for},
    };

    use super::*;

    const TEN: LimitSettings = LimitSettings { api_per_token: 10, api_per_address: 4, ..LimitSettings::NONE };

    fn let_through(limits: &RequestLimits, who: Requester<'_>, times: u32) -> u32 {
        (0..times).filter(|_| !limits.count(who).expect("a limit").refused).count().try_into().expect("few")
    }

    both_engines! {
        async fn what_gets_through_is_bounded_by_the_exchanges(db: TestDb) {
            let servers = [RequestLimits::new(db.deps(), TEN), RequestLimits::new(db.deps_on(db.second_server().await), TEN)];
            let (user, address) = (Requester::User("t"), Requester::Address("192.0.2.1"));
            // Before anything is exchanged each lets its own limit through, and not one more.
            assert_eq!(let_through(&servers[0], user, 30), 10);
            assert_eq!(let_through(&servers[1], address, 30), 4);
            servers[0].exchange().await.unwrap();
            servers[1].exchange().await.unwrap();
            // Who has not heard lets through what arrives until it has.
            assert_eq!(let_through(&servers[1], user, 1), 1);
            servers[1].exchange().await.unwrap();
            assert_eq!(let_through(&servers[1], user, 30), 0);
            let row = db.row("SELECT COUNT(*) AS n, CAST(SUM(count) AS BIGINT) AS requests FROM attempts").await;
            assert_eq!((row.get::<i64>("n").unwrap(), row.get::<i64>("requests").unwrap()), (2, 15));
            db.clock().advance(Duration::from_mins(1));
            assert_eq!(let_through(&servers[1], user, 30), 10);
        }

        async fn exchanges_that_run_side_by_side_lose_nothing(db: TestDb) {
            let settings = LimitSettings { api_per_token: 100_000, ..LimitSettings::NONE };
            let servers = [RequestLimits::new(db.deps(), settings), RequestLimits::new(db.deps_on(db.second_server().await), settings)];
            let mut running = JoinSet::new();
            for number in 0..20 {
                let limits = servers[number % 2].clone();
                running.spawn(async move {
                    for _ in 0..10 {
                        let_through(&limits, Requester::User("a"), 5);
                        let_through(&limits, Requester::User("b"), 3);
                        limits.exchange().await.unwrap();
                    }
                });
            }
            running.join_all().await;
            assert_eq!(db.count("SELECT CAST(SUM(count) AS BIGINT) AS n FROM attempts").await, 20 * 10 * 8);
            assert_eq!(db.count("SELECT COUNT(*) AS n FROM attempts").await, 2);
        }

        async fn a_database_that_is_away_is_told_later(db: TestDb) {
            let limits = RequestLimits::new(db.deps(), TEN);
            assert_eq!(let_through(&limits, Requester::User("t"), 6), 6);
            db.run("ALTER TABLE attempts RENAME TO gone_away").await;
            assert!(limits.exchange().await.is_err());
            assert_eq!(let_through(&limits, Requester::User("t"), 6), 4);
            db.run("ALTER TABLE gone_away RENAME TO attempts").await;
            limits.exchange().await.unwrap();
            assert_eq!(db.count("SELECT count AS n FROM attempts").await, 10);
        }

        /// An exchange that spans the turn of a minute leaves the new minute's counts alone, whether it ends well or not.
        async fn an_exchange_across_two_minutes_erases_nothing(db: TestDb) {
            let limits = RequestLimits::new(db.deps(), TEN);
            for ends_well in [true, false] {
                assert_eq!(let_through(&limits, Requester::User("t"), 6), 6);
                // A writer that takes its time; then the row is there, or the table is not.
                let mut writer = db.store().begin().await.unwrap();
                sql_for("SELECT 1 AS one", "LOCK TABLE attempts").run(&mut writer).await.unwrap();
                if !ends_well {
                    sql("ALTER TABLE attempts RENAME TO gone_away").run(&mut writer).await.unwrap();
                }
                let mut exchange = Box::pin(limits.exchange());
                assert!(tokio::time::timeout(Duration::from_millis(100), &mut exchange).await.is_err(), "it waits for the writer");
                db.clock().advance(Duration::from_mins(1));
                assert_eq!(let_through(&limits, Requester::User("t"), 7), 7);
                writer.commit().await.unwrap();
                assert_eq!(exchange.await.is_ok(), ends_well);
                assert_eq!(let_through(&limits, Requester::User("t"), 30), 3);
                db.clock().advance(Duration::from_mins(1));
            }
        }

        async fn a_clock_that_is_set_back_gives_nothing_away(db: TestDb) {
            let limits = RequestLimits::new(db.deps(), TEN);
            db.clock().set(Instant::parse_rfc3339("2026-11-02T08:04:00Z").unwrap());
            assert_eq!(let_through(&limits, Requester::User("t"), 30), 10);
            db.clock().set(Instant::parse_rfc3339("2026-11-02T08:03:59.9Z").unwrap());
            assert_eq!(let_through(&limits, Requester::User("t"), 30), 0);
            db.clock().set(Instant::parse_rfc3339("2026-11-02T08:04:00.1Z").unwrap());
            assert_eq!(let_through(&limits, Requester::User("t"), 30), 0);
            db.clock().set(Instant::parse_rfc3339("2026-11-02T07:00:00Z").unwrap());
            assert_eq!(let_through(&limits, Requester::User("t"), 30), 10, "it had been wrong for long");
        }

        /// Whoever does not fit is counted with the others; addresses take nobody's place but each other's.
        async fn a_flood_is_counted_together(db: TestDb) {
            let limits = RequestLimits::holding(db.deps(), TEN, 3);
            let addresses: Vec<String> = (0..50).map(|number| format!("192.0.2.{number}")).collect();
            let through: u32 = addresses.iter().map(|address| let_through(&limits, Requester::Address(address), 1)).sum();
            assert_eq!(through, 3 + 4, "three by themselves, the rest on one count");
            assert_eq!(let_through(&limits, Requester::Address("192.0.2.0"), 9), 3);
            assert_eq!(let_through(&limits, Requester::User("a"), 30), 10);
            let through: u32 = ["b", "c", "d", "e"].iter().map(|user| let_through(&limits, Requester::User(user), 8)).sum();
            assert_eq!(through, 8 + 8 + 10);
            limits.exchange().await.unwrap();
            assert_eq!(db.count("SELECT COUNT(*) AS n FROM attempts").await, 8);
            assert_eq!(db.count("SELECT CAST(SUM(count) AS BIGINT) AS n FROM attempts WHERE key LIKE '%:others'").await, 4 + 10);
        }

        async fn many_are_told_in_several_statements(db: TestDb) {
            let limits = RequestLimits::new(db.deps(), TEN);
            for number in 0..1201 {
                assert_eq!(let_through(&limits, Requester::User(&format!("user{number}")), 2), 2);
            }
            limits.exchange().await.unwrap();
            assert_eq!(db.count("SELECT COUNT(*) AS n FROM attempts").await, 1201);
            assert_eq!(db.count("SELECT CAST(SUM(count) AS BIGINT) AS n FROM attempts").await, 2402);
            let other = RequestLimits::new(db.deps(), TEN);
            for number in [0, 600, 1200] {
                assert_eq!(let_through(&other, Requester::User(&format!("user{number}")), 1), 1);
            }
            other.exchange().await.unwrap();
            for number in [0, 600, 1200] {
                assert_eq!(let_through(&other, Requester::User(&format!("user{number}")), 30), 7);
            }
        }
    }
}
