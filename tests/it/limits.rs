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

    use wellmet::limits::{RequestLimits, Requester};

    use super::*;

    const TEN: LimitSettings = LimitSettings { api_per_token: 10, api_per_address: 4, ..LimitSettings::NONE };

    fn let_through(limits: &RequestLimits, who: Requester<'_>, times: u32) -> u32 {
        (0..times).filter(|_| !limits.count(who).expect("a limit").refused).count().try_into().expect("few")
    }

    both_engines! {
        async fn what_gets_through_is_bounded_by_the_exchanges(db: TestDb) {
            let servers = [RequestLimits::new(db.deps(), TEN), RequestLimits::new(db.deps_on(db.second_server().await), TEN)];
            let (token, address) = (Requester::Token("t"), Requester::Address("192.0.2.1"));
            // Before anything is exchanged each lets its own limit through, and not one more.
            assert_eq!(let_through(&servers[0], token, 30), 10);
            assert_eq!(let_through(&servers[1], address, 30), 4);
            servers[0].exchange().await.unwrap();
            servers[1].exchange().await.unwrap();
            // Who has not heard lets through what arrives until it has.
            assert_eq!(let_through(&servers[1], token, 1), 1);
            servers[1].exchange().await.unwrap();
            assert_eq!(let_through(&servers[1], token, 30), 0);
            let row = db.row("SELECT COUNT(*) AS n, CAST(SUM(count) AS BIGINT) AS requests FROM attempts").await;
            assert_eq!((row.get::<i64>("n").unwrap(), row.get::<i64>("requests").unwrap()), (2, 15));
            db.clock().advance(Duration::from_mins(1));
            assert_eq!(let_through(&servers[1], token, 30), 10);
        }

        async fn exchanges_that_run_side_by_side_lose_nothing(db: TestDb) {
            let settings = LimitSettings { api_per_token: 100_000, ..LimitSettings::NONE };
            let servers = [RequestLimits::new(db.deps(), settings), RequestLimits::new(db.deps_on(db.second_server().await), settings)];
            let mut running = JoinSet::new();
            for number in 0..20 {
                let limits = servers[number % 2].clone();
                running.spawn(async move {
                    for _ in 0..10 {
                        let_through(&limits, Requester::Token("a"), 5);
                        let_through(&limits, Requester::Token("b"), 3);
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
            assert_eq!(let_through(&limits, Requester::Token("t"), 6), 6);
            db.run("ALTER TABLE attempts RENAME TO gone_away").await;
            assert!(limits.exchange().await.is_err());
            assert_eq!(let_through(&limits, Requester::Token("t"), 6), 4);
            db.run("ALTER TABLE gone_away RENAME TO attempts").await;
            limits.exchange().await.unwrap();
            assert_eq!(db.count("SELECT count AS n FROM attempts").await, 10);
        }
    }
}
