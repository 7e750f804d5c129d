//! Looking again at what is connected at Cal.com.

use super::{CalConnectError, NO_MANAGED_USERS};
use crate::{
    accounts::CoachActor,
    integrations::{
        Integrations,
        outcome::{CallError, TokenError},
        providers::Behind,
    },
};

impl Integrations {
    /// Asks Cal.com whether a calendar of that kind is connected and works, and stores what it lists now.
    ///
    /// # Errors
    /// See [`CalConnectError`]; `NotConnected` when there is none, or none that works.
    pub async fn sync_cal_credentials(&self, coach: &CoachActor, behind: Behind) -> Result<(), CalConnectError> {
        let provider = self.cal_com()?;
        let integration = self.managed_integration(coach.id()).await?.ok_or(CalConnectError::NotConnected)?;
        let check = self.managed_call(&integration, |access| {
            let provider = provider.clone();
            Box::pin(async move { provider.managed_users().ok_or(NO_MANAGED_USERS)?.check(access.secret, behind).await })
        });
        match check.await {
            Err(TokenError::Call(CallError::CalendarNotConnected)) => return Err(CalConnectError::NotConnected),
            other => other?,
        }
        let listed = self.managed_list(&integration).await?;
        self.adopt(&integration, &listed, &[], behind).await
    }
}
