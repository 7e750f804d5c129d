//! Refreshing, once however many ask.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::sync::Mutex;

use super::{Clear, Force, Held, Tokens, stored::Stored};
use crate::{
    integrations::{
        Integration,
        health::{Health, HealthReason, Outcome},
        outcome::{RefreshError, TokenError},
        providers::{CalendarProvider, Issued, RefreshWay},
        record::record,
    },
    model::Instant,
    store::{StoreError, sql},
};

/// A lease lasts longer than a regular and a forced refresh can take together: it ends by itself only when its server died.
const LEASE: Duration = Duration::from_mins(1);
/// How often those who wait for another server's refresh look whether it is done.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often they look before they give up: ten seconds in all.
pub(super) const LOOKS: u32 = 200;
/// How often a token that was issued is tried to be stored: without it the account may be lost.
const STORE_TRIES: u32 = 6;
/// When a refresh that failed for a passing reason is tried again by the schedule.
pub(super) const AGAIN: Duration = Duration::from_mins(1);

/// The refreshes of one integration on this server, one at a time.
#[derive(Default)]
pub(super) struct Flight {
    /// How many have ended.
    landed: AtomicU64,
    /// Held by the one under way. How the last one failed, if it did: the revision, and why.
    failure: Mutex<Option<(i64, RefreshError)>>,
}

impl Flight {
    /// Waits until no refresh is under way; none is while the guard lives.
    pub(super) async fn alone(&self) -> impl Drop + '_ {
        self.failure.lock().await
    }
}

impl Tokens {
    /// A token newer than `seen`, or the error that there is none.
    ///
    /// Runs in a task of its own: whoever asked may give up waiting (a closed connection, a deadline), but a token that
    /// the provider has already exchanged must be stored.
    pub(super) async fn refreshed(&self, integration: &Integration, seen: i64, force: Force) -> Result<Held, TokenError> {
        let flight = self.flights.get_with(integration.id, Arc::default);
        let landed = flight.landed.load(SeqCst);
        let (service, integration) = (self.clone(), integration.clone());
        let task = tokio::spawn(async move {
            let mut failure = flight.failure.lock().await;
            let waited = flight.landed.load(SeqCst) != landed;
            if let Some((_, error)) = failure.as_ref().filter(|(revision, _)| waited && *revision == seen) {
                // What failed while this one waited is not asked again for each who waits.
                return service.make_do(&integration, seen, force, error.clone().into()).await;
            }
            *failure = None;
            let result = service.refresh_once(&integration, seen, force, &mut failure).await;
            flight.landed.fetch_add(1, SeqCst);
            result
        });
        task.await.map_err(|error| TokenError::Internal(crate::error::Internal::new(error)))?
    }

