use std::time::Duration;

use super::{
    Accounts, ClientInfo, Identity, IssuedToken, MAX_PASSWORD,
    account::{Account, by_email_key},
    failures,
    pass::Pass,
    session::LetIn,
};
use crate::{
    error::Internal,
    limits::{Limit, LimitError},
    model::{email_key, valid_email},
    time::Secret,
};

/// Why someone is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No active account has this address and password. Which of them is wrong is not told.
    #[error("the address or the password is wrong")]
    Wrong,
    /// Too many wrong passwords for this account or from this address.
    #[error("too many attempts")]
    TooMany {
        /// Until the next attempt counts.
        retry_after: Duration,
    },
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(SignInError, limited);

impl Accounts {
    /// Signs in by address and password, with a new secret each time. The secret belongs into the cookie.
    ///
    /// # Errors
    /// `Wrong` for an unknown address, a wrong password and an inactive account alike, after the same work.
    pub async fn sign_in(&self, email: &str, password: &str, from: &ClientInfo) -> Result<(Identity, Secret), SignInError> {
        self.prove_and_open(email, password, from).await
    }

    /// As [`Accounts::sign_in`], for a program: with a new token instead, good for [`super::LOGIN_TOKEN_LASTS`].
    ///
    /// # Errors
    /// As [`Accounts::sign_in`].
    pub async fn log_in(&self, email: &str, password: &str, from: &ClientInfo) -> Result<(Identity, IssuedToken), SignInError> {
        self.prove_and_open(email, password, from).await
    }

    async fn prove_and_open<P: Pass>(&self, email: &str, password: &str, from: &ClientInfo) -> Result<LetIn<P>, SignInError> {
        let key = email_key(email);
        self.count_guess(&key, from).await?;
        self.enter(&key, password, from).await?.ok_or(SignInError::Wrong)
    }

    /// Counts one guess at a password, before it is made: guesses that run side by side cannot outrun the limit.
    pub(super) async fn count_guess(&self, email_key: &str, from: &ClientInfo) -> Result<(), LimitError> {
        let address = from.address_key();
        let mut guesses = vec![(Limit::SignInPerAccount, email_key)];
        guesses.extend(address.as_deref().map(|address| (Limit::SignInPerAddress, address)));
        self.limits.check_all(&guesses).await
    }

    /// Lets in whoever has the password of an active account.
    pub(super) async fn enter<P: Pass>(&self, email_key: &str, password: &str, from: &ClientInfo) -> Result<Option<LetIn<P>>, Internal> {
        let Some(account) = self.prove(email_key, password).await? else { return Ok(None) };
        let stale = self.hasher.is_stale(&account.password_hash);
        let new_hash = if stale { Some(self.hasher.hash(&*self.deps.ids, password).await?) } else { None };
        Ok(self.open(account, new_hash, from).await?)
    }

    /// The active account with this address and password. One hash is computed in every case.
    async fn prove(&self, email_key: &str, password: &str) -> Result<Option<Account>, Internal> {
        // What cannot be an address has no account; some of it the database would not even take as text.
        let account = if valid_email(email_key) { by_email_key(self.store(), email_key).await? } else { None };
        let account = account.filter(|_| password.chars().count() <= MAX_PASSWORD);
        let right = self.hasher.matches(password, account.as_ref().map(|account| account.password_hash.as_str())).await?;
        Ok(account.filter(|account| right && account.active))
    }
}
