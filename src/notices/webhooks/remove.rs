use super::{Keeper, Webhooks, endpoint::EndpointId};
use crate::{
    error::Internal,
    jobs::{JobKind, call_off_lanes},
    store::sql,
};

impl Webhooks {
    /// Removes the endpoint with all its deliveries; what waited to be sent is called off. Gives whether there was one.
    ///
    /// # Errors
    /// When the database fails; then nothing changed.
    pub async fn remove(&self, keeper: impl Into<Keeper>, id: EndpointId) -> Result<bool, Internal> {
        let mut tx = self.deps.store.begin().await?;
        let remove = sql("DELETE FROM webhook_endpoints WHERE id = $1 AND COALESCE(coach_id, '') = $2");
        if remove.bind(id).bind(keeper.into().key()).run(&mut tx).await? == 0 {
            return Ok(false);
        }
        call_off_lanes(&mut tx, JobKind::Webhook, &format!("webhook:{id}:"), self.deps.clock.now()).await?;
        tx.commit().await?;
        Ok(true)
    }
}
