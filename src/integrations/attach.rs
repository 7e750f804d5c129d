//! Storing a connection, new or again: what every way to connect ends with.

use super::{
    Integration, Integrations, ProviderKind,
    calendar::apply_list,
    health::Outcome,
    providers::{Account, RemoteCalendar},
    record::record_in,
    tokens::NewCredential,
    write_back,
};
use crate::{
    error::Internal,
    model::{Instant, IntegrationId, UserId},
    store::{StoreError, Tx, sql},
};

/// An account that was just proven to be the coach's.
#[derive(Debug)]
pub(super) struct Attached<'a> {
    /// How it is connected.
    pub(super) kind: ProviderKind,
    /// Which account.
    pub(super) account: &'a Account,
    /// See [`Integration::endpoint`].
    pub(super) endpoint: &'a str,
    /// What was granted.
    pub(super) scopes: &'a str,
    /// See [`Integration::can_write`].
    pub(super) can_write: bool,
    /// See [`Integration::managed_user_id`].
    pub(super) managed_user_id: Option<i64>,
    /// What to reach it with.
    pub(super) credential: NewCredential<'a>,
    /// What it listed.
    pub(super) calendars: &'a [RemoteCalendar],
}

impl Integrations {
    /// Stores the connection of `coach`, all of it or nothing. An account that was connected before, also one that was
    /// disconnected since, keeps its id and the calendars chosen.
    pub(super) async fn attach(&self, coach: UserId, new: Attached<'_>) -> Result<IntegrationId, Internal> {
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await?;
        lock_busy(&mut tx, coach).await?;
        let id = upsert(&mut tx, coach, self.deps.ids.id(now), &new, now).await?;
        let integration = Integration::of_coach(&mut tx, coach, id).await?.ok_or_else(|| Internal::new("the integration just stored"))?;
        self.tokens.store(&mut tx, id, coach, new.credential).await.map_err(Internal::new)?;
        apply_list(&mut tx, &*self.deps.ids, &integration, new.calendars, now).await?;
        record_in(&mut tx, &self.deps, &integration, Outcome::Ok).await?;
        write_back::all_again(&mut tx, &self.deps, coach, now).await?;
        tx.commit().await?;
        tracing::info!(target: "token_service", integration = %id, provider = new.kind.as_str(), "connected");
        Ok(id)
    }

    /// An integration as it would be, to make the first calls with, before anything is stored.
    pub(super) fn provisional(&self, coach: UserId, kind: ProviderKind, account: &Account, endpoint: &str) -> Integration {
        let now = self.deps.clock.now();
        Integration {
            id: self.deps.ids.id(now),
            coach_id: coach,
            kind,
            account_key: account.key.clone(),
            account_label: account.label.clone(),
            managed_user_id: None,
            endpoint: endpoint.to_owned(),
            scopes: String::new(),
            can_write: false,
            state: super::health::HealthState::healthy(now),
            failures: 0,
            last_ok_at: None,
            created_at: now,
        }
    }
}

/// Decides alone about this coach's calendars, and notes that what is busy changes. Before any integration is locked.
pub(super) async fn lock_busy(tx: &mut Tx, coach: UserId) -> Result<(), StoreError> {
    sql("UPDATE coaches SET claims_revision = claims_revision + 1 WHERE user_id = $1").bind(coach).run(tx).await.map(drop)
}

async fn upsert(tx: &mut Tx, coach: UserId, fresh: IntegrationId, new: &Attached<'_>, now: Instant) -> Result<IntegrationId, StoreError> {
    let upsert = sql("INSERT INTO calendar_integrations (id, coach_id, provider, account_key, account_label, managed_user_id, endpoint,
             scopes, can_write, health_since, sync_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $10)
         ON CONFLICT (coach_id, provider, account_key) DO UPDATE SET account_label = excluded.account_label,
             managed_user_id = excluded.managed_user_id, endpoint = excluded.endpoint, scopes = excluded.scopes,
             can_write = excluded.can_write, sync_at = excluded.sync_at,
             health_since = CASE WHEN calendar_integrations.health = 'disconnected' THEN excluded.health_since
                 ELSE calendar_integrations.health_since END,
             health = CASE WHEN calendar_integrations.health = 'disconnected' THEN 'healthy' ELSE calendar_integrations.health END
         RETURNING id");
    let row = upsert
        .bind(fresh)
        .bind(coach)
        .bind(new.kind.as_str())
        .bind(&new.account.key)
        .bind(&new.account.label)
        .bind(new.managed_user_id)
        .bind(new.endpoint)
        .bind(new.scopes)
        .bind(new.can_write)
        .bind(now)
        .one(tx)
        .await?;
    row.get("id")
}
