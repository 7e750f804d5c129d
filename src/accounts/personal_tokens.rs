//! Personal tokens as their owners see them, and the end of tokens of either kind.

use std::time::Duration;

use super::{
    Accounts, Actor, ApiToken, IssuedToken, TokenKind, TokenScope,
    api_tokens::{columns, token_of},
    failures,
};
use crate::{
    error::Internal,
    model::{ApiTokenId, FieldErrors, Instant, UserId, clean_line},
    store::{StoreError, Tx, sql, sql_for},
};

/// One person has at most so many personal tokens that work.
pub const MOST_TOKENS: usize = 20;
/// A personal token works for so long at most.
pub const PERSONAL_TOKEN_LASTS: Duration = Duration::from_hours(365 * 24);
/// What is over stays in the database for so long, for its owner to see what it was and for us to find out what happened.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// A personal token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its id. A form that is sent twice sends the same one, and makes one token. `None`: any.
    pub id: Option<ApiTokenId>,
    /// How its owner calls it, 1 to 60 characters.
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// For how long it works, [`PERSONAL_TOKEN_LASTS`] at most.
    pub lasts: Duration,
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
pub enum CreateTokenError {
    /// Fields `name` and `lasts`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// There are [`MOST_TOKENS`] that work already.
    #[error("there are as many tokens as there may be")]
    Full,
    /// There is one with this id: it was made a moment ago.
    #[error("this token was made already")]
    Made,
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(CreateTokenError);

/// Which tokens end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Those from signing in.
    Logins,
    /// All of them.
    All,
}

impl Accounts {
    /// Makes a personal token of `actor`, called `name`, good for `lasts`.
    ///
    /// # Errors
    /// As [`Accounts::make_token`].
    pub async fn create_token(
        &self,
        actor: Actor,
        name: &str,
        scope: TokenScope,
        lasts: Duration,
    ) -> Result<IssuedToken, CreateTokenError> {
        self.make_token(actor, NewToken { id: None, name: name.to_owned(), scope, lasts }).await
    }

    /// Makes a personal token of `actor`. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// `Invalid` on `name` and `lasts`, `Full` when there are [`MOST_TOKENS`] that work, `Made` when there is one with this id.
    pub async fn make_token(&self, actor: Actor, wish: NewToken) -> Result<IssuedToken, CreateTokenError> {
        let mut errors = FieldErrors::new();
        let name = clean_line(&mut errors, "name", &wish.name, 1, 60);
        if wish.lasts.is_zero() || wish.lasts > PERSONAL_TOKEN_LASTS {
            errors.add("lasts", "A token works for a year at most.");
        }
        errors.or(())?;
        let now = self.now();
        let id = wish.id.unwrap_or_else(|| self.deps.ids.id(now));
        let mut tx = self.store().begin().await?;
        // One after the other, so that nobody counts past another's token, and none after the account was shut.
        let locked = sql_for(
            "SELECT id FROM users WHERE id = $1 AND active = 1",
            "SELECT id FROM users WHERE id = $1 AND active = 1 FOR NO KEY UPDATE",
        );
        if locked.bind(actor.id()).optional(&mut tx).await?.is_none() {
            return Err(Internal::new("a token for an account that was shut a moment ago").into());
        }
        let live = sql("SELECT COUNT(*) AS live FROM api_tokens
             WHERE user_id = $1 AND kind = 'personal' AND revoked_at IS NULL AND expires_at > $2");
        let live: i64 = live.bind(actor.id()).bind(now).one(&mut tx).await?.get("live")?;
        if sql("SELECT id FROM api_tokens WHERE id = $1").bind(id).optional(&mut tx).await?.is_some() {
            return Err(CreateTokenError::Made);
        }
        if usize::try_from(live).is_ok_and(|live| live >= MOST_TOKENS) {
            return Err(CreateTokenError::Full);
        }
        let issued = self.insert_token(&mut tx, actor.id(), (id, TokenKind::Personal, &name, wish.scope), now + wish.lasts).await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// The personal tokens of `actor` that were not revoked, newest first; those that ended in the last month too.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tokens(&self, actor: Actor) -> Result<Vec<ApiToken>, Internal> {
        let rows = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM api_tokens t
             WHERE t.user_id = $1 AND t.kind = 'personal' AND t.revoked_at IS NULL AND t.expires_at > $2 ORDER BY t.id DESC"
        ));
        let rows = rows.bind(actor.id()).bind(self.now() - KEPT).all(self.store()).await?;
        Ok(rows.iter().map(token_of).collect::<Result<_, _>>()?)
    }

    /// Ends one token of `actor`, of either kind, at once. `false` when there is none of this id that was not ended before.
    ///
    /// # Errors
    /// When the database cannot be written: it stands.
    pub async fn revoke_token(&self, actor: Actor, id: ApiTokenId) -> Result<bool, Internal> {
        let mut tx = self.store().begin().await?;
        let revoke = sql("UPDATE api_tokens SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL");
        let ended = revoke.bind(id).bind(actor.id()).bind(self.now()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(ended == 1)
    }
}

/// Ends tokens of `user`, in the transaction of what ends them.
pub(super) async fn end_tokens(tx: &mut Tx, user: UserId, which: Ending, now: Instant) -> Result<(), StoreError> {
    let end = sql("UPDATE api_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL AND kind <> $3");
    let spared = match which {
        Ending::Logins => TokenKind::Personal.as_str(),
        Ending::All => "",
    };
    end.bind(user).bind(now).bind(spared).run(tx).await.map(drop)
}

/// Deletes tokens from signing in that are over, and others a month after their end; how many there were.
pub(super) async fn sweep(tx: &mut Tx, now: Instant) -> Result<u64, StoreError> {
    let sweep = sql("DELETE FROM api_tokens WHERE (expires_at <= $1 AND kind = 'login') OR expires_at <= $2 OR revoked_at <= $2");
    sweep.bind(now).bind(now - KEPT).run(tx).await
}
