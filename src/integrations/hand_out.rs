use super::{
    Integrations,
    outcome::TokenError,
    tokens::{Clear, Force},
};
use crate::{
    accounts::CoachActor,
    model::{Instant, IntegrationId},
    store::sql,
};

/// A provider's access token in its owner's hands. What renews it stays here.
#[derive(Debug, Clone)]
pub struct HandedOut {
    /// The token.
    pub access: Clear,
    /// When it ends; `None`: the provider did not say.
    pub expires_at: Option<Instant>,
}

impl Integrations {
    /// The access token of the coach's own integration `id`, for a program of the coach's that asks the provider itself.
    ///
    /// # Errors
    /// See [`TokenError`]; `Disconnected` also when there is no such integration of this coach.
    pub async fn hand_out(&self, coach: &CoachActor, id: IntegrationId) -> Result<HandedOut, TokenError> {
        let integration = self.live(coach, id).await?.ok_or(TokenError::Disconnected)?;
        let held = self.tokens.ensure_valid(&integration, Force::No).await?;
        let row = sql("SELECT access_expires_at FROM calendar_integrations WHERE id = $1").bind(id);
        let expires_at = row.one(&self.deps.store).await?.get("access_expires_at")?;
        Ok(HandedOut { access: held.secret, expires_at })
    }
}
