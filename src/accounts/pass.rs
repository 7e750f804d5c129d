//! What someone gets who is let in: a browser a sign-in, a program a token. Everything before that is the same for both.

use super::{Accounts, ClientInfo, IssuedToken, LOGIN_TOKEN_LASTS, TokenKind, TokenScope, session::insert_sign_in};
use crate::{
    model::UserId,
    store::{StoreError, Tx},
    time::Secret,
};

/// Made for someone whose password was just proven, in the transaction that lets them in.
pub(super) trait Pass: Sized {
    /// Writes a new one of `user`.
    async fn issue(accounts: &Accounts, tx: &mut Tx, user: UserId, from: &ClientInfo) -> Result<Self, StoreError>;
}

impl Pass for Secret {
    async fn issue(accounts: &Accounts, tx: &mut Tx, user: UserId, from: &ClientInfo) -> Result<Self, StoreError> {
        let secret = accounts.deps.ids.secret();
        insert_sign_in(tx, &secret, user, accounts.now(), from).await?;
        Ok(secret)
    }
}

impl Pass for IssuedToken {
    async fn issue(accounts: &Accounts, tx: &mut Tx, user: UserId, _: &ClientInfo) -> Result<Self, StoreError> {
        let now = accounts.now();
        let id = accounts.deps.ids.id(now);
        accounts.insert_token(tx, user, (id, TokenKind::Login, "", TokenScope::Write), now + LOGIN_TOKEN_LASTS).await
    }
}
