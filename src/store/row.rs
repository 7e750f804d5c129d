//! Reading a row, whichever engine it came from.

use chrono::NaiveDate;
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use super::StoreError;
use crate::model::{Id, Instant};

/// One row of an answer.
pub struct Row(pub(super) Inner);

pub(super) enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of `column` as a `T`.
    ///
    /// # Errors
    /// `Corrupt` when it is null or not a `T`; `Driver` when there is no such column.
    pub fn get<T: Column>(&self, column: &str) -> Result<T, StoreError> {
        T::read(self, column)
    }

    /// The value of `column` parsed from its text by `parse`.
    ///
    /// # Errors
    /// As [`Row::get`], and `Corrupt` when `parse` gives `None`.
    pub fn parse<T>(&self, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        let text: String = self.get(column)?;
        parse(&text).ok_or_else(|| corrupt(column, "not a known value"))
    }

    fn int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(match &self.0 {
            Inner::Sqlite(row) => row.try_get(column)?,
            Inner::Postgres(row) => row.try_get(column)?,
        })
    }

    fn text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(match &self.0 {
            Inner::Sqlite(row) => row.try_get(column)?,
            Inner::Postgres(row) => row.try_get(column)?,
        })
    }
}

fn corrupt(column: &str, problem: impl Into<String>) -> StoreError {
    StoreError::Corrupt { column: column.to_owned(), problem: problem.into() }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// Reads `column` of `row`.
    ///
    /// # Errors
    /// As [`Row::get`].
    fn read(row: &Row, column: &str) -> Result<Self, StoreError>;
}

impl Column for Option<i64> {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.int(column)
    }
}

impl Column for Option<String> {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.text(column)
    }
}

impl Column for i64 {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.int(column)?.ok_or_else(|| corrupt(column, "null"))
    }
}

impl Column for String {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.text(column)?.ok_or_else(|| corrupt(column, "null"))
    }
}

impl Column for u32 {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        let wide: i64 = row.get(column)?;
        wide.try_into().map_err(|_| corrupt(column, format!("{wide} is out of range")))
    }
}

impl Column for Option<u32> {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.int(column)?.map(|_| row.get(column)).transpose()
    }
}

impl Column for bool {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        match row.get::<i64>(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(corrupt(column, format!("{other} is not 0 or 1"))),
        }
    }
}

impl Column for Instant {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.get(column).map(Self::from_millis)
    }
}

impl Column for Option<Instant> {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        Ok(row.int(column)?.map(Instant::from_millis))
    }
}

impl<T> Column for Id<T> {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.parse(column, |text| text.parse().ok())
    }
}

impl<T> Column for Option<Id<T>> {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.text(column)?.map(|text| text.parse().map_err(|_| corrupt(column, "not an id"))).transpose()
    }
}

impl Column for NaiveDate {
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.parse(column, |text| text.parse().ok())
    }
}