    /// Waits for the lease or for whoever has it.
    async fn refresh_once(
        &self,
        integration: &Integration,
        seen: i64,
        force: Force,
        failure: &mut Option<(i64, RefreshError)>,
    ) -> Result<Held, TokenError> {
        for _ in 0..LOOKS {
            let stored = Stored::load(&self.deps.store, integration).await?;
            match stored.health {
                Health::Disconnected => return Err(TokenError::Disconnected),
                Health::NeedsReconnect => return Err(TokenError::NeedsReconnect),
                _ if stored.revision != seen => return stored.held(&self.vault, integration),
                _ => {}
            }
            if self.lease(integration, seen).await? {
                return self.exchange(integration, &stored, force, failure).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(TokenError::Call(crate::integrations::outcome::CallError::TimedOut))
    }

    /// Takes the lease to refresh the token of revision `seen`, unless another server has it.
    pub(super) async fn lease(&self, integration: &Integration, seen: i64) -> Result<bool, StoreError> {
        let now = self.deps.clock.now();
        let take = sql("UPDATE calendar_integrations SET refresh_lease_owner = $3, refresh_lease_until = $4
             WHERE id = $1 AND token_revision = $2 AND (refresh_lease_until IS NULL OR refresh_lease_until <= $5)");
        let mut tx = self.deps.store.begin().await?;
        let taken = take.bind(integration.id).bind(seen).bind(&*self.server).bind(now + LEASE).bind(now).run(&mut tx).await?;
        tx.commit().await?;
        Ok(taken == 1)
    }

    /// Asks the provider, as the holder of the lease, and stores what it issues.
    async fn exchange(
        &self,
        integration: &Integration,
        stored: &Stored,
        force: Force,
        failure: &mut Option<(i64, RefreshError)>,
    ) -> Result<Held, TokenError> {
        let now = self.deps.clock.now();
        let Some(provider) = self.providers.get(integration.kind) else {
            return self.not_issued(integration, stored, force, TokenError::ClientRejected).await;
        };
        let token = match stored.refresh_token(&self.vault, integration) {
            Ok(token) => token,
            Err(error) => return self.not_issued(integration, stored, force, error).await,
        };
        match ask(&**provider, integration, token.as_ref(), now).await {
            Ok(issued) => {
                tracing::info!(target: "token_service", integration = %integration.id, provider = integration.kind.as_str(), "refreshed");
                self.keep(integration, stored.revision, &issued).await
            }
            Err(error) => {
                *failure = Some((stored.revision, error.clone()));
                self.not_issued(integration, stored, force, error.into()).await
            }
        }
    }

    /// Stores `issued` in place of revision `seen`. A database that is away for a moment must not cost the account.
    pub(super) async fn keep(&self, integration: &Integration, seen: i64, issued: &Issued) -> Result<Held, TokenError> {
        let mut wait = LOOK_EVERY;
        for attempt in 1.. {
            match self.try_keep(integration, seen, issued).await {
                Err(TokenError::Internal(error)) if attempt < STORE_TRIES => {
                    tracing::warn!(target: "token_service", integration = %integration.id, cause = %error.cause(), "a new token is not stored yet");
                    tokio::time::sleep(wait).await;
                    wait *= 3;
                }
                result => return result,
            }
        }
        unreachable!("the last attempt returns")
    }

    async fn try_keep(&self, integration: &Integration, seen: i64, issued: &Issued) -> Result<Held, TokenError> {
        let mut tx = self.deps.store.begin().await?;
        // Locks the row, if it still is what was refreshed: a coach may have reconnected or disconnected meanwhile.
        let same = sql("UPDATE calendar_integrations SET refresh_lease_until = refresh_lease_until WHERE id = $1 AND token_revision = $2");
        if same.bind(integration.id).bind(seen).run(&mut tx).await? == 1 {
            let now = self.deps.clock.now();
            self.set_tokens(integration.id, integration.coach_id, issued, now)?.run(&mut tx).await?;
            tx.commit().await?;
        }
        let stored = Stored::load(&self.deps.store, integration).await?;
        if stored.health == Health::Disconnected {
            return Err(TokenError::Disconnected);
        }
        stored.held(&self.vault, integration)
    }

    /// What is left when there is no new token.
    async fn not_issued(&self, integration: &Integration, stored: &Stored, force: Force, error: TokenError) -> Result<Held, TokenError> {
        tracing::warn!(target: "token_service", integration = %integration.id, provider = integration.kind.as_str(), %error, "not refreshed");
        let now = self.deps.clock.now();
        let latest = Stored::load(&self.deps.store, integration).await?;
        if latest.revision != stored.revision {
            // Somebody else was faster: the refusal was about a token that is history.
            return latest.held(&self.vault, integration);
        }
        if matches!(error, TokenError::NeedsReconnect) {
            record(&self.deps, integration, Outcome::Final(HealthReason::GrantRevoked)).await?;
        }
        self.release(integration, stored.revision, now + AGAIN).await?;
        self.make_do(integration, stored.revision, force, error).await
    }

    /// What there is without a new token: one that somebody else got, or the old one while it lives and was not refused.
    async fn make_do(&self, integration: &Integration, seen: i64, force: Force, error: TokenError) -> Result<Held, TokenError> {
        let stored = Stored::load(&self.deps.store, integration).await?;
        let rejected = matches!(force, Force::Rejected(_)) || matches!(error, TokenError::NeedsReconnect);
        if stored.revision != seen || !rejected && stored.still_lives(self.deps.clock.now()) {
            return stored.held(&self.vault, integration);
        }
        Err(error)
    }

    /// Gives the lease back; the schedule tries again at `again`.
    pub(super) async fn release(&self, integration: &Integration, seen: i64, again: Instant) -> Result<(), StoreError> {
        let release = sql("UPDATE calendar_integrations SET refresh_lease_owner = NULL, refresh_lease_until = NULL, refresh_at = $3
             WHERE id = $1 AND token_revision = $2 AND refresh_lease_owner = $4");
        let mut tx = self.deps.store.begin().await?;
        release.bind(integration.id).bind(seen).bind(again).bind(&*self.server).run(&mut tx).await?;
        tx.commit().await
    }

    /// Refreshes up to `most` tokens whose time has come, oldest first; how many were refreshed. To be called now and
    /// then, by any server: a page never waits for a refresh that this has done ahead of it.
    ///
    /// # Errors
    /// When the database cannot be read. A refresh that fails is in the log and in the integration's health.
    pub async fn refresh_due(&self, most: u32) -> Result<u32, crate::error::Internal> {
        let due = sql("SELECT * FROM calendar_integrations
             WHERE refresh_at IS NOT NULL AND refresh_at <= $1 AND health IN ('healthy', 'degraded') ORDER BY refresh_at LIMIT $2");
        let rows = due.bind(self.deps.clock.now()).bind(most).all(&self.deps.store).await?;
        let mut refreshed = 0;
        for row in &rows {
            let integration = Integration::of_row(row)?;
            match self.ensure_valid(&integration, Force::IfDue).await {
                Ok(_) => refreshed += 1,
                Err(error) => {
                    tracing::warn!(target: "cal_tokens_refresh", integration = %integration.id, %error, "not refreshed ahead of expiry");
                }
            }
        }
        Ok(refreshed)
    }
}

/// The regular way, and for managed users the forced one when the regular one is refused.
async fn ask(
    provider: &dyn CalendarProvider,
    integration: &Integration,
    token: Option<&Clear>,
    now: Instant,
) -> Result<Issued, RefreshError> {
    let regular = match token {
        Some(token) => provider.refresh(RefreshWay::Regular(token), now).await,
        None => Err(RefreshError::InvalidGrant),
    };
    match (regular, integration.managed_user_id) {
        (Err(RefreshError::InvalidGrant), Some(managed_user_id)) => {
            tracing::info!(target: "cal_tokens_refresh", integration = %integration.id, "the regular refresh was refused: forcing one");
            provider.refresh(RefreshWay::Forced { managed_user_id }, now).await
        }
        (answer, _) => answer,
    }
}
