//! `GET /cal/calendars/oauth-connect-url?type=google|office365`: where to send the coach's browser.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    body::{CalendarKind, Fields},
    caller::WritingCoach,
    envelope::{Enveloped, Failure, Failures, Success},
};
use crate::{api::manners::Unkept, server::AppState};

/// The provider's consent page. The way back is good once, for ten minutes.
#[derive(Serialize, ToSchema)]
#[schema(as = CalConnectPage)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    /// A credential of the coach's is part of it: send the coach's browser there, and keep it nowhere.
    #[schema(example = "https://accounts.google.com/o/oauth2/v2/auth?...")]
    auth_url: String,
}

/// Begin to connect a calendar through Cal.com
///
/// Not with a token for reading. The browser comes back to this site, where the coach, signed in, is asked whether a program of theirs may
/// connect the calendar, and presses a button.
#[utoipa::path(
    get,
    path = "/cal/calendars/oauth-connect-url",
    operation_id = "cal_connect_url",
    tag = "cal.com",
    security(("token" = [])),
    params(("type" = inline(CalendarKind), Query, description = "Which calendar.")),
    responses((status = 200, description = "Where to send the coach's browser.", body = Enveloped<Page>), Failures)
)]
pub(super) async fn get(
    State(app): State<AppState>,
    WritingCoach(coach): WritingCoach,
    fields: Fields,
) -> Result<Unkept<Success<Page>>, Failure> {
    let behind = fields.only(&["type"])?.behind("type")?;
    let page = app.integrations.start_cal_connect(&coach, None, behind).await?;
    Ok(Unkept(Success(Page { auth_url: page.expose().to_owned() })))
}
