//! A small coaching practice to look around in, for a database that nobody uses yet.
//!
//! It is made by the services alone, whose clock is set to one past instant after the other: accounts from months
//! ago, sessions that took place, a mentee who did not come, a request that still waits. So every row is one that
//! real use would leave, on any day of any year.

mod cast;
mod coaches;
mod history;
mod hours;
mod portraits;
mod practice;
mod season;
mod stories;

use std::{error::Error, fmt, sync::Arc};

use crate::{
    error::Internal,
    model::{Instant, Role},
    store::{Store, StoreError, sql},
    time::{Clock, Ids},
};

use practice::Practice;

/// The password of everyone in the demo.
const PASSWORD: &str = "wellmet-demo";

/// Who can sign in to the demo. `Display` prints it as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSignIns(pub Vec<DemoSignIn>);

/// Someone of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSignIn {
    /// What they may be.
    pub role: Role,
    /// Their name.
    pub name: String,
    /// The address they sign in with; nobody reads its mail.
    pub email: String,
    /// Their password. It is no secret.
    pub password: &'static str,
}

impl fmt::Display for DemoSignIns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for DemoSignIn { role, name, email, password } in &self.0 {
            let role = if *role == Role::Mentee { "mentee" } else { role.as_str() };
            writeln!(f, "{role:<7} {name:<18} {email:<26} {password}")?;
        }
        Ok(())
    }
}

/// Why the demo was not loaded. What was made before stays: empty the database before trying again.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A service refused what the demo asked for: a fault of the demo.
    #[error("the demo asked for something impossible: {0}")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

/// `?` from what a service says.
macro_rules! refusals {
    ($($service:ident::$error:ident),* $(,)?) => {$(
        impl From<crate::$service::$error> for DemoError {
            fn from(error: crate::$service::$error) -> Self {
                match error {
                    crate::$service::$error::Internal(error) => Self::Internal(error),
                    refused => Self::Refused(refused.into()),
                }
            }
        }
    )*};
}
refusals!(
    accounts::RegisterError,
    accounts::CreateAdminError,
    coaches::ProfileError,
    coaches::SetHoursError,
    coaches::SessionTypeError,
    bookings::HoldError,
    bookings::BookError,
    bookings::AnswerError,
    bookings::CancelError,
    bookings::RescheduleError,
    bookings::FinishError,
);

/// Fills an empty database: six coaches, four mentees, an admin and what they agreed, around the instant that
/// `clock` shows. Takes a second or two, most of it passwords. One caller at a time.
///
/// `None`, and nothing written, when the database has a user.
///
/// # Errors
/// See [`DemoError`].
pub async fn load(store: &Store, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Result<Option<DemoSignIns>, DemoError> {
    if sql("SELECT id FROM users LIMIT 1").optional(store).await?.is_some() {
        return Ok(None);
    }
    let mut practice = Practice::new(store.clone(), clock.now(), ids);
    let mut sign_ins = cast::enter(&mut practice).await?;
    coaches::open(&practice).await?;
    history::play(&practice).await?;
    settle(store, practice.now).await?;
    sign_ins.sort_by_key(|person| [Role::Admin, Role::Coach, Role::Mentee].iter().position(|role| *role == person.role));
    Ok(Some(DemoSignIns(sign_ins)))
}

/// Whether this database holds the demo: people that are invented, whose mail everyone may read.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_demo(store: &Store) -> Result<bool, Internal> {
    Ok(sql("SELECT value FROM site_facts WHERE name = 'demo' AND value = 'yes'").optional(store).await?.is_some())
}

/// The past of the demo has no consequences any more: nobody is told of it. Its people's addresses are good.
async fn settle(store: &Store, now: Instant) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    sql("UPDATE booking_events SET spread = 1 WHERE at <= $1").bind(now).run(&mut tx).await?;
    sql("UPDATE users SET email_checked_at = created_at").run(&mut tx).await?;
    sql("DELETE FROM jobs WHERE created_at <= $1").bind(now).run(&mut tx).await?;
    sql("INSERT INTO site_facts (name, value) VALUES ('demo', 'yes')").run(&mut tx).await?;
    tx.commit().await
}
