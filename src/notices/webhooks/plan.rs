use async_trait::async_trait;
use serde_json::json;

use super::{
    endpoint::{DeliveryId, EndpointId, EventWanted},
    told,
};
use crate::{
    Deps,
    bookings::Change,
    jobs::{JobKind, NewJob, enqueue},
    model::{BookingId, Instant, UserId},
    notices::Consequence,
    store::{StoreError, Tx, sql},
    time::Ids,
};

/// Plans what endpoints are told about changes of bookings.
#[derive(Debug, Clone, Copy)]
pub struct WebhookJobs;

#[async_trait]
impl Consequence for WebhookJobs {
    async fn plan(&self, tx: &mut Tx, deps: &Deps, change: &Change) -> Result<(), StoreError> {
        let booking = &change.booking;
        let rows = sql("SELECT e.id, e.coach_id, e.kinds, u.email FROM webhook_endpoints e JOIN users u ON u.id = $1
             WHERE e.active = 1 AND (e.coach_id = $1 OR e.coach_id IS NULL) ORDER BY e.created_at, e.id");
        let now = deps.clock.now();
        for row in rows.bind(booking.coach_id).all(&mut *tx).await? {
            if !row.parse("kinds", EventWanted::parse)?.has(change.what) {
                continue;
            }
            let email: String = row.get("email")?;
            let planned = Planned {
                endpoint: row.get("id")?,
                coach: row.get("coach_id")?,
                booking: Some((booking.id, change.ordinal)),
                event: change.id.as_str(),
                kind: &told::kind_of(change.what),
                body: told::about(change, &email),
            };
            planned.write(tx, &*deps.ids, now).await?;
        }
        Ok(())
    }
}

/// A delivery that is to be made.
pub(super) struct Planned<'a> {
    pub(super) endpoint: EndpointId,
    /// Whose the endpoint is; `None`: the site's.
    pub(super) coach: Option<UserId>,
    /// What it is about, and which of its changes.
    pub(super) booking: Option<(BookingId, i64)>,
    /// Its id for the receiver.
    pub(super) event: &'a str,
    pub(super) kind: &'a str,
    pub(super) body: String,
}

impl Planned<'_> {
    /// Writes the delivery and its job, unless the endpoint is told of this event already.
    pub(super) async fn write(self, tx: &mut Tx, ids: &dyn Ids, now: Instant) -> Result<DeliveryId, StoreError> {
        let id: DeliveryId = ids.id(now);
        let (booking, ordinal) = self.booking.unzip();
        let ordinal = ordinal.unwrap_or(0);
        let insert = sql("INSERT INTO webhook_deliveries (id, endpoint_id, booking_id, event_id, kind, ordinal, payload, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (endpoint_id, event_id) DO NOTHING");
        let insert = insert.bind(id).bind(self.endpoint).bind(booking).bind(self.event).bind(self.kind);
        if insert.bind(ordinal).bind(self.body).bind(now).run(tx).await? == 0 {
            return Ok(id);
        }
        // Of one booking in order; a test waits for nothing.
        let lane = booking.map_or_else(|| id.to_string(), |booking| booking.to_string());
        let job = NewJob {
            kind: JobKind::Webhook,
            key: format!("webhook:{id}"),
            lane: Some((format!("webhook:{}:{lane}", self.endpoint), ordinal)),
            coach_id: self.coach,
            booking_id: booking,
            user_id: None,
            payload: json!({ "delivery": id.as_str() }),
            run_at: now,
        };
        enqueue(tx, ids, now, job).await?;
        Ok(id)
    }
}
