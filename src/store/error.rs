use sqlx::error::{DatabaseError, ErrorKind};

/// Why the database did not do what it was asked. For services and the log; never shown to a user.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full, read-only or overloaded: nothing was written, try again soon.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A claim would overlap a live one of the same coach. The invariant of the whole product.
    #[error("the time is taken")]
    Overlap,
    /// A row with this unique value exists. Carries the engine's text, which names the constraint or column.
    #[error("not unique: {0}")]
    Unique(String),
    /// A stored value is not what the program wrote: `column`, and what is wrong with it.
    #[error("column {column}: {problem}")]
    Corrupt {
        /// The column.
        column: String,
        /// What is wrong.
        problem: String,
    },
    /// Anything else the driver says: a fault in our SQL or schema.
    #[error("the database refused: {0}")]
    Driver(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether trying again soon may help (503 rather than 500).
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether this is a unique violation that names `column` (both engines' texts contain the column's or the
    /// constraint's name, and constraints are named after their columns).
    pub fn is_unique(&self, column: &str) -> bool {
        matches!(self, Self::Unique(text) if text.contains(column))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(error)
            }
            sqlx::Error::Database(database) => match classify(&**database) {
                Class::Overlap => Self::Overlap,
                Class::Unique(text) => Self::Unique(text),
                Class::Unavailable => Self::Unavailable(error),
                Class::Other => Self::Driver(error),
            },
            _ => Self::Driver(error),
        }
    }
}

enum Class {
    Overlap,
    Unique(String),
    Unavailable,
    Other,
}

fn classify(error: &dyn DatabaseError) -> Class {
    // PostgreSQL's exclusion constraint, SQLite's trigger: both carry this name.
    if error.message().contains("claims_no_overlap") || error.constraint() == Some("claims_no_overlap") {
        return Class::Overlap;
    }
    if error.kind() == ErrorKind::UniqueViolation {
        let constraint = error.constraint().map_or_else(|| error.message().to_owned(), str::to_owned);
        return Class::Unique(constraint);
    }
    let postgres = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some();
    let code = error.code().unwrap_or_default();
    let transient = if postgres {
        // Classes of the SQLSTATE table: 08 connection, 53 out of resources, 57 operator intervention, 58 system
        // error, 40 transaction rollback (deadlock, serialization). 25006 read-only, 25P03 and 55P03 are our own
        // time-outs for a transaction that idles and for a lock.
        ["08", "53", "57", "58", "40"].iter().any(|class| code.starts_with(class)) || ["25006", "25P03", "55P03"].contains(&&*code)
    } else {
        // Primary result codes of sqlite.org/rescode.html: PERM 3, BUSY 5, LOCKED 6, READONLY 8, IOERR 10, FULL 13,
        // CANTOPEN 14; extended codes carry them in the low byte.
        code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 3 | 5 | 6 | 8 | 10 | 13 | 14))
    };
    if transient { Class::Unavailable } else { Class::Other }
}
