//! Bearer tokens for programs: short-lived ones from signing in, and personal ones made in the settings.

use std::time::Duration;

use super::{Accounts, Identity, account::identity_of};
use crate::{
    error::Internal,
    model::{ApiTokenId, Instant, UserId},
    store::{Row, StoreError, Tx, sql},
    time::Secret,
};

/// What tokens of ours begin with, so that people and secret scanners know them.
const PREFIX: &str = "wm_";
/// A token from signing in ends after so long.
pub const LOGIN_TOKEN_LASTS: Duration = Duration::from_hours(1);
/// A use is noted at most this often: reading is not to cost a write.
const USE_NOTED_EVERY: Duration = Duration::from_mins(5);
/// How much of a token's end is kept in the clear.
const HINT: usize = 4;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScope {
    /// Read only.
    Read,
    /// Whatever its owner may.
    Write,
}

impl TokenScope {
    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of a stored or sent word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Where a token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// From signing in over the API.
    Login,
    /// Made in the settings.
    Personal,
}

impl TokenKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Personal => "personal",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Login, Self::Personal].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Where it comes from.
    pub kind: TokenKind,
    /// How its owner calls it; empty for a token from signing in.
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// The last letters of it.
    pub hint: String,
    /// When it was made.
    pub created_at: Instant,
    /// From then on it is no good.
    pub expires_at: Instant,
    /// When it was last used, give or take five minutes; `None`: never.
    pub last_used_at: Option<Instant>,
}

impl ApiToken {
    /// Whether it works no more at `now`.
    pub fn is_over(&self, now: Instant) -> bool {
        self.expires_at <= now
    }
}

/// A new token with its secret, which is nowhere else: to be shown once.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// What is stored of it.
    pub token: ApiToken,
    secret: Secret,
}

impl IssuedToken {
    /// The whole token, as it is sent with requests.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", self.secret.expose())
    }
}

impl Accounts {
    /// Whose token this is and what it may; `None` when it is unknown, expired or revoked, or its owner is inactive.
    ///
    /// # Errors
    /// When the database cannot be read. That a use cannot be noted is no reason to turn someone away.
    pub async fn by_api_token(&self, sent: &str) -> Result<Option<(Identity, ApiToken)>, Internal> {
        let Some(secret) = sent.strip_prefix(PREFIX).and_then(Secret::from_untrusted) else { return Ok(None) };
        let (now, hash) = (self.now(), secret.hash());
        let row = sql(concat!(
            "SELECT u.id, u.role, u.name, u.email, u.time_zone, u.email_checked_at, ",
            columns!(),
            "
             FROM api_tokens t JOIN users u ON u.id = t.user_id
             WHERE t.secret_hash = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL AND u.active = 1"
        ));
        let Some(row) = row.bind(&hash).bind(now).optional(self.store()).await? else { return Ok(None) };
        let (identity, token) = (identity_of(&row)?, token_of(&row)?);
        if token.last_used_at.is_none_or(|used| used + USE_NOTED_EVERY <= now)
            && let Err(error) = self.note_token_use(token.id, now).await
        {
            tracing::warn!(%error, "a token's use was not noted");
        }
        Ok(Some((identity, token)))
    }

    async fn note_token_use(&self, id: ApiTokenId, now: Instant) -> Result<(), StoreError> {
        let mut tx = self.store().begin().await?;
        sql("UPDATE api_tokens SET last_used_at = $2 WHERE id = $1").bind(id).bind(now).run(&mut tx).await?;
        tx.commit().await
    }

    /// Writes a new token of `user`, good until `expires_at`.
    pub(super) async fn insert_token(
        &self,
        tx: &mut Tx,
        user: UserId,
        (id, kind, name, scope): (ApiTokenId, TokenKind, &str, TokenScope),
        expires_at: Instant,
    ) -> Result<IssuedToken, StoreError> {
        let (now, secret) = (self.now(), self.deps.ids.secret());
        let text = secret.expose();
        let token = ApiToken {
            id,
            kind,
            name: name.to_owned(),
            scope,
            hint: text[text.len().saturating_sub(HINT)..].to_owned(),
            created_at: now,
            expires_at,
            last_used_at: None,
        };
        let insert = sql("INSERT INTO api_tokens (id, user_id, kind, name, scope, secret_hash, hint, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        let insert = insert.bind(token.id).bind(user).bind(kind.as_str()).bind(name).bind(scope.as_str());
        insert.bind(secret.hash()).bind(&token.hint).bind(now).bind(expires_at).run(tx).await?;
        Ok(IssuedToken { token, secret })
    }
}

/// The columns of a token `t`, for [`token_of`].
macro_rules! columns {
    () => {
        "t.id AS token_id, t.kind, t.name AS token_name, t.scope, t.hint, t.created_at, t.expires_at, t.last_used_at"
    };
}
pub(super) use columns;

/// The token of a row with [`columns`].
pub(super) fn token_of(row: &Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: row.get("token_id")?,
        kind: row.parse("kind", TokenKind::parse)?,
        name: row.get("token_name")?,
        scope: row.parse("scope", TokenScope::parse)?,
        hint: row.get("hint")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}
