//! Telling other systems what happens to bookings: webhooks of coaches, and of the site's admins.
//!
//! [`WebhookJobs`] plans, with every change of a booking, one delivery for each endpoint that wants to hear of it. What is sent is written
//! down there and then, so that a delivery says what was true after its change and not what is true when the receiver is back.
//! [`WebhookSender`] sends it: signed with the time (see [`signature()`]), in the order of the booking's changes, again until the receiver
//! answers with a 2xx or three days are over. A receiver may be told twice (a server may die between the answer and the note of it),
//! always with the same id and body. `docs/webhooks.md` is for those who receive.

mod attempts;
mod create;
mod deliveries;
mod endpoint;
mod ping;
mod plan;
mod remove;
mod replay;
mod rotate_key;
mod rotate_secret;
mod send;
mod signature;
mod told;
mod update;

use std::time::Duration;

pub use attempts::Attempt;
pub use deliveries::{Delivery, DeliveryPage, DeliveryState};
pub use endpoint::{DeliveryId, Endpoint, EndpointDraft, EndpointId, EventWanted, Keeper, WebhookError};
pub use plan::WebhookJobs;
pub use rotate_key::rotate_key;
pub use send::WebhookSender;
pub use signature::signature;

use crate::{
    Deps,
    error::Internal,
    integrations::{
        safe_fetch::{Fetch, Limits},
        tokens::Vault,
    },
    store::sql,
};

/// A keeper has at most so many endpoints.
pub const MOST_ENDPOINTS: usize = 5;
/// How long a former secret signs beside the new one, in minutes.
pub const FORMER_SECRET_MINUTES: i64 = 24 * 60;
/// How long deliveries are kept that nothing is outstanding of, in minutes.
const KEPT_MINUTES: i64 = 30 * 24 * 60;
/// A receiver answers within this time. Its answer's body is not read.
pub const LIMITS: Limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(10), body: 0 };

/// What coaches and admins do with their webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    deps: Deps,
    vault: Vault,
    fetch: Fetch,
}

impl Webhooks {
    /// On the database of `deps`; `vault` seals addresses and secrets, `fetch` (made with [`LIMITS`]) knows where may be sent to.
    pub const fn new(deps: Deps, vault: Vault, fetch: Fetch) -> Self {
        Self { deps, vault, fetch }
    }

    /// What sends.
    pub fn sender(&self) -> WebhookSender {
        WebhookSender::new(self.deps.clone(), self.vault.clone(), self.fetch.clone())
    }

    /// Forgets deliveries after a month, unless something is outstanding of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Internal> {
        let before = self.deps.clock.now().plus_minutes(-KEPT_MINUTES);
        let any = sql("SELECT id FROM webhook_deliveries WHERE created_at < $1 LIMIT 1");
        if any.bind(before).optional(&self.deps.store).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.deps.store.begin().await?;
        let forget = sql("DELETE FROM webhook_deliveries WHERE created_at < $1 AND NOT EXISTS (SELECT 1 FROM jobs j
             WHERE j.state IN ('waiting', 'dead') AND j.key IN ('webhook:' || webhook_deliveries.id,
                'webhook:' || webhook_deliveries.id || ':replay:' || webhook_deliveries.replays))");
        let gone = forget.bind(before).run(&mut tx).await?;
        tx.commit().await?;
        Ok(gone)
    }
}
