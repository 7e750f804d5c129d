//! Who reads which integration: leases in its row, so that several servers share the work.

use std::time::Duration;

use serde_json::json;

use super::lanes::Lane;
use crate::{
    integrations::{Integration, ProviderKind},
    model::{Instant, IntegrationId},
    store::{Store, StoreError, Tx, sql, sql_for},
};

/// Longer than a read can take: a lease ends by itself only when its server died.
const LEASE: Duration = Duration::from_mins(2);

/// Which lanes have something that is due and that nobody reads.
pub(super) async fn due_lanes(store: &Store, now: Instant) -> Result<Vec<Lane>, StoreError> {
    let rows = sql("SELECT DISTINCT provider FROM calendar_integrations WHERE sync_at IS NOT NULL AND sync_at <= $1
         AND (sync_lease_until IS NULL OR sync_lease_until <= $1) AND health IN ('healthy', 'degraded')");
    let mut lanes = Vec::new();
    for row in rows.bind(now).all(store).await? {
        let lane = Lane::of(row.parse("provider", ProviderKind::parse)?);
        if !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    Ok(lanes)
}

/// Takes up to `most` integrations of `lane` that are due, the longest waiting first, for `owner`.
pub(super) async fn take(tx: &mut Tx, owner: &str, lane: Lane, most: usize, now: Instant) -> Result<Vec<Integration>, StoreError> {
    let kinds: Vec<_> = lane.kinds().map(ProviderKind::as_str).collect();
    let take = sql_for(
        "UPDATE calendar_integrations SET sync_lease_owner = $1, sync_lease_until = $2 WHERE id IN
            (SELECT id FROM calendar_integrations WHERE sync_at IS NOT NULL AND sync_at <= $3
                AND (sync_lease_until IS NULL OR sync_lease_until <= $3) AND health IN ('healthy', 'degraded')
                AND provider IN (SELECT value FROM json_each($4)) ORDER BY sync_at LIMIT $5)
         RETURNING *",
        // A materialized list: the rows that are locked are exactly those that are taken.
        "WITH due AS MATERIALIZED
            (SELECT id FROM calendar_integrations WHERE sync_at IS NOT NULL AND sync_at <= $3
                AND (sync_lease_until IS NULL OR sync_lease_until <= $3) AND health IN ('healthy', 'degraded')
                AND provider = ANY (ARRAY(SELECT jsonb_array_elements_text($4::jsonb))) ORDER BY sync_at LIMIT $5
             FOR UPDATE SKIP LOCKED)
         UPDATE calendar_integrations SET sync_lease_owner = $1, sync_lease_until = $2 WHERE id IN (SELECT id FROM due) RETURNING *",
    );
    let rows = take
        .bind(owner)
        .bind(now + LEASE)
        .bind(now)
        .bind(json!(kinds).to_string())
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .all(tx)
        .await?;
    rows.iter().map(Integration::of_row).collect()
}

/// Says when `integration` is read next (`None`: not before the coach has mended it), and ends its lease: it was read
/// just now, by whomever.
pub(super) async fn plan(tx: &mut Tx, integration: IntegrationId, next: Option<Instant>) -> Result<(), StoreError> {
    let plan = sql("UPDATE calendar_integrations SET sync_at = $2, sync_lease_owner = NULL, sync_lease_until = NULL WHERE id = $1");
    plan.bind(integration).bind(next).run(tx).await.map(drop)
}

/// Gives back every lease of `owner`.
pub(super) async fn give_back(store: &Store, owner: &str) -> Result<u64, StoreError> {
    let mut tx = store.begin().await?;
    let give = sql("UPDATE calendar_integrations SET sync_lease_owner = NULL, sync_lease_until = NULL WHERE sync_lease_owner = $1");
    let given = give.bind(owner).run(&mut tx).await?;
    tx.commit().await?;
    Ok(given)
}
