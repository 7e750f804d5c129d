//! A new token for a managed user, because somebody asks for one.

use super::CalConnectError;
use crate::{
    accounts::{AdminActor, CoachActor},
    integrations::{Integrations, health::Health, tokens::Force},
    model::{Instant, UserId},
    store::sql,
};

impl Integrations {
    /// Replaces the token of the coach's managed user: regularly, by force where that is refused. Gives when the new one expires.
    ///
    /// # Errors
    /// See [`CalConnectError`].
    pub async fn renew_managed(&self, coach: &CoachActor) -> Result<Instant, CalConnectError> {
        self.renew_of(coach.id()).await
    }

    /// As [`Integrations::renew_managed`], for the coach whom an admin looks after.
    ///
    /// # Errors
    /// See [`CalConnectError`].
    pub async fn renew_managed_of(&self, _: &AdminActor, coach: UserId) -> Result<Instant, CalConnectError> {
        self.renew_of(coach).await
    }

    async fn renew_of(&self, coach: UserId) -> Result<Instant, CalConnectError> {
        let integration = self.managed_integration(coach).await?.ok_or(CalConnectError::NotConnected)?;
        let row = || sql("SELECT token_revision, access_expires_at FROM calendar_integrations WHERE id = $1").bind(integration.id);
        if integration.state.health == Health::NeedsReconnect {
            self.tokens.renew_by_force(&integration).await?;
        } else {
            let seen: i64 = row().one(&self.deps.store).await?.get("token_revision")?;
            self.tokens.ensure_valid(&integration, Force::Rejected(seen)).await?;
        }
        let expires_at: Option<Instant> = row().one(&self.deps.store).await?.get("access_expires_at")?;
        expires_at.ok_or(CalConnectError::NotConnected)
    }
}
