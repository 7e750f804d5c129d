//! `GET /cal/gcal-oauth-redirect` and `/api/cal/office-oauth-redirect`: a coach is back from a provider's consent page. Ends
//! at `/dashboard/settings?tab=integrations` with `&success=true` or `&error=...`. What a program began is connected only when the coach
//! says so on a page of this site, with a POST to the same address.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use wellmet::{
    accounts::CoachActor,
    integrations::{CalConnectError, ProviderKind, Returning, outcome::TokenError, providers::Behind},
    time::Secret,
};

use crate::{
    pages::integrations::{Decision, ask_to_connect},
    server::{AppState, Form, PageContext, PageError, SignedInCoach, cookies, see_other},
};

/// A calendar's way back for [`router`](super::ways_back): where it is, and what connects it.
macro_rules! ways_back {
    ($($name:ident, $answered:ident: $behind:ident at $path:literal as $words:literal),*) => {$(
        pub(super) async fn $name(
            State(app): State<AppState>,
            SignedInCoach(coach, _): SignedInCoach,
            context: PageContext,
            headers: HeaderMap,
            RawQuery(query): RawQuery,
        ) -> Result<Response, PageError> {
            let state = query.as_deref().and_then(state_of);
            if app.integrations.begun_by_program(&coach, ProviderKind::CalComManaged, state.as_deref()).await? {
                let fields = vec![("state", state.unwrap_or_default())];
                return Ok(ask_to_connect(&context, $words, $path.to_owned(), fields));
            }
            let sign_in = sign_in(&app, &headers)?;
            finish(&app, &coach, Returning::Browser(&sign_in), Behind::$behind, state.as_deref()).await
        }

        pub(super) async fn $answered(
            State(app): State<AppState>,
            SignedInCoach(coach, _): SignedInCoach,
            headers: HeaderMap,
            Form(sent, _): Form<Answered>,
        ) -> Result<Response, PageError> {
            answered(&app, &coach, &sign_in(&app, &headers)?, Behind::$behind, &sent).await
        }
    )*};
}

ways_back! {
    google, google_answered: Google at "/api/cal/gcal-oauth-redirect" as "Google Calendar",
    office365, office365_answered: Office365 at "/api/cal/office-oauth-redirect" as "Office 365"
}

/// What the coach answered to a program's wish.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    state: String,
    decision: Decision,
}

fn sign_in(app: &AppState, headers: &HeaderMap) -> Result<Secret, PageError> {
    cookies::sign_in_secret(headers, app.config.public_url.is_https()).ok_or(PageError::Forbidden)
}

async fn answered(app: &AppState, coach: &CoachActor, sign_in: &Secret, behind: Behind, sent: &Answered) -> Result<Response, PageError> {
    let state = Some(sent.state.as_str());
    if sent.decision == Decision::Connect {
        return finish(app, coach, Returning::Agreed(sign_in), behind, state).await;
    }
    match app.integrations.decline_cal_connect(coach, sign_in, state).await {
        Ok(()) => Ok(see_other("/dashboard/settings?tab=integrations")),
        Err(error) => failed(error),
    }
}

async fn finish(
    app: &AppState,
    coach: &CoachActor,
    who: Returning<'_>,
    behind: Behind,
    state: Option<&str>,
) -> Result<Response, PageError> {
    match app.integrations.finish_cal_connect(coach, who, behind, state).await {
        Ok(_) => Ok(to_settings("success=true")),
        Err(error) => failed(error),
    }
}

fn failed(error: CalConnectError) -> Result<Response, PageError> {
    match error {
        CalConnectError::Internal(error) => Err(error.into()),
        error => Ok(to_settings(&format!("error={}", code(&error)))),
    }
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
