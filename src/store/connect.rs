//! Opening the database that `DATABASE_URL` names.

use std::{
    path::PathBuf,
    str::FromStr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use sqlx::{
    Connection as _, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    StoreError, Tx, Writer,
    tx::{SqliteTx, roll_back},
};

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
        /// Whether the writer comes back from a transaction that was dropped.
        unfinished: Arc<AtomicBool>,
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
            Engine::Sqlite { write, unfinished, .. } => Tx::Sqlite(SqliteTx::new(write.acquire().await?, unfinished.clone())),
            Engine::Postgres { pool } => Tx::Postgres(pool.begin().await?),
        })
    }

    /// As [`Store::begin`], where to lock is as cheap as to read: on SQLite, while nobody else writes. `None` elsewhere.
    pub fn begin_idle(&self) -> Option<Tx> {
        match &*self.0 {
            Engine::Sqlite { write, unfinished, .. } => Some(Tx::Sqlite(SqliteTx::new(write.try_acquire()?, unfinished.clone()))),
            Engine::Postgres { .. } => None,
        }
    }

    /// Waits for a connection on which one statement can be sent at once.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn writer(&self) -> Result<Writer, StoreError> {
        Ok(match &*self.0 {
            Engine::Sqlite { write, unfinished, .. } => Writer::Sqlite(SqliteTx::new(write.acquire().await?, unfinished.clone())),
            Engine::Postgres { pool } => Writer::Postgres(pool.acquire().await?),
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
        // In pages of the log, 16 MB: folding it into the file costs a commit as much as many commits, and most pages of a
        // booking are those of the booking before.
        .pragma("wal_autocheckpoint", "4000")
        .statement_cache_capacity(256);
    let path = options.get_filename().to_path_buf();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unavailable(error.into()))?;
    }
    let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).test_before_acquire(false);
    let unfinished = Arc::new(AtomicBool::new(false));
    let left = unfinished.clone();
    let writer = writer.after_release(move |connection, _| {
        let left = left.clone();
        Box::pin(async move { Ok(roll_back(connection, &left).await) })
    });
    let write = writer.connect_with(options.clone()).await?;
    // A file needs no asking whether it is still there: that would double the cost of a short read.
    let readers = SqlitePoolOptions::new().max_connections(4).acquire_timeout(PATIENCE).test_before_acquire(false);
    let read = readers.connect_with(options.create_if_missing(false).pragma("query_only", "1")).await?;
    Ok(Engine::Sqlite { read, write, unfinished, path })
}

async fn postgres(url: &str) -> Result<Engine, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("wellmet")
        .statement_cache_capacity(256)
        // A lock that is waited for longer than a person would is an outage, not a queue.
        .options([("lock_timeout", "5s"), ("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "15s")])
        // Each statement's text has one good plan. Left to choose, PostgreSQL makes a new one for every run of a larger
        // statement, which takes longer than running it.
        .options([("plan_cache_mode", "force_generic_plan")])
        // Compiling a statement pays when it reads millions of rows. Ours read dozens, and guesses without statistics made
        // PostgreSQL compile for a tenth of a second what runs in three milliseconds.
        .options([("jit", "off")]);
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
