use serde_json::json;

use super::{
    Keeper, Webhooks,
    endpoint::{DeliveryId, EndpointId},
};
use crate::{
    error::Internal,
    jobs::{JobKind, NewJob, enqueue},
    model::{BookingId, Instant},
    store::{StoreError, Tx, sql},
};

impl Webhooks {
    /// Sends a delivery again: the same event id and body, signed with the new time. One that is still being tried is not sent twice: it
    /// is tried at once instead of after its pause, in its turn. Gives whether there is such a delivery, of an active endpoint.
    ///
    /// # Errors
    /// When the database fails; then nothing changed.
    pub async fn replay(&self, keeper: impl Into<Keeper>, endpoint: EndpointId, id: DeliveryId) -> Result<bool, Internal> {
        let (keeper, now) = (keeper.into(), self.deps.clock.now());
        let mut tx = self.deps.store.begin().await?;
        let find = sql("SELECT d.replays, d.booking_id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
             WHERE d.id = $1 AND e.id = $2 AND COALESCE(e.coach_id, '') = $3 AND e.active = 1");
        let Some(row) = find.bind(id).bind(endpoint).bind(keeper.key()).optional(&mut tx).await? else { return Ok(false) };
        let (replays, booking_id): (i64, Option<BookingId>) = (row.get("replays")?, row.get("booking_id")?);
        let former = key(id, replays);
        if !hasten(&mut tx, &former, now).await? && count(&mut tx, id, replays).await? {
            let again = NewJob {
                kind: JobKind::Webhook,
                key: key(id, replays + 1),
                lane: Some((format!("webhook:{endpoint}:replay:{id}"), replays + 1)),
                coach_id: keeper.coach(),
                booking_id,
                user_id: None,
                payload: json!({ "delivery": id.as_str(), "replay": replays + 1 }),
                run_at: now,
            };
            settle(&mut tx, &former, now).await?;
            enqueue(&mut tx, &*self.deps.ids, now, again).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// The key of the job that sends a delivery for the first time (0), or again.
pub(super) fn key(id: DeliveryId, replay: i64) -> String {
    if replay == 0 { format!("webhook:{id}") } else { format!("webhook:{id}:replay:{replay}") }
}

/// Has a job that waits tried at once. Gives whether there is one.
async fn hasten(tx: &mut Tx, key: &str, now: Instant) -> Result<bool, StoreError> {
    let hasten = sql("UPDATE jobs SET run_at = CASE WHEN run_at > $2 THEN $2 ELSE run_at END WHERE key = $1 AND state = 'waiting'");
    Ok(hasten.bind(key).bind(now).run(tx).await? > 0)
}

/// Counts the replay. Not when somebody else did so meanwhile: then theirs is the replay.
async fn count(tx: &mut Tx, id: DeliveryId, replays: i64) -> Result<bool, StoreError> {
    let count = sql("UPDATE webhook_deliveries SET replays = replays + 1 WHERE id = $1 AND replays = $2");
    Ok(count.bind(id).bind(replays).run(tx).await? > 0)
}

/// What was given up is outstanding no longer: it is sent again.
async fn settle(tx: &mut Tx, key: &str, now: Instant) -> Result<(), StoreError> {
    let settle = sql("UPDATE jobs SET state = 'cancelled', finished_at = $2 WHERE key = $1 AND state = 'dead'");
    settle.bind(key).bind(now).run(tx).await.map(drop)
}
