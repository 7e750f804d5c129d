//! What the database can do: one row, one statement, one durable commit.

use std::str::FromStr;

use sqlx::{
    PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use wellmet::time::{Ids, SystemIds};

/// Inserts rows on connections of its own, as durably as the store and with nothing in between.
#[derive(Clone)]
pub(crate) enum Bare {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

const TABLE: &str = "CREATE TABLE bare (id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL)";
const INSERT: &str = "INSERT INTO bare (id, at) VALUES ($1, $2)";

/// Runs the query `$text` with `$value`s on whichever engine it is.
macro_rules! run {
    ($bare:expr, $text:expr $(, $value:expr)*) => {{
        #[expect(clippy::disallowed_methods, reason = "the store's own cost must not be in this figure")]
        let done = match $bare {
            Self::Sqlite(pool) => sqlx::query($text)$(.bind($value))*.execute(pool).await.map(drop),
            Self::Postgres(pool) => sqlx::query($text)$(.bind($value))*.execute(pool).await.map(drop),
        };
        done.expect("the database does as it is told");
    }};
}

impl Bare {
    pub(crate) async fn open(url: &str) -> Self {
        let bare = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).expect("a URL");
            let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            // As the store has it: the log is one file, and who finds it long enough folds it in.
            let options = options.pragma("wal_autocheckpoint", "4000");
            // SQLite has one writer: more connections would only wait for each other less cleverly.
            let pool = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
            Self::Sqlite(pool.connect_with(options).await.expect("the database opens"))
        } else {
            let pool = PgPoolOptions::new().min_connections(8).max_connections(8).test_before_acquire(false);
            Self::Postgres(pool.connect(url).await.expect("the database opens"))
        };
        run!(&bare, TABLE);
        bare
    }

    /// One row; durable when it returns.
    pub(crate) async fn insert(&self) {
        let mut key = [0; 16];
        SystemIds.fill(&mut key);
        let key = u128::from_be_bytes(key);
        run!(self, INSERT, format!("{key:032x}"), 1_i64);
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
