//! The database: pools, transactions, migrations and one way to run SQL on both engines.
//!
//! Services never know the engine. SQL that both accept is written once ([`sql`]); what differs stands side
//! by side ([`sql_for`]). Every statement's text is a literal: values go in through `bind` alone.

mod backup;
mod connect;
mod error;
mod migrate;
mod row;
mod statement;
mod tx;

pub use connect::{Engine, Store};
pub use error::StoreError;
pub use row::{Column, Row};
pub use statement::{Arg, Statement, Target, sql, sql_for};
pub use tx::{Tx, Writer};
