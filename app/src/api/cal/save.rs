//! `POST /cal/calendars/save-oauth-cal-creds`: a provider's answer that came here, for Cal.com.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use wellmet::integrations::tokens::Clear;

use super::{
    body::{CalendarKind, IsConnected, JsonFields},
    caller::CallingCoach,
    envelope::{Enveloped, Failure, Failures, Success},
};
use crate::server::AppState;

/// What the provider's answer carried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CalCredentials)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(super) struct Credentials {
    /// Which calendar.
    calendar_type: CalendarKind,
    /// The `state` of the answer, as Cal.com made it.
    #[schema(min_length = 1)]
    state: String,
    /// The `code` of the answer.
    #[schema(min_length = 1)]
    code: String,
}

/// Hand a provider's answer that came here on to Cal.com
#[utoipa::path(
    post,
    path = "/cal/calendars/save-oauth-cal-creds",
    operation_id = "cal_save_credentials",
    tag = "cal.com",
    security(("token" = [])),
    request_body = Credentials,
    responses((status = 200, description = "It is connected.", body = Enveloped<IsConnected>), Failures)
)]
pub(super) async fn post(
    State(app): State<AppState>,
    CallingCoach(coach): CallingCoach,
    JsonFields(fields): JsonFields,
) -> Result<Success<IsConnected>, Failure> {
    let fields = fields.only(&["calendarType", "state", "code"])?;
    let behind = fields.behind("calendarType")?;
    let (state, code) = (Clear::new(fields.need("state")?), Clear::new(fields.need("code")?));
    app.integrations.save_cal_credentials(&coach, behind, &state, &code).await?;
    Ok(Success(IsConnected { calendar_type: behind.as_str(), connected: true }))
}
