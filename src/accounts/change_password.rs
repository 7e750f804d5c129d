use std::time::Duration;

use super::{
    Accounts, Actor, ClientInfo, MAX_PASSWORD, account, failures,
    mail_links::end_reset_links,
    password::check_password,
    personal_tokens::{Ending, end_tokens},
    session::end_sign_ins,
};
use crate::{
    error::Internal,
    limits::Limit,
    model::{FieldErrors, email_key},
    store::sql,
    time::Secret,
};

/// Why the password stays.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// Fields `current_password` and `new_password`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Too many wrong passwords for this account.
    #[error("too many attempts")]
    TooMany {
        /// Until the next attempt counts.
        retry_after: Duration,
    },
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(ChangePasswordError, limited);

impl Accounts {
    /// Changes the password of `actor`, who knows the current one, and ends every sign-in but `keep` and every token from
    /// signing in. Personal tokens go on unless `tokens_too`: programs that use them know no password.
    ///
    /// # Errors
    /// `Invalid` on `current_password` when it is wrong, on `new_password` when it cannot become one.
    pub async fn change_password(
        &self,
        actor: Actor,
        (current, new): (&str, &str),
        keep: &Secret,
        tokens_too: bool,
    ) -> Result<(), ChangePasswordError> {
        let mut errors = FieldErrors::new();
        check_password(&mut errors, "new_password", new);
        errors.or(())?;
        let account = account::by_id(self.store(), actor.id()).await?.ok_or_else(wrong)?;
        let key = email_key(account.identity.email());
        self.count_guess(&key, &ClientInfo::default()).await?;
        let right = current.chars().count() <= MAX_PASSWORD && self.hasher.matches(current, Some(&account.password_hash)).await?;
        if !right {
            return Err(wrong().into());
        }
        let new_hash = self.hasher.hash(&*self.deps.ids, new).await?;
        let mut tx = self.store().begin().await?;
        let change = sql("UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1 AND password_hash = $4 AND active = 1");
        let change = change.bind(actor.id()).bind(new_hash).bind(self.now()).bind(account.password_hash);
        if change.run(&mut tx).await? == 0 {
            // Changed in another window a moment ago: what was typed is no longer the current one.
            return Err(wrong().into());
        }
        end_sign_ins(&mut tx, actor.id(), Some(keep)).await?;
        end_tokens(&mut tx, actor.id(), if tokens_too { Ending::All } else { Ending::Logins }, self.now()).await?;
        end_reset_links(&mut tx, actor.id(), self.now()).await?;
        self.limits.clear(&mut tx, Limit::SignInPerAccount, &key).await?;
        Ok(tx.commit().await?)
    }
}

fn wrong() -> FieldErrors {
    FieldErrors::one("current_password", "This is not your current password.")
}
