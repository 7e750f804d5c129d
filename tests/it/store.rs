//! What services rely on the database for, whichever engine it is.

use std::sync::Arc;

use tokio::{sync::Barrier, task::JoinSet};
use wellmet::{
    model::{ClaimId, Id, Instant, UserId},
    store::{Store, StoreError, sql},
};

use crate::support::{TestDb, both_engines};

/// Claims `[from, until)` minutes after the epoch for `coach`.
async fn claim(store: &Store, id: ClaimId, coach: UserId, from: i64, until: i64) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let insert = sql("INSERT INTO claims (id, coach_id, kind, starts_at, ends_at) VALUES ($1, $2, 'block', $3, $4)");
    insert.bind(id).bind(coach).bind(minute(from)).bind(minute(until)).run(&mut tx).await?;
    tx.commit().await
}

async fn shift(store: &Store, id: ClaimId, from: i64, until: i64) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let change = sql("UPDATE claims SET starts_at = $2, ends_at = $3 WHERE id = $1");
    change.bind(id).bind(minute(from)).bind(minute(until)).run(&mut tx).await?;
    tx.commit().await
}

const fn minute(minutes: i64) -> Instant {
    Instant::from_millis(0).plus_minutes(minutes)
}

/// How many pairs of claims of one coach overlap: the invariant of the whole product, as one query.
const OVERLAPS: &str = "SELECT COUNT(*) AS n FROM claims a JOIN claims b
    ON a.coach_id = b.coach_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at";

fn new_id<T>(db: &TestDb) -> Id<T> {
    db.ids().id(db.now())
}

/// Starts every job at the same moment and gives the outcomes.
async fn at_once<F>(jobs: Vec<F>) -> Vec<Result<(), StoreError>>
where
    F: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let gate = Arc::new(Barrier::new(jobs.len()));
    let mut running = JoinSet::new();
    for job in jobs {
        let gate = gate.clone();
        running.spawn(async move {
            gate.wait().await;
            job.await
        });
    }
    running.join_all().await
}

