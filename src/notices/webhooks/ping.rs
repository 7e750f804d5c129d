use super::{
    Keeper, WebhookError, Webhooks,
    endpoint::{DeliveryId, EndpointId},
    plan::Planned,
    told,
};
use crate::bookings::EventId;

impl Webhooks {
    /// Sends the endpoint a test: an event of type `ping` about no booking. It is tried once, and its outcome stands in the log of
    /// deliveries. Gives which delivery it is.
    ///
    /// # Errors
    /// `NotFound`, also for an endpoint that is switched off.
    pub async fn ping(&self, keeper: impl Into<Keeper>, id: EndpointId) -> Result<DeliveryId, WebhookError> {
        let keeper = keeper.into();
        let active = self.endpoint(keeper, id).await?.is_some_and(|endpoint| endpoint.active);
        if !active {
            return Err(WebhookError::NotFound);
        }
        let now = self.deps.clock.now();
        let event: EventId = self.deps.ids.id(now);
        let planned = Planned {
            endpoint: id,
            coach: keeper.coach(),
            booking: None,
            event: event.as_str(),
            kind: told::PING,
            body: told::ping(event.as_str(), now),
        };
        let mut tx = self.deps.store.begin().await?;
        let delivery = planned.write(&mut tx, &*self.deps.ids, now).await?;
        tx.commit().await?;
        Ok(delivery)
    }
}
