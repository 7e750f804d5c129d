//! Opening the database that `DATABASE_URL` names.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{StoreError, Tx};

/// How long a request may wait for a connection before it is told to try again.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that nobody used for so long is asked whether it still stands before it is used.
const QUIET: Duration = Duration::from_millis(5);

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Engine>);

/// Which engine it is, with its pools.
pub enum Engine {
    /// Embedded. One connection writes, several read beside it (WAL).
    Sqlite {
        /// For reading.
        read: SqlitePool,
        /// The one writer.
        write: SqlitePool,
        /// The file.
        path: PathBuf,
    },
    /// A server, possibly shared with other Wellmet servers.
    Postgres {
        /// For everything.
        pool: PgPool,
    },
}

impl Store {
    /// Opens the database at `url`: `sqlite:path/to/file`, or `postgres://user@host/name`. A missing SQLite file
    /// is created, its folder too. Does not migrate.
    ///
    /// # Errors
    /// `Driver` for a malformed URL, `Unavailable` when it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let engine =
            if url.starts_with("postgres:") || url.starts_with("postgresql:") { postgres(url).await? } else { sqlite(url).await? };
        Ok(Self(Arc::new(engine)))
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.0
    }

    /// `SQLite` or `PostgreSQL`, for the log.
    pub fn engine_name(&self) -> &'static str {
        match &*self.0 {
            Engine::Sqlite { .. } => "SQLite",
            Engine::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The SQLite file, if that is what it is.
    pub fn sqlite_path(&self) -> Option<&std::path::Path> {
        match &*self.0 {
            Engine::Sqlite { path, .. } => Some(path),
            Engine::Postgres { .. } => None,
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// `Unavailable` when no connection comes free in five seconds or the database is gone.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match &*self.0 {
            // A transaction that begins by reading and turns to writing later would fail when another wrote between.
            Engine::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Engine::Postgres { pool } => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `Unavailable` when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        super::sql("SELECT 1 AS one").one(self).await.map(drop)
    }

    /// Closes every connection, waiting for those in use. SQLite's log is folded into the file.
    pub async fn close(&self) {
        match &*self.0 {
            Engine::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Engine::Postgres { pool } => pool.close().await,
        }
    }
}

async fn sqlite(url: &str) -> Result<Engine, StoreError> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Full: a commit is on the disk before it is acknowledged (WAL alone would allow Normal, which may lose it).
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-8192")
        .statement_cache_capacity(256);
    let path = options.get_filename().to_path_buf();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unavailable(error.into()))?;
    }
    let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).test_before_acquire(false);
    // SQLite itself rolls back when the disk is full or fails; sqlx then counts a transaction that is no more and
    // would refuse every later one. Such a connection is given up and the next begins on a fresh one.
    let writer = writer.before_acquire(|connection, _| {
        let whole = !connection.is_in_transaction();
        Box::pin(async move { Ok(whole) })
    });
    let write = writer.connect_with(options.clone()).await?;
    // A file needs no asking whether it is still there: that would double the cost of a short read.
    let readers = SqlitePoolOptions::new().max_connections(4).acquire_timeout(PATIENCE).test_before_acquire(false);
    let read = readers.connect_with(options.create_if_missing(false).pragma("query_only", "1")).await?;
    Ok(Engine::Sqlite { read, write, path })
}

async fn postgres(url: &str) -> Result<Engine, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("wellmet")
        .statement_cache_capacity(256)
        // A lock that is waited for longer than a person would is an outage, not a queue.
        .options([("lock_timeout", "5s"), ("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "15s")]);
    let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(PATIENCE).test_before_acquire(false);
    // Asking each time whether the server is still there would cost a round trip; after a pause it is worth one.
    let pool = pool.before_acquire(|connection, meta| {
        Box::pin(async move {
            if meta.idle_for > QUIET {
                connection.ping().await?;
            }
            Ok(true)
        })
    });
    let pool = pool.connect_with(options).await?;
    Ok(Engine::Postgres { pool })
}