both_engines! {
    async fn overlapping_claims_are_refused(db: TestDb) {
        let (coach, store) = (db.coach("maya").await.id(), db.store());
        claim(store, new_id(&db), coach, 60, 120).await.unwrap();
        for (from, until) in [(60, 120), (0, 61), (119, 180), (70, 110), (0, 240), (60, 61), (119, 120)] {
            let refused = claim(store, new_id(&db), coach, from, until).await;
            assert!(matches!(refused, Err(StoreError::Overlap)), "{from}..{until}: {refused:?}");
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 1);
    }

    async fn touching_claims_and_other_coaches_are_fine(db: TestDb) {
        let (maya, tom, store) = (db.coach("maya").await.id(), db.coach("tom").await.id(), db.store());
        for (coach, from, until) in [(maya, 60, 120), (maya, 0, 60), (maya, 120, 180), (tom, 60, 120), (tom, 30, 60)] {
            claim(store, new_id(&db), coach, from, until).await.unwrap();
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 5);
        assert_eq!(db.count(OVERLAPS).await, 0);
    }

    async fn a_claim_moves_only_to_where_it_fits(db: TestDb) {
        let (maya, tom, store) = (db.coach("maya").await.id(), db.coach("tom").await.id(), db.store());
        let (id, other) = (new_id(&db), new_id(&db));
        claim(store, id, maya, 0, 60).await.unwrap();
        claim(store, new_id(&db), maya, 120, 180).await.unwrap();
        claim(store, other, tom, 130, 140).await.unwrap();
        for (from, until) in [(110, 121), (179, 200), (100, 300), (130, 140)] {
            let refused = shift(store, id, from, until).await;
            assert!(matches!(refused, Err(StoreError::Overlap)), "{from}..{until}: {refused:?}");
        }
        // Onto its own old place, up to the next one, and grown in place.
        for (from, until) in [(30, 90), (60, 120), (20, 120), (180, 200)] {
            shift(store, id, from, until).await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        let handed_over = sql("UPDATE claims SET coach_id = $2 WHERE id = $1").bind(other).bind(maya).run(&mut tx).await;
        assert!(matches!(handed_over, Err(StoreError::Overlap)), "{handed_over:?}");
    }

    async fn an_empty_or_turned_interval_is_no_claim(db: TestDb) {
        let coach = db.coach("maya").await.id();
        for (from, until) in [(60, 60), (60, 59)] {
            let refused = claim(db.store(), new_id(&db), coach, from, until).await;
            assert!(matches!(refused, Err(StoreError::Driver(_))), "{refused:?}");
        }
    }

    async fn of_32_writers_on_two_servers_one_wins(db: TestDb) {
        let coach = db.coach("maya").await.id();
        let servers = [db.store().clone(), db.second_server().await];
        let jobs = (0..32).map(|i: i64| {
            let (server, id) = (servers[usize::from(i % 2 == 0)].clone(), new_id(&db));
            // Each a little differently, so that all overlap but none is equal.
            async move { claim(&server, id, coach, i, 60 + i).await }
        });
        let outcomes = at_once(jobs.collect()).await;
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(StoreError::Overlap | StoreError::Unavailable(_)))), "{outcomes:?}");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 1);
        assert_eq!(db.count(OVERLAPS).await, 0);
    }

    async fn writers_that_do_not_meet_all_win(db: TestDb) {
        let coach = db.coach("maya").await.id();
        let servers = [db.store().clone(), db.second_server().await];
        let jobs = (0..32).map(|i: i64| {
            let (server, id) = (servers[usize::from(i % 2 == 0)].clone(), new_id(&db));
            async move { claim(&server, id, coach, i * 60, (i + 1) * 60).await }
        });
        for outcome in at_once(jobs.collect()).await {
            outcome.unwrap();
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 32);
    }

    async fn what_is_not_committed_never_was(db: TestDb) {
        let coach = db.coach("maya").await.id();
        let mut tx = db.store().begin().await.unwrap();
        sql("UPDATE coaches SET headline = 'x' WHERE user_id = $1").bind(coach).run(&mut tx).await.unwrap();
        let seen = sql("SELECT headline FROM coaches").one(&mut tx).await.unwrap();
        assert_eq!(seen.get::<String>("headline").unwrap(), "x");
        drop(tx);
        assert_eq!(db.row("SELECT headline FROM coaches").await.get::<String>("headline").unwrap(), "");
    }

    async fn values_come_back_as_they_went_in(db: TestDb) {
        let coach = db.coach("maya").await.id();
        let text = "Zoë 渡辺 '; DROP TABLE users; --\n\t</textarea>🌱";
        let mut tx = db.store().begin().await.unwrap();
        let write = sql("UPDATE coaches SET bio = $2, created_at = $3, listed = $4 WHERE user_id = $1");
        assert_eq!(write.bind(coach).bind(text).bind(i64::MAX).bind(false).run(&mut tx).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let row = db.row("SELECT user_id, bio, created_at, listed, NULL AS absent FROM coaches").await;
        assert_eq!(row.get::<UserId>("user_id").unwrap(), coach);
        assert_eq!(row.get::<String>("bio").unwrap(), text);
        assert_eq!(row.get::<i64>("created_at").unwrap(), i64::MAX);
        assert!(!row.get::<bool>("listed").unwrap());
        assert_eq!(row.get::<Option<String>>("absent").unwrap(), None);
        assert!(matches!(row.get::<UserId>("bio"), Err(StoreError::Corrupt { .. })));
        assert!(matches!(row.get::<u32>("created_at"), Err(StoreError::Corrupt { .. })));
    }

    async fn answers_without_rows_are_told_apart(db: TestDb) {
        assert_eq!(sql("SELECT id FROM users WHERE id = $1").bind("x").all(db.store()).await.unwrap().len(), 0);
        assert!(sql("SELECT id FROM users").optional(db.store()).await.unwrap().is_none());
        assert!(sql("SELECT id FROM users").one(db.store()).await.is_err());
    }
}

/// Both migrate, several times over, and the second to come finds nothing to do.
async fn migrate_at_once(db: TestDb) {
    let servers = [db.store().clone(), db.second_server().await, db.second_server().await];
    let jobs = servers.map(|server| async move { server.migrate().await });
    for outcome in at_once(jobs.into()).await {
        outcome.unwrap();
    }
    db.store().migrate().await.unwrap();
    assert_eq!(db.count("SELECT COUNT(*) AS n FROM users").await, 0);
    db.coach("maya").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_at_once_migrate_once_on_sqlite() {
    for _ in 0..5 {
        migrate_at_once(TestDb::sqlite_empty().await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_at_once_migrate_once_on_postgres() {
    for _ in 0..3 {
        let Some(db) = TestDb::postgres_empty().await else { return };
        migrate_at_once(db).await;
    }
}

/// The lock on the file beside the database, which other processes respect too, is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_migration_waits_for_another_process() {
    let db = TestDb::sqlite_empty().await;
    let mut beside = db.store().sqlite_path().unwrap().as_os_str().to_owned();
    beside.push(".migrating");
    let held = std::fs::File::create(beside).unwrap();
    held.lock().unwrap();
    let store = db.store().clone();
    let migration = tokio::spawn(async move { store.migrate().await });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!migration.is_finished(), "the migration did not wait");
    held.unlock().unwrap();
    migration.await.unwrap().unwrap();
    db.mentee("ada").await;
}
