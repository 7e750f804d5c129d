//! A row of `users`, as the commands of this folder need it.

use super::Identity;
use crate::{
    model::{Instant, Role, UserId},
    store::{Row, Store, StoreError, Tx, sql, sql_for},
};

/// An account with its password hash. Never leaves this folder.
pub(super) struct Account {
    pub(super) identity: Identity,
    pub(super) active: bool,
    pub(super) password_hash: String,
}

/// The identity of a row with `id, role, name, email, time_zone, email_checked_at` of a user.
pub(super) fn identity_of(row: &Row) -> Result<Identity, StoreError> {
    Ok(Identity {
        id: row.get("id")?,
        role: row.parse("role", Role::parse)?,
        name: row.get("name")?,
        email: row.get("email")?,
        time_zone: row.get("time_zone")?,
        email_checked: row.get::<Option<Instant>>("email_checked_at")?.is_some(),
    })
}

fn account_of(row: &Row) -> Result<Account, StoreError> {
    Ok(Account { identity: identity_of(row)?, active: row.get("active")?, password_hash: row.get("password_hash")? })
}

/// The account with this `email_key`.
pub(super) async fn by_email_key(store: &Store, key: &str) -> Result<Option<Account>, StoreError> {
    let row = sql("SELECT id, role, name, email, time_zone, email_checked_at, active, password_hash FROM users WHERE email_key = $1");
    row.bind(key).optional(store).await?.as_ref().map(account_of).transpose()
}

/// The account with this id.
pub(super) async fn by_id(store: &Store, id: UserId) -> Result<Option<Account>, StoreError> {
    let row = sql("SELECT id, role, name, email, time_zone, email_checked_at, active, password_hash FROM users WHERE id = $1");
    row.bind(id).optional(store).await?.as_ref().map(account_of).transpose()
}

/// Locks the account for the rest of the transaction if it is active and its password is still the one behind
/// `password_hash`. Whoever changes the password or the active flag changes the row first and ends sign-ins after,
/// so none slips in between.
pub(super) async fn lock_unchanged(tx: &mut Tx, id: UserId, password_hash: &str) -> Result<bool, StoreError> {
    let locked = sql_for(
        "SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND active = 1",
        "SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND active = 1 FOR NO KEY UPDATE",
    );
    Ok(locked.bind(id).bind(password_hash).optional(tx).await?.is_some())
}

/// What becomes a row of `users`.
pub(super) struct NewAccount<'a> {
    pub(super) identity: &'a Identity,
    pub(super) email_key: &'a str,
    pub(super) password_hash: &'a str,
}

impl NewAccount<'_> {
    /// Inserts it; `Unique` on `email_key` when the address has an account.
    pub(super) async fn insert(&self, tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
        let Identity { id, role, name, email, time_zone, .. } = self.identity;
        let insert = sql("INSERT INTO users (id, email, email_key, password_hash, name, role, time_zone, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)");
        let insert = insert.bind(*id).bind(email).bind(self.email_key).bind(self.password_hash);
        insert.bind(name).bind(role.as_str()).bind(time_zone).bind(now).run(tx).await.map(drop)
    }
}
