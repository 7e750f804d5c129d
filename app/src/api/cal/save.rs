//! `POST /api/cal/calendars/save-oauth-cal-creds` `{calendarType, state, code}`: a provider's answer that came here, for Cal.com.

use axum::extract::State;
use serde_json::{Value, json};
use wellmet::integrations::tokens::Clear;

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
    let fields = fields.only(&["calendarType", "state", "code"])?;
    let behind = fields.behind("calendarType")?;
    let (state, code) = (Clear::new(fields.need("state")?), Clear::new(fields.need("code")?));
    app.integrations.save_cal_credentials(&coach, behind, &state, &code).await?;
    Ok(Success(json!({ "calendarType": behind.as_str(), "connected": true })))
}
