//! One statement with its values, for either engine.

use sqlx::{Postgres, Sqlite, postgres::PgArguments, query::Query, sqlite::SqliteArguments};

use super::{Engine, Row, Store, StoreError, Tx, Writer, row::Inner};
use crate::model::{Currency, Id, Instant};

/// A statement that both engines accept. Placeholders are `$1`, `$2` ...
pub const fn sql(text: &'static str) -> Statement {
    sql_for(text, text)
}

/// A statement that the engines spell differently. Both take the same values in the same order.
///
/// SQLite's text may be several statements with `;` between them, which share the values and cost one round trip;
/// PostgreSQL's equal is one statement with `WITH`. Run them by `all` or `run`: the others stop at the first row.
pub const fn sql_for(sqlite: &'static str, postgres: &'static str) -> Statement {
    Statement { sqlite, postgres, args: Vec::new() }
}

/// A statement and the values bound to it so far.
#[must_use = "a statement does nothing until it is run"]
pub struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
    args: Vec<Arg>,
}

/// A value to bind: everything is an integer or a text, or null with one of these types.
#[derive(Debug, Clone)]
pub enum Arg {
    /// A 64-bit integer.
    Int(Option<i64>),
    /// A text.
    Text(Option<String>),
}

/// What a statement runs on: the pool (one statement, its own transaction) or an open transaction.
pub enum Target<'a> {
    /// Any connection, for reading.
    Store(&'a Store),
    /// This transaction.
    Tx(&'a mut Tx),
}

impl Target<'_> {
    /// The same target for one statement more.
    pub const fn reborrow(&mut self) -> Target<'_> {
        match self {
            Self::Store(store) => Target::Store(store),
            Self::Tx(tx) => Target::Tx(tx),
        }
    }
}

impl<'a> From<&'a Store> for Target<'a> {
    fn from(store: &'a Store) -> Self {
        Self::Store(store)
    }
}

impl<'a> From<&'a mut Tx> for Target<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

/// Runs `$method` of the sqlx query on whatever `$on` is, wrapping rows as `$wrap` says.
macro_rules! run {
    ($statement:expr, $on:expr, $method:ident, |$answer:ident, $wrap:ident| $then:expr) => {{
        let statement = $statement;
        match $on {
            Target::Store(store) => match store.engine() {
                Engine::Sqlite { read, .. } => {
                    let ($answer, $wrap) = (statement.sqlite().$method(read).await?, Inner::Sqlite);
                    $then
                }
                Engine::Postgres { pool } => {
                    let ($answer, $wrap) = (statement.postgres().$method(pool).await?, Inner::Postgres);
                    $then
                }
            },
            Target::Tx(Tx::Sqlite(tx)) => {
                let query = statement.sqlite_as(|text| tx.next(text));
                let ($answer, $wrap) = (query.$method(&mut *tx.connection).await?, Inner::Sqlite);
                $then
            }
            Target::Tx(Tx::Postgres(tx)) => {
                let ($answer, $wrap) = (statement.postgres().$method(&mut **tx).await?, Inner::Postgres);
                $then
            }
        }
    }};
}

