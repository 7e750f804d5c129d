//! What an admin sees of the installation at a glance.

use super::{Accounts, AdminActor};
use crate::{
    error::Internal,
    store::{StoreError, sql},
};

/// The state of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemFacts {
    /// The database's name: `SQLite` or `PostgreSQL`.
    pub engine: &'static str,
    /// The number and the name of the latest migration.
    pub migration: (i64, String),
    /// How many active accounts there are: mentees, coaches, admins.
    pub active_users: [i64; 3],
    /// How many accounts are shut out.
    pub inactive_users: i64,
    /// How many bookings are to come: requests and confirmed.
    pub upcoming_bookings: i64,
    /// How many bookings there are in all.
    pub bookings: i64,
}

impl Accounts {
    /// The state of the installation, counted now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn facts(&self, _admin: &AdminActor) -> Result<SystemFacts, Internal> {
        let latest = sql("SELECT version, description FROM _sqlx_migrations ORDER BY version DESC LIMIT 1");
        let latest = latest.one(self.store()).await?;
        let count = sql("SELECT
                (SELECT COUNT(*) FROM users WHERE active = 1 AND role = 'client') AS mentees,
                (SELECT COUNT(*) FROM users WHERE active = 1 AND role = 'coach') AS coaches,
                (SELECT COUNT(*) FROM users WHERE active = 1 AND role = 'admin') AS admins,
                (SELECT COUNT(*) FROM users WHERE active = 0) AS inactive,
                (SELECT COUNT(*) FROM bookings WHERE status IN ('pending', 'confirmed') AND ends_at > $1) AS upcoming,
                (SELECT COUNT(*) FROM bookings) AS bookings");
        let counted = count.bind(self.now()).one(self.store()).await?;
        let number = |name: &'static str| -> Result<i64, StoreError> { counted.get(name) };
        Ok(SystemFacts {
            engine: self.store().engine_name(),
            migration: (latest.get("version")?, latest.get("description")?),
            active_users: [number("mentees")?, number("coaches")?, number("admins")?],
            inactive_users: number("inactive")?,
            upcoming_bookings: number("upcoming")?,
            bookings: number("bookings")?,
        })
    }
}
