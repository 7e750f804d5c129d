//! What is stored of an integration's credentials.

use std::time::Duration;

use super::{BUFFER, Clear, Force, Held, Place, Tokens, Unopenable, Vault};
use crate::{
    integrations::{Integration, health::Health, outcome::TokenError, providers::Issued},
    model::{Instant, IntegrationId, UserId},
    store::{Statement, StoreError, Target, Tx, sql},
};

/// How long before its end a token is refreshed by the schedule at the latest.
const AHEAD: Duration = Duration::from_mins(10);

impl From<Unopenable> for TokenError {
    fn from(_: Unopenable) -> Self {
        Self::Sealed
    }
}

/// The credential columns of one integration.
pub(super) struct Stored {
    pub(super) revision: i64,
    pub(super) health: Health,
    pub(super) expires_at: Option<Instant>,
    refresh_at: Option<Instant>,
    access: Option<String>,
    refresh: Option<String>,
    secret: Option<String>,
}

impl Stored {
    pub(super) async fn load(on: impl Into<Target<'_>>, integration: &Integration) -> Result<Self, TokenError> {
        let row = sql("SELECT token_revision, health, access_expires_at, refresh_at, access_sealed, refresh_sealed, secret_sealed
             FROM calendar_integrations WHERE id = $1 AND coach_id = $2")
        .bind(integration.id)
        .bind(integration.coach_id);
        // A row that is gone was disconnected for good.
        let Some(row) = row.optional(on).await? else { return Err(TokenError::Disconnected) };
        Ok(Self {
            revision: row.get("token_revision")?,
            health: row.parse("health", Health::parse)?,
            expires_at: row.get("access_expires_at")?,
            refresh_at: row.get("refresh_at")?,
            access: row.get("access_sealed")?,
            refresh: row.get("refresh_sealed")?,
            secret: row.get("secret_sealed")?,
        })
    }

    /// Whether the stored token is good for `force` at `now`.
    pub(super) fn will_do(&self, force: Force, now: Instant) -> bool {
        let lives = self.access.is_some() && self.expires_at.is_some_and(|end| end > now + BUFFER);
        match force {
            Force::No => lives,
            Force::IfDue => lives && self.refresh_at.is_none_or(|at| at > now),
            Force::Rejected(revision) => lives && self.revision != revision,
        }
    }

    /// Whether the stored token, though due, is not over yet.
    pub(super) fn still_lives(&self, now: Instant) -> bool {
        self.access.is_some() && self.expires_at.is_some_and(|end| end > now)
    }

    /// The credential to call with.
    pub(super) fn held(&self, vault: &Vault, of: &Integration) -> Result<Held, TokenError> {
        let (sealed, column) = if of.kind.has_tokens() { (&self.access, "access") } else { (&self.secret, "secret") };
        let sealed = sealed.as_deref().ok_or(TokenError::NeedsReconnect)?;
        Ok(Held { secret: vault.open(sealed, place(column, of.id.as_str(), of.coach_id.as_str()))?, revision: self.revision })
    }

    /// The refresh token, if there is one.
    pub(super) fn refresh_token(&self, vault: &Vault, of: &Integration) -> Result<Option<Clear>, TokenError> {
        let open = |sealed| vault.open(sealed, place("refresh", of.id.as_str(), of.coach_id.as_str()));
        Ok(self.refresh.as_deref().map(open).transpose()?)
    }
}

/// Where a credential column of an integration stands.
pub(super) const fn place<'a>(column: &'a str, integration: &'a str, coach: &'a str) -> Place<'a> {
    Place { column, row: integration, owner: coach }
}

/// A credential to be stored for the first time, or in place of another.
#[derive(Debug)]
pub enum NewCredential<'a> {
    /// Tokens.
    Issued(&'a Issued),
    /// `user\npassword`, or a feed's address.
    Secret(&'a Clear),
}

impl Tokens {
    /// Stores a credential for `id` of `coach`, in the transaction that connects or reconnects it. Ends any lease: who
    /// is refreshing the former token will find it replaced.
    ///
    /// # Errors
    /// `Sealed` or `Internal`.
    pub async fn store(&self, tx: &mut Tx, id: IntegrationId, coach: UserId, new: NewCredential<'_>) -> Result<(), TokenError> {
        let now = self.deps.clock.now();
        let seal = |clear: &Clear, column| self.vault.seal(clear, place(column, id.as_str(), coach.as_str()));
        let statement = match new {
            NewCredential::Issued(issued) => self.set_tokens(id, coach, issued, now)?,
            NewCredential::Secret(secret) => {
                sql("UPDATE calendar_integrations SET secret_sealed = $3, token_revision = token_revision + 1, updated_at = $4
                 WHERE id = $1 AND coach_id = $2")
                .bind(id)
                .bind(coach)
                .bind(seal(secret, "secret")?)
                .bind(now)
            }
        };
        statement.run(tx).await?;
        Ok(())
    }

    /// The statement that stores `issued`; the caller may narrow it to a revision by [`super::refresh`]'s lease.
    pub(super) fn set_tokens(&self, id: IntegrationId, coach: UserId, issued: &Issued, now: Instant) -> Result<Statement, Unopenable> {
        let seal = |clear: &Clear, column| self.vault.seal(clear, place(column, id.as_str(), coach.as_str()));
        let refresh = issued.refresh.as_ref().map(|clear| seal(clear, "refresh")).transpose()?;
        let statement = sql("UPDATE calendar_integrations
             SET access_sealed = $3, refresh_sealed = COALESCE($4, refresh_sealed), access_expires_at = $5, refresh_at = $6,
                 scopes = CASE WHEN $7 = '' THEN scopes ELSE $7 END, token_revision = token_revision + 1,
                 refresh_lease_owner = NULL, refresh_lease_until = NULL, updated_at = $8
             WHERE id = $1 AND coach_id = $2 AND health <> 'disconnected'");
        Ok(statement
            .bind(id)
            .bind(coach)
            .bind(seal(&issued.access, "access")?)
            .bind(refresh)
            .bind(issued.expires_at)
            .bind(self.refresh_at(issued.expires_at, now))
            .bind(&issued.scopes)
            .bind(now))
    }

    /// When the schedule refreshes a token that ends at `end`: well ahead, and spread, so that tokens that were issued
    /// together are not refreshed together. A short life is refreshed at its half.
    fn refresh_at(&self, end: Instant, now: Instant) -> Instant {
        let mut random = [0_u8; 2];
        self.deps.ids.fill(&mut random);
        let jitter = u64::from(u16::from_be_bytes(random)) * 300_000 / u64::from(u16::MAX);
        let ahead = end - AHEAD - Duration::from_millis(jitter);
        let half = Instant::from_millis(i64::midpoint(now.millis(), end.millis()));
        ahead.max(half)
    }

    /// Deletes every credential of `id`, in the transaction that disconnects it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget(&self, tx: &mut Tx, id: IntegrationId) -> Result<(), StoreError> {
        let forget = sql("UPDATE calendar_integrations SET access_sealed = NULL, refresh_sealed = NULL, secret_sealed = NULL,
             access_expires_at = NULL, refresh_at = NULL, token_revision = token_revision + 1,
             refresh_lease_owner = NULL, refresh_lease_until = NULL, updated_at = $2 WHERE id = $1");
        forget.bind(id).bind(self.deps.clock.now()).run(tx).await.map(drop)
    }
}
