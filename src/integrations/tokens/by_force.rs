//! New tokens for managed users by this site's own authority, whatever became of the old ones.

use super::{
    Held, Tokens,
    refresh::{AGAIN, LOOK_EVERY, LOOKS},
    stored::Stored,
};
use crate::{
    error::Internal,
    integrations::{
        Integration,
        health::Health,
        outcome::{CallError, TokenError},
        providers::RefreshWay,
    },
};

impl Tokens {
    /// Replaces the tokens of a managed user by force: all others of that user end at once. For tokens that have been where they
    /// should not stay, and for an integration that needs a reconnect, whose health this does not change. However
    /// many ask at once, the provider is asked once.
    ///
    /// # Errors
    /// See [`TokenError`]; `NeedsReconnect` when the user is no managed one, or is gone.
    pub async fn renew_by_force(&self, integration: &Integration) -> Result<Held, TokenError> {
        let Some(user) = integration.managed_user_id else { return Err(TokenError::NeedsReconnect) };
        let seen = Stored::load(&self.deps.store, integration).await?.revision;
        let flight = self.flights.get_with(integration.id, Default::default);
        let (service, integration) = (self.clone(), integration.clone());
        // As a refresh, it must come to its end, whoever waits for it.
        let task = tokio::spawn(async move {
            let _alone = flight.alone().await;
            service.force_once(&integration, seen, user).await
        });
        task.await.map_err(|error| TokenError::Internal(Internal::new(error)))?
    }

    async fn force_once(&self, integration: &Integration, seen: i64, user: i64) -> Result<Held, TokenError> {
        for _ in 0..LOOKS {
            let stored = Stored::load(&self.deps.store, integration).await?;
            if stored.health == Health::Disconnected {
                return Err(TokenError::Disconnected);
            }
            if stored.revision != seen {
                return stored.held(&self.vault, integration);
            }
            if self.lease(integration, seen).await? {
                return self.force(integration, seen, user).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(TokenError::Call(CallError::TimedOut))
    }

    /// As the holder of the lease.
    async fn force(&self, integration: &Integration, seen: i64, user: i64) -> Result<Held, TokenError> {
        let Some(provider) = self.providers.get(integration.kind) else { return Err(TokenError::ClientRejected) };
        let now = self.deps.clock.now();
        match provider.refresh(RefreshWay::Forced { managed_user_id: user }, now).await {
            Ok(issued) => {
                tracing::info!(target: "cal_tokens_refresh", integration = %integration.id, "renewed by force");
                self.keep(integration, seen, &issued).await
            }
            Err(error) => {
                tracing::warn!(target: "cal_tokens_refresh", integration = %integration.id, %error, "not renewed by force");
                self.release(integration, seen, now + AGAIN).await?;
                Err(error.into())
            }
        }
    }
}
