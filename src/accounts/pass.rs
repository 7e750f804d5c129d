//! What someone gets who is let in: a browser a sign-in, a program a token. Everything before that is the same for both.

use super::{Accounts, ClientInfo, IssuedToken, LOGIN_TOKEN_LASTS, TokenKind, TokenScope, session::insert_sign_in};
use crate::{
    model::{Instant, UserId},
    store::{StoreError, Tx, sql},
    time::Secret,
};

/// One person has at most so many tokens from signing in that work: the oldest ends when another is made.
pub const MOST_LOGIN_TOKENS: usize = 50;

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
        make_room(tx, user, now).await?;
        accounts.insert_token(tx, user, (id, TokenKind::Login, "", TokenScope::Write), now + LOGIN_TOKEN_LASTS).await
    }
}

/// Ends the oldest tokens from signing in of `user`, so that with the next one there are no more than may be. Whoever lets them in
/// has locked or just made the account's row, so nobody counts past another's token.
async fn make_room(tx: &mut Tx, user: UserId, now: Instant) -> Result<(), StoreError> {
    let end = sql("UPDATE api_tokens SET revoked_at = $2
         WHERE user_id = $1 AND kind = 'login' AND revoked_at IS NULL AND expires_at > $2 AND id <= (
             SELECT id FROM api_tokens WHERE user_id = $1 AND kind = 'login' AND revoked_at IS NULL AND expires_at > $2
             ORDER BY id DESC LIMIT 1 OFFSET $3)");
    let last_to_end = i64::try_from(MOST_LOGIN_TOKENS - 1).unwrap_or(i64::MAX);
    end.bind(user).bind(now).bind(last_to_end).run(tx).await.map(drop)
}
