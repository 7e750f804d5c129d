//! Giving access back.

use super::{Stored, Tokens};
use crate::integrations::{Integration, outcome::TokenError, providers::Access};

impl Tokens {
    /// Gives the access of `integration` back at its provider, as far as the provider knows such a thing. Refreshes
    /// nothing for it, and changes nothing here.
    ///
    /// # Errors
    /// See [`TokenError`]; `NeedsReconnect` when there is nothing to give back.
    pub async fn revoke(&self, integration: &Integration) -> Result<(), TokenError> {
        let Some(provider) = self.providers.get(integration.kind) else { return Err(TokenError::ClientRejected) };
        let stored = Stored::load(&self.deps.store, integration).await?;
        let held = stored.held(&self.vault, integration)?;
        let refresh = stored.refresh_token(&self.vault, integration)?;
        Ok(provider.revoke(&Access { integration, secret: &held.secret }, refresh.as_ref()).await?)
    }
}
