//! `GET /cal/gcal-oauth-redirect` and `/api/cal/office-oauth-redirect`: a coach is back from a provider's consent page. Ends
//! at `/dashboard/settings?tab=integrations` with `&success=true` or `&error=...`.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use wellmet::{
    accounts::CoachActor,
    integrations::{CalConnectError, outcome::TokenError, providers::Behind},
};

use crate::server::{AppState, PageError, SignedInCoach, cookies, see_other};

pub(super) async fn google(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    finish(&app, coach, &headers, Behind::Google, query.as_deref()).await
}

pub(super) async fn office365(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    finish(&app, coach, &headers, Behind::Office365, query.as_deref()).await
}

async fn finish(
    app: &AppState,
    coach: CoachActor,
    headers: &HeaderMap,
    behind: Behind,
    query: Option<&str>,
) -> Result<Response, PageError> {
    let sign_in = cookies::sign_in_secret(headers, app.config.public_url.is_https()).ok_or(PageError::Forbidden)?;
    let state = query.and_then(state_of);
    let finished = app.integrations.finish_cal_connect(&coach, &sign_in, behind, state.as_deref()).await;
    Ok(match finished {
        Ok(_) => to_settings("success=true"),
        Err(CalConnectError::Internal(error)) => return Err(error.into()),
        Err(error) => to_settings(&format!("error={}", code(&error))),
    })
}

/// The one field that is ours; whatever else a provider adds is not looked at.
fn state_of(query: &str) -> Option<String> {
    let fields: Vec<(String, String)> = serde_html_form::from_str(query).ok()?;
    fields.into_iter().find(|(name, _)| name == "state").map(|(_, value)| value)
}

fn to_settings(result: &str) -> Response {
    see_other(&format!("/dashboard/settings?tab=integrations&{result}"))
}

/// The word under which the settings page knows what went wrong.
pub(crate) const fn code(error: &CalConnectError) -> &'static str {
    match error {
        CalConnectError::NotOffered => "not-set-up",
        CalConnectError::StateUnknown => "state",
        CalConnectError::Refused => "refused",
        CalConnectError::NothingNew => "unchanged",
        CalConnectError::AddressTaken => "taken",
        CalConnectError::Token(TokenError::ClientRejected | TokenError::Sealed) => "site",
        CalConnectError::NotConnected | CalConnectError::Token(_) | CalConnectError::Internal(_) => "provider",
    }
}
