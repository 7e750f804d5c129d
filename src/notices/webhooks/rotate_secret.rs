use super::{
    FORMER_SECRET_MINUTES, Keeper, WebhookError, Webhooks,
    create::new_secret,
    endpoint::{EndpointId, Sealed, place},
};
use crate::{integrations::tokens::Clear, store::sql};

impl Webhooks {
    /// Gives the endpoint a new secret, which is shown this once. The one until now signs as well for a day, so that a receiver can
    /// change over in peace. If that one was made within the last hour, it ends at once and the one before it goes on signing.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn rotate_secret(&self, keeper: impl Into<Keeper>, id: EndpointId) -> Result<Clear, WebhookError> {
        let keeper = keeper.into();
        let (now, owner) = (self.deps.clock.now(), keeper.key());
        let secret = new_secret(&*self.deps.ids);
        let sealed = self.vault.seal(&secret, place(Sealed::Secret, id.as_str(), &owner))?;
        let mut tx = self.deps.store.begin().await?;
        let rotate =
            sql("UPDATE webhook_endpoints SET previous_sealed = CASE WHEN previous_until > $6 THEN previous_sealed ELSE secret_sealed END,
                 previous_until = $3, secret_sealed = $4, updated_at = $5
             WHERE id = $1 AND COALESCE(coach_id, '') = $2");
        let rotate = rotate.bind(id).bind(owner).bind(now.plus_minutes(FORMER_SECRET_MINUTES)).bind(sealed).bind(now);
        // Asked twice within the hour, by a page loaded anew perhaps: what the receiver has is the one before the first.
        let rotate = rotate.bind(now.plus_minutes(FORMER_SECRET_MINUTES - 60));
        if rotate.run(&mut tx).await? == 0 {
            return Err(WebhookError::NotFound);
        }
        tx.commit().await?;
        Ok(secret)
    }
}
