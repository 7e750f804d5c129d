//! A provider's answer that a browser brought to this site instead of to Cal.com.

use super::{CalConnectError, NO_MANAGED_USERS};
use crate::{
    accounts::CoachActor,
    integrations::{
        Integrations,
        outcome::{CallError, TokenError},
        providers::Behind,
        tokens::{Clear, Force},
    },
};

impl Integrations {
    /// Hands the provider's `code` on to Cal.com, with the `state` that Cal.com made, and stores what is connected then. The
    /// state names a user by a token: it must be the coach's own.
    ///
    /// # Errors
    /// See [`CalConnectError`]; `StateUnknown` when the state is not the coach's.
    pub async fn save_cal_credentials(
        &self,
        coach: &CoachActor,
        behind: Behind,
        state: &Clear,
        code: &Clear,
    ) -> Result<(), CalConnectError> {
        let provider = self.cal_com()?;
        let integration = self.managed_integration(coach.id()).await?.ok_or(CalConnectError::NotConnected)?;
        let held = self.tokens.ensure_valid(&integration, Force::No).await?;
        let theirs: serde_json::Value = serde_json::from_str(state.expose()).map_err(|_| CalConnectError::StateUnknown)?;
        if theirs["accessToken"].as_str() != Some(held.secret.expose()) {
            return Err(CalConnectError::StateUnknown);
        }
        let users = provider.managed_users().ok_or(TokenError::Call(NO_MANAGED_USERS))?;
        match users.save(behind, state.expose(), code.expose()).await {
            // The code was used, or was none.
            Err(CallError::Refused(_)) => Err(CalConnectError::Refused),
            other => other.map_err(|error| CalConnectError::Token(TokenError::Call(error))),
        }?;
        self.sync_cal_credentials(coach, behind).await
    }
}
