//! Writing down how an integration does, and what follows from it for the coach.

use super::{
    Integration,
    health::{Health, HealthReason, HealthState, Outcome},
    notices,
    standing::refresh_standing,
};
use crate::{
    Deps,
    model::{Instant, IntegrationId},
    store::{StoreError, Tx, sql},
};

/// Records what a contact came to, in a transaction of its own.
///
/// # Errors
/// What the database says.
pub(super) async fn record(deps: &Deps, integration: &Integration, outcome: Outcome) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    record_in(&mut tx, deps, integration, outcome).await?;
    tx.commit().await
}

/// As [`record`], in the caller's transaction. Locks the coach before the integration, as everyone does.
pub(super) async fn record_in(tx: &mut Tx, deps: &Deps, integration: &Integration, outcome: Outcome) -> Result<(), StoreError> {
    lock_coach(tx, integration).await?;
    let now = deps.clock.now();
    let Some((before, failures)) = state_of(tx, integration.id).await? else { return Ok(()) };
    let after = before.after(outcome, now);
    let went_well = outcome == Outcome::Ok;
    let failures = match outcome {
        Outcome::Ok => 0,
        Outcome::Nothing => failures,
        Outcome::Passing(_) | Outcome::Final(_) => failures.saturating_add(1),
    };
    let update = sql("UPDATE calendar_integrations SET health = $2, health_reason = $3, health_since = $4, failures = $5,
         last_ok_at = CASE WHEN $6 = 1 THEN $7 ELSE last_ok_at END, updated_at = $7 WHERE id = $1");
    update
        .bind(integration.id)
        .bind(after.health.as_str())
        .bind(after.reason.map(HealthReason::as_str))
        .bind(after.since)
        .bind(failures)
        .bind(went_well)
        .bind(now)
        .run(tx)
        .await?;
    if after.health != before.health {
        tracing::info!(target: "health", integration = %integration.id, from = before.health.as_str(), to = after.health.as_str(),
            reason = after.reason.map(HealthReason::as_str), "health changed");
        changed(tx, deps, integration, before, after, now).await?;
    }
    refresh_standing(tx, integration.coach_id, now).await
}

/// What the coach is told, and no longer told.
async fn changed(
    tx: &mut Tx,
    deps: &Deps,
    integration: &Integration,
    before: HealthState,
    after: HealthState,
    now: Instant,
) -> Result<(), StoreError> {
    if before.health == Health::NeedsReconnect {
        notices::call_off(tx, integration.id, now).await?;
    }
    if after.health == Health::NeedsReconnect {
        notices::plan(tx, deps, integration, now).await?;
    }
    Ok(())
}

/// Decides alone about what is known of this coach's calendars: before any row of `calendar_integrations` is locked.
pub(super) async fn lock_coach(tx: &mut Tx, integration: &Integration) -> Result<(), StoreError> {
    // An update that changes nothing locks the row on both engines.
    sql("UPDATE coaches SET updated_at = updated_at WHERE user_id = $1").bind(integration.coach_id).run(tx).await.map(drop)
}

async fn state_of(tx: &mut Tx, id: IntegrationId) -> Result<Option<(HealthState, u32)>, StoreError> {
    let row = sql("SELECT * FROM calendar_integrations WHERE id = $1").bind(id).optional(tx).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((Integration::of_row(&row)?.state, row.get("failures")?)))
}
