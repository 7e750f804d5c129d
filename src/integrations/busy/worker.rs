//! Reading all integrations in turn.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::OwnedSemaphorePermit,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    BusySync, SyncSettings, Synced,
    lanes::{Lane, Lanes},
    lease,
};
use crate::{
    error::Internal,
    integrations::{Integration, tokens::Tokens},
    model::Instant,
    store::StoreError,
};

/// How often the worker looks for what is due. Each lane starts at most as many reads as it is wide, so that after a
/// restart what is overdue is read one breath after the other.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often tokens are refreshed ahead of their end, and how many at most.
const REFRESH_EVERY: Duration = Duration::from_secs(20);
const REFRESH_MOST: u32 = 200;
/// How long reads that are under way may go on when the program stops.
const LAST_READS: Duration = Duration::from_secs(5);
/// How often an account's list of calendars is read.
const RELIST_EVERY: Duration = Duration::from_hours(1);

/// Keeps the busy time of every connected calendar fresh, and tokens refreshed ahead of their end. Any number of
/// servers may have one on the same database.
pub struct SyncWorker {
    sync: BusySync,
    settings: SyncSettings,
    lanes: Lanes,
    /// Who holds leases: this worker.
    owner: String,
}

impl SyncWorker {
    /// Reads through `tokens` as `settings` say.
    pub fn new(tokens: Tokens, settings: SyncSettings) -> Self {
        let owner = tokens.deps.ids.secret().hash();
        Self { sync: BusySync::new(tokens, settings.period), settings, lanes: Lanes::new(settings.concurrency), owner }
    }

    /// Works until `shutdown` is over; then waits a little for what is under way and gives its leases back. Does nothing but
    /// wait when the settings say that nothing is read in the background.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        if self.settings.period.is_zero() {
            return shutdown.await;
        }
        let worker = Arc::new(self);
        let mut refreshes = JoinSet::new();
        refreshes.spawn(refresh(worker.clone()));
        let mut reads = JoinSet::new();
        tokio::pin!(shutdown);
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                _ = looks.tick() => {
                    while reads.try_join_next().is_some() {}
                    if let Err(error) = worker.start_due(&mut reads).await {
                        tracing::warn!(target: "sync", %error, "could not look for calendars to read");
                    }
                }
            }
        }
        refreshes.shutdown().await;
        worker.stop(reads).await;
    }

    /// Starts to read what is due, as far as there is room.
    async fn start_due(self: &Arc<Self>, reads: &mut JoinSet<()>) -> Result<(), StoreError> {
        let store = &self.sync.deps.store;
        let now = self.sync.deps.clock.now();
        for lane in lease::due_lanes(store, now).await? {
            let places = self.lanes.free(lane, now);
            if places.is_empty() {
                continue;
            }
            let mut tx = store.begin().await?;
            let taken = lease::take(&mut tx, &self.owner, lane, places.len(), now).await?;
            tx.commit().await?;
            for (integration, place) in taken.into_iter().zip(places) {
                reads.spawn(self.clone().read(lane, integration, place));
            }
        }
        Ok(())
    }

    async fn read(self: Arc<Self>, lane: Lane, integration: Integration, _place: OwnedSemaphorePermit) {
        let now = self.sync.deps.clock.now();
        if let Err(error) = self.relist_now_and_then(&integration, now).await {
            tracing::info!(target: "sync", integration = %integration.id, %error, "the list of calendars was not read");
        }
        match self.sync.sync_one(&integration).await {
            Ok(Synced { retry_after: Some(asked), .. }) => self.lanes.refused(lane, integration.id, Some(asked), now),
            Ok(_) => {}
            Err(error) => self.put_off(&integration, error).await,
        }
    }

    /// Once an hour, each at another minute of it.
    async fn relist_now_and_then(&self, integration: &Integration, now: Instant) -> Result<(), crate::integrations::outcome::TokenError> {
        let Some(before) = integration.last_ok_at else { return Ok(()) };
        let every = i64::try_from(RELIST_EVERY.as_millis()).unwrap_or(i64::MAX);
        // The id's random end says which minute.
        let phase = integration.id.as_str().bytes().rev().take(4).fold(0_i64, |sum, byte| sum * 32 + i64::from(byte % 32));
        let hour = |at: Instant| (at.millis() + phase * every / (32 * 32 * 32 * 32)).div_euclid(every);
        if hour(before) == hour(now) { Ok(()) } else { self.sync.relist(integration).await }
    }

    /// The database failed: the lease would end by itself, but it is sooner to try again.
    async fn put_off(&self, integration: &Integration, error: Internal) {
        tracing::warn!(target: "sync", integration = %integration.id, cause = %error.cause(), "not read");
        let next = self.sync.deps.clock.now() + Duration::from_secs(30).mul_f64(1.0 + self.sync.spread());
        let put_off = async {
            let mut tx = self.sync.deps.store.begin().await?;
            lease::plan(&mut tx, integration.id, Some(next)).await?;
            tx.commit().await
        };
        if let Err(error) = put_off.await {
            tracing::warn!(target: "sync", integration = %integration.id, %error, "a lease ends by itself");
        }
    }

    async fn stop(&self, mut reads: JoinSet<()>) {
        let finish = async { while reads.join_next().await.is_some() {} };
        if timeout(LAST_READS, finish).await.is_err() {
            // What was not stored is read again by whoever comes next.
            reads.shutdown().await;
        }
        match lease::give_back(&self.sync.deps.store, &self.owner).await {
            Ok(given) => tracing::info!(target: "sync", given, "stopped"),
            Err(error) => tracing::warn!(target: "sync", %error, "leases end by themselves"),
        }
    }
}

/// Refreshes tokens whose time has come, for as long as it is not stopped. A refresh that is under way goes on: it runs
/// in a task of its own.
async fn refresh(worker: Arc<SyncWorker>) {
    let mut rounds = interval(REFRESH_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = worker.sync.tokens.refresh_due(REFRESH_MOST).await {
            tracing::warn!(target: "sync", cause = %error.cause(), "could not look for tokens to refresh");
        }
    }
}
