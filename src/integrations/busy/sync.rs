//! Reading one integration: asking its provider and storing what comes of it.

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use moka::sync::Cache;
use tokio::sync::Mutex;

use super::{
    calendars::{Counted, counted},
    relist::relisted,
    window::window,
};
use crate::{
    Deps,
    error::Internal,
    integrations::{
        Integration,
        outcome::{CallError, TokenError},
        providers::{Busy, BusyAsk, CalendarBusy},
        tokens::Tokens,
    },
    model::{Instant, IntegrationId, UserId},
    time::Interval,
};

/// No read takes longer, whatever the provider does: its lease outlasts it.
const LONGEST_READ: Duration = Duration::from_mins(1);

/// How a read went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// All that counts is known.
    Well,
    /// Some of it.
    Partly,
    /// Nothing is: what was known last stands, with its age.
    Badly,
    /// Nothing was asked: the integration is gone.
    NotAtAll,
}

/// What a read came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced {
    /// How it went.
    pub went: Went,
    /// Before which the provider does not want to be asked again because nothing will have changed.
    pub next_after: Option<Duration>,
    /// For how long the provider refuses; zero when it refused without saying.
    pub retry_after: Option<Duration>,
}

/// What the provider was asked, when, and what it said.
pub(super) struct Reply {
    pub(super) window: Interval,
    pub(super) asked_at: Instant,
    pub(super) counted: Counted,
    pub(super) said: Result<Vec<CalendarBusy>, TokenError>,
}

/// An integration that is being freshened here.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) alone: Mutex<()>,
    /// When the last read was begun whose answer has not come, or came too late for anybody; zero without one.
    pub(super) unanswered_since: AtomicI64,
}

/// Reads calendars into the busy store. Cheap to clone.
#[derive(Clone)]
pub struct BusySync {
    pub(super) deps: Deps,
    pub(super) tokens: Tokens,
    pub(super) period: Duration,
    /// Those that are being freshened here.
    pub(super) flights: Cache<IntegrationId, Arc<Flight>>,
}

impl BusySync {
    /// Through `tokens`; `period` is how long after a read the next one is due.
    pub fn new(tokens: Tokens, period: Duration) -> Self {
        let flights = Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_mins(5)).build();
        Self { deps: tokens.deps.clone(), tokens, period, flights }
    }

    /// Asks the provider when the calendars of `integration` that count are busy, with the coach's credentials, and stores
    /// the answer, how the integration does by it, and when it is due again. Not to be called in a transaction.
    ///
    /// # Errors
    /// When the database fails: then nothing was stored. What the provider fails in is in what is given.
    pub async fn sync_one(&self, integration: &Integration) -> Result<Synced, Internal> {
        let reply = self.ask(integration).await?;
        let synced = self.keep(integration, reply).await?;
        tracing::debug!(target: "sync", integration = %integration.id, provider = integration.kind.as_str(), went = ?synced.went, "read");
        Ok(synced)
    }

    /// Reads every connected account of `coach` now, one after the other.
    ///
    /// # Errors
    /// As [`BusySync::sync_one`].
    pub async fn sync_coach(&self, coach: UserId) -> Result<Vec<Synced>, Internal> {
        let mut all = Vec::new();
        for integration in Integration::all_of(&self.deps.store, coach).await? {
            all.push(self.sync_one(&integration).await?);
        }
        Ok(all)
    }

    async fn ask(&self, integration: &Integration) -> Result<Reply, Internal> {
        let mut reply = self.ask_once(integration).await?;
        if reply.is_about_other_calendars() {
            tracing::info!(target: "sync", integration = %integration.id, "asked for what is not this account's: reading its list again");
            match self.relist(integration).await {
                Ok(()) => reply = self.ask_once(integration).await?,
                Err(TokenError::Internal(error)) => return Err(error),
                Err(error) => reply.said = Err(error),
            }
        }
        Ok(reply)
    }

    async fn ask_once(&self, integration: &Integration) -> Result<Reply, Internal> {
        let asked_at = self.deps.clock.now();
        let window = window(&self.deps.store, integration.coach_id, asked_at).await?;
        let counted = counted(&self.deps.store, integration, window).await?;
        let said = match self.busy(integration, window, &counted).await {
            Err(TokenError::Internal(error)) => return Err(error),
            said => said,
        };
        Ok(Reply { window, asked_at, counted, said })
    }

    async fn busy(&self, integration: &Integration, window: Interval, counted: &Counted) -> Result<Vec<CalendarBusy>, TokenError> {
        if counted.read.is_empty() {
            // Nothing counts, or all that does is missing: the list tells whether the account can be reached, and what is
            // back.
            self.relist(integration).await?;
            return Ok(Vec::new());
        }
        let provider = self.tokens.providers.get(integration.kind).ok_or(TokenError::ClientRejected)?;
        let calendars: Arc<[_]> = counted.read.clone().into();
        let call = self.tokens.call(integration, |access| {
            let (provider, calendars) = (provider.clone(), calendars.clone());
            Box::pin(async move { provider.busy(access, &BusyAsk { window, calendars: &calendars }).await })
        });
        tokio::time::timeout(LONGEST_READ, call).await.unwrap_or(Err(TokenError::Call(CallError::TimedOut)))
    }

    /// Reads the account's list of calendars again.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub(super) async fn relist(&self, integration: &Integration) -> Result<(), TokenError> {
        let provider = self.tokens.providers.get(integration.kind).ok_or(TokenError::ClientRejected)?;
        let call = self.tokens.call(integration, |access| {
            let provider = provider.clone();
            Box::pin(async move { provider.calendars(access).await })
        });
        let calendars = tokio::time::timeout(LONGEST_READ, call).await.unwrap_or(Err(TokenError::Call(CallError::TimedOut)))?;
        Ok(relisted(&self.deps, integration, &calendars).await?)
    }
}

impl Reply {
    fn is_about_other_calendars(&self) -> bool {
        match &self.said {
            Err(error) => matches!(error, TokenError::Call(CallError::NotOurs)),
            Ok(said) => said.iter().any(|one| one.busy == Busy::Unknown(CallError::NotOurs)),
        }
    }
}
