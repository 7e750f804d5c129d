//! Back from a provider's consent page.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use wellmet::integrations::{Callback, FinishError, ProviderKind};

use super::TAB;
use crate::server::{AppState, PageError, PathOf, QueryOf, SignedInCoach, cookies, see_other};

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
    headers: HeaderMap,
    PathOf(provider): PathOf<String>,
    QueryOf(returned): QueryOf<Returned>,
) -> Result<Response, PageError> {
    let kind = ProviderKind::parse(&provider).ok_or(PageError::NotFound)?;
    let secret = cookies::sign_in_secret(&headers, app.config.public_url.is_https()).ok_or(PageError::Forbidden)?;
    let callback = Callback { state: returned.state, code: returned.code, error: returned.error, redirect_uri: None };
    let code = match app.integrations.finish_oauth(&coach, &secret, kind, callback).await {
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
