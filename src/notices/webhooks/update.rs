use super::{
    EndpointDraft, Keeper, WebhookError, Webhooks,
    endpoint::{EndpointId, Sealed, place},
};
use crate::{integrations::tokens::Clear, store::sql};

impl Webhooks {
    /// Changes address, events and whether anything is sent. What waits to be sent goes to the new address.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` names `url` and `kinds`.
    pub async fn update(&self, keeper: impl Into<Keeper>, id: EndpointId, draft: &EndpointDraft) -> Result<(), WebhookError> {
        let keeper = keeper.into();
        let (own, others): (Vec<_>, Vec<_>) = self.endpoints(keeper).await?.into_iter().partition(|endpoint| endpoint.id == id);
        if own.is_empty() {
            return Err(WebhookError::NotFound);
        }
        let (address, wanted) = self.checked(draft, &others).await?;
        let (now, owner) = (self.deps.clock.now(), keeper.key());
        let sealed = self.vault.seal(&Clear::new(address.reveal()), place(Sealed::Url, id.as_str(), &owner))?;
        let mut tx = self.deps.store.begin().await?;
        let change = sql("UPDATE webhook_endpoints SET url_sealed = $3, kinds = $4, active = $5, gone_at = NULL, updated_at = $6
             WHERE id = $1 AND COALESCE(coach_id, '') = $2");
        let change = change.bind(id).bind(owner).bind(sealed).bind(wanted.stored()).bind(draft.active).bind(now);
        if change.run(&mut tx).await? == 0 {
            return Err(WebhookError::NotFound);
        }
        tx.commit().await?;
        Ok(())
    }
}
