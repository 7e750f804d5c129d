//! Telling a coach that a calendar has to be connected again: jobs for days 0, 1, 3, 7 and 14, called off when it is well.

use serde_json::json;

use super::Integration;
use crate::{
    Deps,
    jobs::{self, JobKind, NewJob},
    model::{Instant, IntegrationId},
    store::{StoreError, Tx},
};

/// On which days after it broke the coach is told.
const DAYS: [i64; 5] = [0, 1, 3, 7, 14];

/// Plans the notices about `integration`, which needs a reconnect since `since`.
pub(super) async fn plan(tx: &mut Tx, deps: &Deps, integration: &Integration, since: Instant) -> Result<(), StoreError> {
    for day in DAYS {
        let job = NewJob {
            kind: JobKind::CalendarTrouble,
            key: format!("calendar_trouble:{}:{}:{day}", integration.id, since.millis()),
            lane: None,
            coach_id: Some(integration.coach_id),
            booking_id: None,
            user_id: Some(integration.coach_id),
            payload: json!({ "integration_id": integration.id, "coach_id": integration.coach_id, "day": day, "since": since }),
            run_at: since.plus_minutes(day * 24 * 60),
        };
        jobs::enqueue(tx, &*deps.ids, since, job).await?;
    }
    Ok(())
}

/// Calls off what has not been told yet: the calendar is well again, or gone.
pub(super) async fn call_off(tx: &mut Tx, integration: IntegrationId, now: Instant) -> Result<(), StoreError> {
    jobs::call_off(tx, JobKind::CalendarTrouble, &format!("calendar_trouble:{integration}:"), now).await
}
