use std::time::Duration;

use super::{Integration, Integrations, attach::lock_busy, notices, standing::refresh_standing};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{Instant, IntegrationId},
    store::{StoreError, Tx, sql},
};

/// How long the provider may take to hear of it.
const PATIENCE: Duration = Duration::from_secs(5);

impl Integrations {
    /// Disconnects the account: gives the access back at the provider, as far as that can be reached, and forgets
    /// credentials and busy times. The calendars chosen are kept, in case the coach comes back. Gives whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written: it is still connected here.
    pub async fn disconnect(&self, coach: &CoachActor, id: IntegrationId) -> Result<bool, Internal> {
        let Some(integration) = self.live(coach, id).await? else { return Ok(false) };
        if !self.is_shared(&integration).await? {
            self.revoke(&integration).await;
        }
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await?;
        lock_busy(&mut tx, coach.id()).await?;
        self.tokens.forget(&mut tx, id).await?;
        end(&mut tx, &integration, now).await?;
        notices::call_off(&mut tx, id, now).await?;
        refresh_standing(&mut tx, coach.id(), now).await?;
        tx.commit().await?;
        tracing::info!(target: "token_service", integration = %id, provider = integration.kind.as_str(), "disconnected");
        Ok(true)
    }

    /// Whether another coach has connected the same account: revoking would take it from them too.
    async fn is_shared(&self, integration: &Integration) -> Result<bool, Internal> {
        let others = sql("SELECT id FROM calendar_integrations
             WHERE provider = $1 AND account_key = $2 AND id <> $3 AND health <> 'disconnected' LIMIT 1");
        let others = others.bind(integration.kind.as_str()).bind(&integration.account_key).bind(integration.id);
        Ok(others.optional(&self.deps.store).await?.is_some())
    }

    /// What is forgotten here is forgotten whatever the provider says.
    async fn revoke(&self, integration: &Integration) {
        let problem = match tokio::time::timeout(PATIENCE, self.tokens.revoke(integration)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(target: "token_service", integration = %integration.id, problem, "the access was not revoked at the provider");
    }
}

async fn end(tx: &mut Tx, integration: &Integration, now: Instant) -> Result<(), StoreError> {
    let off = sql("UPDATE calendar_integrations SET health = 'disconnected', health_reason = NULL, health_since = $2, failures = 0,
         sync_at = NULL, sync_lease_owner = NULL, sync_lease_until = NULL, updated_at = $2 WHERE id = $1");
    off.bind(integration.id).bind(now).run(&mut *tx).await?;
    let free = sql("DELETE FROM calendar_busy WHERE calendar_id IN (SELECT id FROM integration_calendars WHERE integration_id = $1)");
    free.bind(integration.id).run(&mut *tx).await?;
    let unread = sql("UPDATE integration_calendars SET read_at = NULL, sync_state = NULL WHERE integration_id = $1");
    unread.bind(integration.id).run(&mut *tx).await?;
    sql("DELETE FROM oauth_states WHERE integration_id = $1").bind(integration.id).run(tx).await.map(drop)
}
