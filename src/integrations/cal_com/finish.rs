//! On the way back from the consent page.

use super::{CalConnectError, start::Before, working};
use crate::{
    accounts::CoachActor,
    error::Internal,
    integrations::{Calendar, Integration, Integrations, ProviderKind, health::Health, providers::Behind},
    model::IntegrationId,
    store::sql,
    time::Secret,
};

impl Integrations {
    /// Finds out what the coach answered on the consent page, stores the calendars that are new, and replaces the token that
    /// travelled. Cal.com brings the coach back to the same address whether consent was given or refused.
    ///
    /// # Errors
    /// See [`CalConnectError`]. `Refused`: no such calendar is there now, and what was made for a first connection is given up
    /// again. `NothingNew`: those that are there were there before.
    pub async fn finish_cal_connect<'a>(
        &self,
        coach: &CoachActor,
        sign_in: impl Into<Option<&'a Secret>>,
        behind: Behind,
        state: Option<&str>,
    ) -> Result<IntegrationId, CalConnectError> {
        let journey = self.arrive(coach, sign_in.into(), ProviderKind::CalComManaged, state).await?.ok_or(CalConnectError::StateUnknown)?;
        let before: Before = serde_json::from_str(journey.verifier.expose()).map_err(Internal::new)?;
        if before.behind != behind.as_str() {
            return Err(CalConnectError::StateUnknown);
        }
        let id = journey.reconnect.ok_or(CalConnectError::StateUnknown)?;
        let integration = self.live(coach, id).await?.ok_or(CalConnectError::StateUnknown)?;
        let listed = self.managed_list(&integration).await?;
        let now_working = working(&listed, behind);
        let added = now_working.iter().any(|credential| !before.working.contains(credential));
        let result = if now_working.is_empty() {
            Err(CalConnectError::Refused)
        } else if !added && integration.state.health == Health::Healthy {
            Err(CalConnectError::NothingNew)
        } else {
            self.adopt(&integration, &listed, &before.working, behind).await?;
            Ok(id)
        };
        // A first connection that came to nothing leaves nothing behind. Else the token was on its way, whatever came of it.
        if Calendar::of_integration(&self.deps.store, &integration).await?.is_empty() {
            self.disconnect(coach, id).await?;
        } else {
            self.replace_travelled(&integration).await?;
        }
        result
    }

    /// Replaces the token that went through the provider and the browser, by force: a regular refresh would leave it valid
    /// for the rest of its hour. Not while the coach is on the way a second time, in another window: that way's
    /// return does it. The connection stands even if it fails.
    async fn replace_travelled(&self, integration: &Integration) -> Result<(), CalConnectError> {
        let others = sql("SELECT secret_hash FROM oauth_states WHERE integration_id = $1 AND expires_at > $2 LIMIT 1");
        let others = others.bind(integration.id).bind(self.deps.clock.now());
        if others.optional(&self.deps.store).await?.is_some() {
            return Ok(());
        }
        if let Err(error) = self.tokens.renew_by_force(integration).await {
            tracing::warn!(target: "token_service", integration = %integration.id, %error, "the token that travelled was not replaced");
        }
        Ok(())
    }
}
