//! `POST /cal/calendars/sync-credentials`: looks again at what is connected at Cal.com.

use axum::extract::State;

use super::{
    body::{IsConnected, JsonFields, Which},
    caller::CallingCoach,
    envelope::{Enveloped, Failure, Failures, Success},
};
use crate::server::AppState;

/// Look again at what is connected at Cal.com
#[utoipa::path(
    post,
    path = "/cal/calendars/sync-credentials",
    operation_id = "cal_sync_credentials",
    tag = "cal.com",
    security(("token" = [])),
    request_body = Which,
    responses((status = 200, description = "It is connected.", body = Enveloped<IsConnected>), Failures)
)]
pub(super) async fn post(
    State(app): State<AppState>,
    CallingCoach(coach): CallingCoach,
    JsonFields(fields): JsonFields,
) -> Result<Success<IsConnected>, Failure> {
    let behind = fields.only(&["calendarType"])?.behind("calendarType")?;
    app.integrations.sync_cal_credentials(&coach, behind).await?;
    Ok(Success(IsConnected { calendar_type: behind.as_str(), connected: true }))
}
