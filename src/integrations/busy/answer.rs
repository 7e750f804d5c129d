//! Storing what a provider said: data, health and the next read in one transaction.

use std::{collections::HashMap, time::Duration};

use super::{
    BusySync, Synced, Went, lease,
    relist::problem_of,
    schedule::next_in,
    store::{self, Reading},
    sync::Reply,
};
use crate::{
    integrations::{
        Integration,
        health::{Health, HealthReason, HealthState, Outcome},
        outcome::{CallError, TokenError},
        providers::{Busy, CalendarToRead},
        record::{lock_coach, record_in},
    },
    store::{StoreError, Tx},
};

/// What the answers of all calendars come to.
#[derive(Default)]
struct Sum {
    /// Something is busy, or free, that was not.
    news: bool,
    known: usize,
    unknown: usize,
    /// Why the first unknown one is.
    outcome: Option<Outcome>,
    next_after: Option<Duration>,
    retry_after: Option<Duration>,
}

impl BusySync {
    /// Stores `reply`, unless the integration was disconnected meanwhile.
    pub(super) async fn keep(&self, integration: &Integration, reply: Reply) -> Result<Synced, StoreError> {
        let mut tx = self.deps.store.begin().await?;
        lock_coach(&mut tx, integration).await?;
        let stored = Integration::of_coach(&mut tx, integration.coach_id, integration.id).await?;
        let Some(stored) = stored.filter(|stored| stored.state.health != Health::Disconnected) else {
            return Ok(Synced { went: Went::NotAtAll, next_after: None, retry_after: None });
        };
        let sum = match &reply.said {
            Ok(_) => keep_known(&mut tx, integration, &reply).await?,
            Err(error) => keep_unknown(&mut tx, &reply, error).await?,
        };
        if sum.news {
            store::tell(&mut tx, integration.coach_id).await?;
        }
        let (outcome, synced) = sum.comes_to();
        record_in(&mut tx, &self.deps, integration, outcome).await?;
        self.plan(&mut tx, &stored, outcome, &synced).await?;
        tx.commit().await?;
        Ok(synced)
    }

    /// When it is read next. Who has to be connected again is not.
    async fn plan(&self, tx: &mut Tx, stored: &Integration, outcome: Outcome, synced: &Synced) -> Result<(), StoreError> {
        let now = self.deps.clock.now();
        let state: HealthState = stored.state.after(outcome, now);
        let failures = if outcome == Outcome::Ok { 0 } else { stored.failures.saturating_add(1) };
        let next =
            (state.health != Health::NeedsReconnect).then(|| now + next_in(stored.kind, synced, failures, self.period, self.spread()));
        lease::plan(tx, stored.id, next).await
    }

    /// Random in `0..1`.
    pub(super) fn spread(&self) -> f64 {
        let mut random = [0_u8; 2];
        self.deps.ids.fill(&mut random);
        f64::from(u16::from_be_bytes(random)) / 65_536.0
    }
}

/// The provider answered: for some calendars, or all.
async fn keep_known(tx: &mut Tx, integration: &Integration, reply: &Reply) -> Result<Sum, StoreError> {
    let said = reply.said.iter().flatten().map(|one| (one.calendar, &one.busy));
    let mut said: HashMap<_, _> = said.collect();
    let mut sum = Sum::default();
    for calendar in &reply.counted.read {
        let reading = Reading { calendar: calendar.id, coach: integration.coach_id, window: reply.window, asked_at: reply.asked_at };
        sum.add(tx, &reading, calendar, said.remove(&calendar.id)).await?;
    }
    if reply.counted.missing > 0 {
        sum.unknown += reply.counted.missing;
        sum.outcome.get_or_insert(Outcome::Passing(HealthReason::CalendarMissing));
    }
    Ok(sum)
}

impl Sum {
    /// Stores the answer for one calendar. One that is missing in the reply is unknown.
    async fn add(&mut self, tx: &mut Tx, reading: &Reading, calendar: &CalendarToRead, busy: Option<&Busy>) -> Result<(), StoreError> {
        let (problem, outcome) = match busy {
            Some(Busy::Known { spans, sync_state, next_after }) => {
                self.news |= store::replace(tx, reading, spans, sync_state.as_deref()).await?;
                self.known(*next_after);
                return Ok(());
            }
            // Only what was shown a mark can be unchanged since.
            Some(Busy::Unchanged { next_after }) if calendar.sync_state.is_some() => {
                store::confirm(tx, reading).await?;
                self.known(*next_after);
                return Ok(());
            }
            Some(Busy::Unchanged { .. }) => (HealthReason::BadAnswer, Outcome::Passing(HealthReason::BadAnswer)),
            Some(Busy::Unknown(error)) => {
                self.told_to_wait(error);
                (problem_of(error), Outcome::of_call(error))
            }
            None => (HealthReason::CalendarMissing, Outcome::Passing(HealthReason::CalendarMissing)),
        };
        self.unknown += 1;
        self.outcome.get_or_insert(outcome);
        store::unknown(tx, reading.calendar, reading.asked_at, problem).await
    }

    fn known(&mut self, next_after: Option<Duration>) {
        self.known += 1;
        // Of several calendars the most impatient one decides.
        self.next_after = if self.known == 1 { next_after } else { self.next_after.min(next_after) };
    }

    fn told_to_wait(&mut self, error: &CallError) {
        if let CallError::RateLimited(asked) = error {
            self.retry_after = self.retry_after.max(Some(asked.unwrap_or_default()));
        }
    }

    /// What it says about the integration, and what the worker goes on by. As long as a part of the account can be
    /// read, the coach need not connect again.
    fn comes_to(self) -> (Outcome, Synced) {
        let synced = |went| Synced { went, next_after: self.next_after, retry_after: self.retry_after };
        match (self.outcome, self.known) {
            (None, _) => (Outcome::Ok, synced(Went::Well)),
            (Some(Outcome::Final(reason)), 1..) => (Outcome::Passing(reason), synced(Went::Partly)),
            (Some(outcome), 1..) => (outcome, synced(Went::Partly)),
            (Some(outcome), 0) => (outcome, synced(Went::Badly)),
        }
    }
}

/// The account could not be read. What may pass is told by the age of the data; what says that the calendars are not
/// to be had is noted with each of them.
async fn keep_unknown(tx: &mut Tx, reply: &Reply, error: &TokenError) -> Result<Sum, StoreError> {
    let mut sum = Sum { unknown: reply.counted.read.len(), outcome: Some(Outcome::of_token(error)), ..Sum::default() };
    if let TokenError::Call(error) = error {
        sum.told_to_wait(error);
        if is_definite(error) {
            for calendar in &reply.counted.read {
                store::unknown(tx, calendar.id, reply.asked_at, problem_of(error)).await?;
            }
        }
    }
    Ok(sum)
}

const fn is_definite(error: &CallError) -> bool {
    match error {
        CallError::NotOurs
        | CallError::CalendarNotConnected
        | CallError::WrongPassword
        | CallError::MissingScope
        | CallError::Gone
        | CallError::AddressRefused => true,
        CallError::TokenExpired
        | CallError::TokenRejected
        | CallError::RateLimited(_)
        | CallError::ProviderDown(_)
        | CallError::Unreachable
        | CallError::TimedOut
        | CallError::BadAnswer(_)
        | CallError::Refused(_) => false,
    }
}
