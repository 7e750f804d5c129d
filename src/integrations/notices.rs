//! Telling a coach that a calendar has to be connected again: jobs for days 0, 1, 3, 7 and 14, called off when it is well.

use serde_json::json;

use super::Integration;
use crate::{
    Deps,
    model::{Instant, IntegrationId, JobId},
    store::{StoreError, Tx, sql},
};

/// On which days after it broke the coach is told.
const DAYS: [i64; 5] = [0, 1, 3, 7, 14];

/// Plans the notices about `integration`, which needs a reconnect since `since`.
pub(super) async fn plan(tx: &mut Tx, deps: &Deps, integration: &Integration, since: Instant) -> Result<(), StoreError> {
    for day in DAYS {
        let job_id: JobId = deps.ids.id(since);
        let payload = json!({ "integration_id": integration.id, "coach_id": integration.coach_id, "day": day, "since": since });
        let insert = sql("INSERT INTO jobs (id, kind, key, payload, run_at, created_at) VALUES ($1, 'calendar_trouble', $2, $3, $4, $5)
             ON CONFLICT (key) DO NOTHING");
        insert
            .bind(job_id)
            .bind(format!("calendar_trouble:{}:{}:{day}", integration.id, since.millis()))
            .bind(payload.to_string())
            .bind(since.plus_minutes(day * 24 * 60))
            .bind(since)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Calls off what has not been told yet: the calendar is well again, or gone.
pub(super) async fn call_off(tx: &mut Tx, integration: IntegrationId) -> Result<(), StoreError> {
    let cancel = sql("UPDATE jobs SET state = 'cancelled' WHERE kind = 'calendar_trouble' AND state = 'waiting' AND key LIKE $1");
    cancel.bind(format!("calendar_trouble:{integration}:%")).run(tx).await.map(drop)
}
