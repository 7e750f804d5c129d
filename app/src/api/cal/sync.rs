//! `POST /api/cal/calendars/sync-credentials` `{calendarType}`: looks again at what is connected at Cal.com.

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    body::JsonFields,
    caller::CallingCoach,
    envelope::{Failure, Success},
};
use crate::server::AppState;

pub(super) async fn post(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
    JsonFields(fields): JsonFields,
) -> Result<Success<Value>, Failure> {
    let behind = fields.only(&["calendarType"])?.behind("calendarType")?;
    app.integrations.sync_cal_credentials(&coach, behind).await?;
    Ok(Success(json!({ "calendarType": behind.as_str(), "connected": true })))
}
