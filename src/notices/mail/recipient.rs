use crate::{
    model::{Instant, UserId},
    store::{StoreError, Target, sql},
    time::Zone,
};

use super::letter::Person;

/// Whom a mail is for, as they are now.
pub(super) struct Recipient {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) email_key: String,
    pub(super) zone: Zone,
    pub(super) language: String,
    pub(super) checked: Option<Instant>,
    pub(super) active: bool,
}

impl Recipient {
    pub(super) async fn find(on: impl Into<Target<'_>>, id: UserId) -> Result<Option<Self>, StoreError> {
        let row = sql("SELECT name, email, email_key, time_zone, language, email_checked_at, active FROM users WHERE id = $1");
        let Some(row) = row.bind(id).optional(on).await? else { return Ok(None) };
        Ok(Some(Self {
            name: row.get("name")?,
            email: row.get("email")?,
            email_key: row.get("email_key")?,
            zone: row.parse("time_zone", Zone::parse)?,
            language: row.get("language")?,
            checked: row.get("email_checked_at")?,
            active: row.get("active")?,
        }))
    }

    pub(super) fn person(&self) -> Person {
        Person { name: self.name.clone(), email: self.email.clone() }
    }
}
