//! `GET /api/cal/calendars/oauth-connect-url?type=google|office365`: where to send the coach's browser.

use axum::extract::State;
use serde::Serialize;

use super::{
    body::Fields,
    caller::CallingCoach,
    envelope::{Failure, Success},
};
use crate::server::AppState;

/// The provider's consent page. The way back is good once, for ten minutes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    auth_url: String,
}

pub(super) async fn get(
    State(app): State<AppState>,
    CallingCoach(coach, sign_in): CallingCoach,
    fields: Fields,
) -> Result<Success<Page>, Failure> {
    let behind = fields.only(&["type"])?.behind("type")?;
    let page = app.integrations.start_cal_connect(&coach, &sign_in, behind).await?;
    Ok(Success(Page { auth_url: page.expose().to_owned() }))
}
