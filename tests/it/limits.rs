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
