//! Back from a provider's consent page.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use wellmet::{
    accounts::CoachActor,
    integrations::{Callback, FinishError, ProviderKind, Returning},
};

use super::{TAB, ask_to_connect};
use crate::server::{AppState, Form, PageContext, PageError, PathOf, QueryOf, SignedInCoach, cookies, see_other};

/// What providers send along; they send more, which is of no interest.
#[derive(Debug, Deserialize)]
pub(super) struct Returned {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

pub(super) async fn callback(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    headers: HeaderMap,
    PathOf(provider): PathOf<String>,
    QueryOf(returned): QueryOf<Returned>,
) -> Result<Response, PageError> {
    let kind = ProviderKind::parse(&provider).ok_or(PageError::NotFound)?;
    let secret = cookies::sign_in_secret(&headers, app.config.public_url.is_https()).ok_or(PageError::Forbidden)?;
    let refused = returned.error.is_some();
    if !refused && app.integrations.begun_by_program(&coach, kind, returned.state.as_deref()).await? {
        let fields = vec![("state", returned.state.unwrap_or_default()), ("code", returned.code.unwrap_or_default())];
        return Ok(ask_to_connect(&context, kind.name(), format!("/integrations/{}/callback", kind.as_str()), fields));
    }
    let callback = Callback { state: returned.state, code: returned.code, error: returned.error, redirect_uri: None };
    // A refusal connects nothing: there is nothing to ask about.
    let who = if refused { Returning::Agreed(&secret) } else { Returning::Browser(&secret) };
    finish(&app, &coach, who, kind, callback).await
}

/// What the coach answered to a program's wish.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    state: String,
    code: String,
    decision: Decision,
}

/// Whether to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    Connect,
    Decline,
}

pub(super) async fn answered(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    headers: HeaderMap,
    PathOf(provider): PathOf<String>,
    Form(sent, _): Form<Answered>,
) -> Result<Response, PageError> {
    let kind = ProviderKind::parse(&provider).ok_or(PageError::NotFound)?;
    let secret = cookies::sign_in_secret(&headers, app.config.public_url.is_https()).ok_or(PageError::Forbidden)?;
    if sent.decision == Decision::Decline {
        app.integrations.decline_oauth(&coach, &secret, kind, Some(&sent.state)).await?;
        return Ok(see_other(TAB));
    }
    let callback = Callback { state: Some(sent.state), code: Some(sent.code), ..Callback::default() };
    finish(&app, &coach, Returning::Agreed(&secret), kind, callback).await
}

async fn finish(
    app: &AppState,
    coach: &CoachActor,
    who: Returning<'_>,
    kind: ProviderKind,
    callback: Callback,
) -> Result<Response, PageError> {
    let code = match app.integrations.finish_oauth(coach, who, kind, callback).await {
        Ok(_) => return Ok(see_other(&format!("{TAB}&success=true"))),
        Err(FinishError::Refused) => "refused",
        Err(FinishError::StateUnknown) => "state",
        Err(FinishError::MissingScope(_)) => "scope",
        Err(FinishError::WrongAccount) => "account",
        Err(FinishError::Provider(_)) => "provider",
        Err(FinishError::Internal(error)) => return Err(error.into()),
    };
    Ok(see_other(&format!("{TAB}&error={code}")))
}
