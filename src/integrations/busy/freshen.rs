//! Asking the providers at the instant of a decision.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use tokio::task::JoinSet;

use super::{BusySync, Went};
use crate::{
    integrations::{
        Integration,
        health::{Health, HealthReason},
        standing::{CalendarTrust, Standing},
    },
    model::{Instant, IntegrationId, UserId},
    store::{StoreError, sql},
};

/// What was read so recently need not be asked again.
const RECENT: Duration = Duration::from_mins(1);

/// Who takes longer than this to answer, badly, is not asked again at once.
const IN_VAIN: Duration = Duration::from_secs(2);

/// Whether a coach's calendars are known at this instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// All that count were read within the last minute, or none counts.
    Known,
    /// One could not be read in time: the coach's policy decides.
    Unknown,
}

impl Freshness {
    /// What may be offered of a coach's time at `now`, by what is known of the calendars.
    pub fn standing(self, trust: &CalendarTrust, now: Instant) -> Standing {
        match self {
            Self::Known => trust.at(now),
            Self::Unknown => trust.unanswered(now),
        }
    }
}

/// An integration with a calendar that counts.
struct Source {
    integration: Integration,
    /// When the calendar that was read longest ago was read.
    read_at: Option<Instant>,
    /// Before which the provider does not want to be asked.
    sync_at: Option<Instant>,
}

impl BusySync {
    /// Makes sure that every calendar of `coach` that counts was read within the last minute: asks those providers, all
    /// at once, that were not. Gives up waiting after `within`, in all; a read that is under way then goes on, and what it
    /// finds is stored; nobody waits for it once more. Not to be called in a transaction.
    pub async fn freshen(&self, coach: UserId, within: Duration) -> Freshness {
        // No answer is unknown; so is a database that fails.
        match tokio::time::timeout(within, self.freshened(coach, within)).await {
            Ok(Ok(freshness)) => freshness,
            Ok(Err(error)) => {
                tracing::warn!(target: "sync", %coach, %error, "calendars could not be freshened");
                Freshness::Unknown
            }
            Err(_late) => Freshness::Unknown,
        }
    }

    async fn freshened(&self, coach: UserId, within: Duration) -> Result<Freshness, StoreError> {
        let mut reads = JoinSet::new();
        let mut freshness = Freshness::Known;
        for source in self.sources(coach).await? {
            if self.is_recent(source.read_at) {
                continue;
            }
            let now = self.deps.clock.now();
            if source.may_be_asked(now) && !self.is_silent(source.integration.id, within, now) {
                let sync = self.clone();
                // In a task of its own: who asked may go away, the answer is worth keeping.
                reads.spawn(async move { sync.freshen_one(source.integration).await });
            } else {
                freshness = Freshness::Unknown;
            }
        }
        let mut reads = Detached(reads);
        while let Some(read) = reads.0.join_next().await {
            if !matches!(read, Ok(Freshness::Known)) {
                freshness = Freshness::Unknown;
            }
        }
        Ok(freshness)
    }

    /// Reads one integration, once however many want to know.
    async fn freshen_one(&self, integration: Integration) -> Freshness {
        let flight = self.flights.get_with(integration.id, Default::default);
        let _alone = flight.alone.lock().await;
        let again = self.sources(integration.coach_id).await;
        let source = again.ok().and_then(|sources| sources.into_iter().find(|source| source.integration.id == integration.id));
        // Whoever was here before may have read it, or found that it cannot be read now.
        let Some(source) = source else { return Freshness::Unknown };
        if self.is_recent(source.read_at) {
            return Freshness::Known;
        }
        if !source.may_be_asked(self.deps.clock.now()) {
            return Freshness::Unknown;
        }
        flight.unanswered_since.store(self.deps.clock.now().millis(), SeqCst);
        let read = self.sync_one(&source.integration).await;
        if matches!(read, Ok(synced) if synced.went == Went::Well) || !self.is_silent(integration.id, IN_VAIN, self.deps.clock.now()) {
            flight.unanswered_since.store(0, SeqCst);
        }
        match read {
            Ok(synced) if synced.went == Went::Well => Freshness::Known,
            Ok(_) => Freshness::Unknown,
            Err(error) => {
                tracing::warn!(target: "sync", integration = %integration.id, cause = %error.cause(), "not read");
                Freshness::Unknown
            }
        }
    }

    /// Whether it was asked within the last minute, and no answer came within so long: to wait again would be to wait in vain.
    fn is_silent(&self, integration: IntegrationId, within: Duration, now: Instant) -> bool {
        let since = self.flights.get(&integration).map_or(0, |flight| flight.unanswered_since.load(SeqCst));
        since != 0 && Instant::from_millis(since) + within <= now && now < Instant::from_millis(since) + RECENT
    }

    fn is_recent(&self, read_at: Option<Instant>) -> bool {
        read_at.is_some_and(|at| at + RECENT > self.deps.clock.now())
    }

    async fn sources(&self, coach: UserId) -> Result<Vec<Source>, StoreError> {
        let rows = sql("SELECT i.*, c.oldest FROM calendar_integrations i JOIN
             (SELECT integration_id, MIN(COALESCE(read_at, 0)) AS oldest FROM integration_calendars WHERE counts_busy = 1
                AND integration_id IN (SELECT id FROM calendar_integrations WHERE coach_id = $1) GROUP BY integration_id) c
             ON c.integration_id = i.id WHERE i.coach_id = $1 AND i.health <> 'disconnected' ORDER BY i.id");
        let rows = rows.bind(coach).all(&self.deps.store).await?;
        let source = |row: &crate::store::Row| {
            Ok(Source { integration: Integration::of_row(row)?, read_at: row.get("oldest")?, sync_at: row.get("sync_at")? })
        };
        rows.iter().map(source).collect()
    }
}

impl Source {
    /// Not while the coach has to connect it again, nor while the provider asks us to wait.
    fn may_be_asked(&self, now: Instant) -> bool {
        let state = self.integration.state;
        let told_to_wait = state.reason == Some(HealthReason::RateLimited) && self.sync_at.is_some_and(|at| now < at);
        state.health != Health::NeedsReconnect && !told_to_wait
    }
}

/// Lets its tasks run on when nobody waits for them any more.
struct Detached(JoinSet<Freshness>);

impl Drop for Detached {
    fn drop(&mut self) {
        self.0.detach_all();
    }
}