impl Statement {
    /// Binds the next placeholder.
    pub fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.args.push(value.into());
        self
    }

    /// All rows.
    ///
    /// # Errors
    /// What the database says.
    pub async fn all<'a>(self, on: impl Into<Target<'a>>) -> Result<Vec<Row>, StoreError> {
        Ok(run!(self, on.into(), fetch_all, |rows, wrap| rows.into_iter().map(|row| Row(wrap(row))).collect()))
    }

    /// The first row, or `None`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn optional<'a>(self, on: impl Into<Target<'a>>) -> Result<Option<Row>, StoreError> {
        Ok(run!(self, on.into(), fetch_optional, |row, wrap| row.map(|row| Row(wrap(row)))))
    }

    /// The one row there must be.
    ///
    /// # Errors
    /// What the database says; `Driver` when there is none.
    pub async fn one<'a>(self, on: impl Into<Target<'a>>) -> Result<Row, StoreError> {
        Ok(run!(self, on.into(), fetch_one, |row, wrap| Row(wrap(row))))
    }

    /// Changes rows in a transaction; how many were changed. There is no way to write outside one.
    ///
    /// # Errors
    /// What the database says; `Overlap` and `Unique` tell the refusals apart that callers act on.
    pub async fn run(self, tx: &mut Tx) -> Result<u64, StoreError> {
        Ok(match tx {
            Tx::Sqlite(tx) => {
                // What begins a transaction would be counted, too.
                tx.begin().await?;
                self.sqlite().execute(&mut *tx.connection).await?.rows_affected()
            }
            Tx::Postgres(tx) => self.postgres().execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Runs as the last statement of a transaction and makes that durable, as [`Tx::commit`] does; all rows.
    ///
    /// # Errors
    /// As [`Statement::run`] and [`Tx::commit`].
    pub async fn commit(self, tx: Tx) -> Result<Vec<Row>, StoreError> {
        match tx {
            Tx::Sqlite(mut tx) => {
                let rows = self.sqlite_as(|text| tx.last(text)).fetch_all(&mut *tx.connection).await?;
                tx.committed();
                Ok(rows.into_iter().map(|row| Row(Inner::Sqlite(row))).collect())
            }
            Tx::Postgres(mut tx) => {
                let rows = self.postgres().fetch_all(&mut *tx).await?;
                tx.commit().await?;
                Ok(rows.into_iter().map(|row| Row(Inner::Postgres(row))).collect())
            }
        }
    }

    /// Runs as a transaction by itself, durable when this returns, in one round trip; all rows.
    ///
    /// # Errors
    /// As [`Statement::run`] and [`Tx::commit`].
    pub async fn alone(self, writer: Writer) -> Result<Vec<Row>, StoreError> {
        match writer {
            Writer::Sqlite(tx) => self.commit(Tx::Sqlite(tx)).await,
            Writer::Postgres(mut connection) => {
                let rows = self.postgres().fetch_all(&mut *connection).await?;
                Ok(rows.into_iter().map(|row| Row(Inner::Postgres(row))).collect())
            }
        }
    }

    fn sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        self.sqlite_as(super::tx::prepared)
    }

    fn sqlite_as(
        self,
        query: impl FnOnce(&'static str) -> Query<'static, Sqlite, SqliteArguments>,
    ) -> Query<'static, Sqlite, SqliteArguments> {
        let query = query(self.sqlite);
        self.args.into_iter().fold(query, |query, arg| match arg {
            Arg::Int(value) => query.bind(value),
            Arg::Text(value) => query.bind(value),
        })
    }

    fn postgres(self) -> Query<'static, Postgres, PgArguments> {
        let query = super::tx::prepared(self.postgres);
        self.args.into_iter().fold(query, |query, arg| match arg {
            Arg::Int(value) => query.bind(value),
            Arg::Text(value) => query.bind(value),
        })
    }
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}
impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}
impl From<Instant> for Arg {
    fn from(value: Instant) -> Self {
        Self::Int(Some(value.millis()))
    }
}
impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}
impl From<&String> for Arg {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}
impl From<Currency> for Arg {
    fn from(value: Currency) -> Self {
        Self::Text(Some(value.as_str().to_owned()))
    }
}
impl<T> From<Id<T>> for Arg {
    fn from(value: Id<T>) -> Self {
        Self::Text(Some(value.as_str().to_owned()))
    }
}
impl From<chrono::NaiveDate> for Arg {
    fn from(value: chrono::NaiveDate) -> Self {
        Self::Text(Some(value.to_string()))
    }
}
impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}
impl From<Option<u32>> for Arg {
    fn from(value: Option<u32>) -> Self {
        Self::Int(value.map(i64::from))
    }
}
impl From<Option<Instant>> for Arg {
    fn from(value: Option<Instant>) -> Self {
        Self::Int(value.map(Instant::millis))
    }
}
impl From<Option<&str>> for Arg {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}
impl From<Option<String>> for Arg {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}
impl<T> From<Option<Id<T>>> for Arg {
    fn from(value: Option<Id<T>>) -> Self {
        Self::Text(value.map(|id| id.as_str().to_owned()))
    }
}
