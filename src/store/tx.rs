use sqlx::{Database, Postgres, Sqlite, Transaction, query::Query};

use super::StoreError;

/// An open transaction. Dropped without [`Tx::commit`], it leaves no trace.
pub enum Tx {
    /// The one writer SQLite has (`BEGIN IMMEDIATE`).
    Sqlite(Transaction<'static, Sqlite>),
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

/// A prepared statement, kept by the connection that ran it.
#[expect(clippy::disallowed_methods, reason = "the store is where SQL goes through")]
pub(super) fn prepared<DB: Database>(text: &'static str) -> Query<'static, DB, DB::Arguments> {
    sqlx::query(text)
}
