use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use sqlx::{AssertSqlSafe, Database, Postgres, Sqlite, SqliteConnection, Transaction, pool::PoolConnection, query::Query};

use super::StoreError;

/// An open transaction. Dropped without [`Tx::commit`], it leaves no trace.
pub enum Tx {
    /// The one writer SQLite has (`BEGIN IMMEDIATE`).
    Sqlite(SqliteTx),
    /// `READ COMMITTED`; deciding code locks the coach's row first.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes it durable: once this returns `Ok`, a crash of the program or the machine does not undo it.
    ///
    /// # Errors
    /// What the database says; then nothing was written, or (a connection lost at the worst moment) the
    /// outcome is unknown and the caller's idempotency key tells.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// A connection at hand for one statement that is a transaction by itself, see [`super::Statement::alone`]. Nothing is
/// begun or locked by having it.
pub enum Writer {
    /// The one writer SQLite has.
    Sqlite(SqliteTx),
    /// Any connection.
    Postgres(PoolConnection<Postgres>),
}

/// A transaction on SQLite's one writer. Begin and commit travel with the first and the last statement: each trip to
/// the thread that SQLite runs on costs about as much as a statement does.
pub struct SqliteTx {
    pub(super) connection: PoolConnection<Sqlite>,
    /// Shared with the pool: whether the connection was given up in the middle, see [`roll_back`].
    unfinished: Arc<AtomicBool>,
    begun: bool,
}

impl SqliteTx {
    pub(super) const fn new(connection: PoolConnection<Sqlite>, unfinished: Arc<AtomicBool>) -> Self {
        Self { connection, unfinished, begun: false }
    }

    /// The beginning of the text of the next statement: of the first one, what begins the transaction. One that begins
    /// by reading and turns to writing later would fail when another wrote between.
    fn beginning(&mut self) -> &'static str {
        self.unfinished.store(true, SeqCst);
        if std::mem::replace(&mut self.begun, true) { "" } else { "BEGIN IMMEDIATE;" }
    }

    /// Begins, for a statement whose text has to stand alone.
    pub(super) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        match self.beginning() {
            "" => Ok(()),
            begin => prepared(begin).execute(&mut *self.connection).await.map(drop),
        }
    }

    /// `text` as the next statement.
    pub(super) fn next<DB: Database>(&mut self, text: &'static str) -> Query<'static, DB, DB::Arguments> {
        match self.beginning() {
            "" => prepared(text),
            begin => joined([begin, text]),
        }
    }

    /// `text` as the last statement: [`SqliteTx::committed`] is to follow when it has run.
    pub(super) fn last<DB: Database>(&mut self, text: &'static str) -> Query<'static, DB, DB::Arguments> {
        joined([self.beginning(), text, ";COMMIT"])
    }

    /// Nothing is left to roll back.
    pub(super) fn committed(self) {
        self.unfinished.store(false, SeqCst);
    }

    async fn commit(mut self) -> Result<(), sqlx::Error> {
        if self.begun {
            prepared("COMMIT").execute(&mut *self.connection).await?;
        }
        self.committed();
        Ok(())
    }
}

/// Takes back what a transaction left that was dropped. The pool calls it when the connection comes back, before
/// anyone else has it. Gives whether the connection can be used on.
pub(super) async fn roll_back(connection: &mut SqliteConnection, unfinished: &AtomicBool) -> bool {
    if !unfinished.swap(false, SeqCst) {
        return true;
    }
    // It fails when nothing was begun, or when SQLite rolled back by itself, as it does when the disk is full or fails:
    // then the next transaction begins on a fresh connection.
    prepared("ROLLBACK").execute(connection).await.is_ok()
}

/// A prepared statement, kept by the connection that ran it.
#[expect(clippy::disallowed_methods, reason = "the store is where SQL goes through")]
pub(super) fn prepared<DB: Database>(text: &'static str) -> Query<'static, DB, DB::Arguments> {
    sqlx::query(text)
}

/// As [`prepared`], of literals put together.
#[expect(clippy::disallowed_methods, reason = "the store is where SQL goes through")]
fn joined<DB: Database, const N: usize>(parts: [&'static str; N]) -> Query<'static, DB, DB::Arguments> {
    sqlx::query(AssertSqlSafe(parts.concat()))
}
