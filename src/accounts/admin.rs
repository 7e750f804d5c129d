//! What admins do with accounts.

use super::{
    Accounts, AdminActor,
    account::NewAccount,
    failures,
    mail_links::{self, LinkPurpose},
    password::check_password,
    personal_tokens::{Ending, end_tokens},
    register::{Person, taken},
    session::end_sign_ins,
};
use crate::{
    coaches::Offers,
    error::Internal,
    model::{FieldErrors, Instant, Role, UserId, clean_line, email_key},
    store::{Row, StoreError, sql},
};

/// How many users a page of the list has.
const PAGE: usize = 50;

/// Why there is no new admin.
#[derive(Debug, thiserror::Error)]
pub enum CreateAdminError {
    /// Fields `email`, `name`, `password`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(CreateAdminError);

/// Why an account stays as active as it is.
#[derive(Debug, thiserror::Error)]
pub enum SetActiveError {
    /// Admins cannot lock themselves out.
    #[error("an admin cannot deactivate their own account")]
    Yourself,
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(SetActiveError);

/// An account, as admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    /// Whose it is.
    pub id: UserId,
    /// The address they sign in with.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may be.
    pub role: Role,
    /// Their IANA zone.
    pub time_zone: String,
    /// Whether they can sign in (and, for a coach, be found).
    pub active: bool,
    /// When the account was made.
    pub created_at: Instant,
}

/// A page of accounts, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// At most 50.
    pub users: Vec<UserSummary>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<UserId>,
}

impl Accounts {
    /// Makes an admin. For the command line: whoever runs it has the machine, so nobody else is asked.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong, also when the address has an account.
    pub async fn create_admin(&self, email: &str, name: &str, password: &str) -> Result<UserId, CreateAdminError> {
        let mut errors = FieldErrors::new();
        let person = Person::check(&mut errors, email, name, "UTC");
        check_password(&mut errors, "password", password);
        let identity = errors.or(person)?.identity(self, Role::Admin);
        let password_hash = self.hasher.hash(&*self.deps.ids, password).await?;
        let new = NewAccount { identity: &identity, email_key: &email_key(&identity.email), password_hash: &password_hash };
        let mut tx = self.store().begin().await?;
        match new.insert(&mut tx, self.now()).await {
            Err(error) if error.is_unique("email_key") => return Err(taken().into()),
            done => done?,
        }
        mail_links::ask(&mut tx, &*self.deps.ids, self.now(), identity.id, LinkPurpose::CheckAddress).await?;
        tx.commit().await?;
        Ok(identity.id)
    }

    /// The accounts whose name or address contains `q` (in either case; empty: all), newest first, from after
    /// `cursor`, which is the `next` of the page before.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_users(&self, _admin: &AdminActor, q: &str, cursor: Option<UserId>) -> Result<UserPage, Internal> {
        let words = clean_line(&mut FieldErrors::new(), "q", q, 0, usize::MAX);
        let pattern = |text: &str| format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        // `lower` of SQLite knows ASCII alone, so the name is looked through as typed too.
        let list = sql(r"SELECT id, email, name, role, time_zone, active, created_at FROM users
             WHERE (email_key LIKE $1 ESCAPE '\' OR lower(name) LIKE $1 ESCAPE '\' OR name LIKE $2 ESCAPE '\') AND id < $3
             ORDER BY id DESC LIMIT 51");
        let list = list.bind(pattern(&words.to_lowercase())).bind(pattern(&words));
        // Above every id: ids are digits and upper-case letters.
        let list = list.bind(cursor.map_or_else(|| "~".to_owned(), String::from));
        let rows = list.all(self.store()).await?;
        let users: Vec<UserSummary> = rows.iter().take(PAGE).map(summary_of).collect::<Result<_, _>>()?;
        let next = users.last().filter(|_| rows.len() > PAGE).map(|user| user.id);
        Ok(UserPage { users, next })
    }

    /// The account with this id; `None` when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn user(&self, _admin: &AdminActor, user: UserId) -> Result<Option<UserSummary>, Internal> {
        let row = sql("SELECT id, email, name, role, time_zone, active, created_at FROM users WHERE id = $1");
        Ok(row.bind(user).optional(self.store()).await?.as_ref().map(summary_of).transpose()?)
    }

    /// Lets an account in again, or shuts it out: it is signed out everywhere at once, its personal tokens work no
    /// more while it is shut, and a coach is no longer found. Bookings stay. Gives the account as it is now; `None` when there is none.
    ///
    /// # Errors
    /// `Yourself` when an admin would shut themselves out.
    pub async fn set_active(&self, admin: &AdminActor, user: UserId, active: bool) -> Result<Option<UserSummary>, SetActiveError> {
        if admin.id() == user && !active {
            return Err(SetActiveError::Yourself);
        }
        let now = self.now();
        let mut tx = self.store().begin().await?;
        Offers::touch(&mut tx, user, now).await?;
        let change = sql("UPDATE users SET active = $2, updated_at = $3 WHERE id = $1 \
             RETURNING id, email, name, role, time_zone, active, created_at");
        let Some(row) = change.bind(user).bind(active).bind(now).optional(&mut tx).await? else { return Ok(None) };
        if !active {
            end_sign_ins(&mut tx, user, None).await?;
            end_tokens(&mut tx, user, Ending::Logins, now).await?;
        }
        tx.commit().await?;
        Ok(Some(summary_of(&row)?))
    }
}

fn summary_of(row: &Row) -> Result<UserSummary, StoreError> {
    Ok(UserSummary {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: row.parse("role", Role::parse)?,
        time_zone: row.get("time_zone")?,
        active: row.get("active")?,
        created_at: row.get("created_at")?,
    })
}
