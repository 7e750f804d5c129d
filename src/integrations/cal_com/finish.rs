//! On the way back from the consent page.

use super::{CalConnectError, start::Before, working};
use crate::{
    accounts::CoachActor,
    error::Internal,
    integrations::{Calendar, Integration, Integrations, ProviderKind, Returning, health::Health, providers::Behind},
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
        who: impl Into<Returning<'a>>,
        behind: Behind,
        state: Option<&str>,
    ) -> Result<IntegrationId, CalConnectError> {
        let journey = self.arrive(coach, who.into(), ProviderKind::CalComManaged, state).await?.ok_or(CalConnectError::StateUnknown)?;
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
        self.tidy(coach, &integration).await?;
        result
    }

    /// Ends a journey whose calendars the coach does not want: none of them is stored.
    ///
    /// # Errors
    /// See [`CalConnectError`].
    pub async fn decline_cal_connect(&self, coach: &CoachActor, sign_in: &Secret, state: Option<&str>) -> Result<(), CalConnectError> {
        let journey = self.arrive(coach, Returning::Agreed(sign_in), ProviderKind::CalComManaged, state).await?;
        let Some(id) = journey.and_then(|journey| journey.reconnect) else { return Ok(()) };
        match self.live(coach, id).await? {
            Some(integration) => self.tidy(coach, &integration).await,
            None => Ok(()),
        }
    }

    /// A first connection that came to nothing leaves nothing behind. Else the token was on its way, whatever came of it.
    async fn tidy(&self, coach: &CoachActor, integration: &Integration) -> Result<(), CalConnectError> {
        if Calendar::of_integration(&self.deps.store, integration).await?.is_empty() {
            self.disconnect(coach, integration.id).await?;
            Ok(())
        } else {
            self.replace_travelled(integration).await
        }
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
