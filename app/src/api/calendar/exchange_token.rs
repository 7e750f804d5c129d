//! `POST /calendar/{provider}/exchange-token`: a coach is back from a consent page.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wellmet::{
    integrations::{Callback, FinishError, outcome::CallError},
    model::FieldErrors,
};

use super::provider::{Provider, way_back};
use crate::{
    api::{
        caller::CallingCoach,
        codes::Code,
        problem::{Problem, ProblemBody},
        refusals::{Always, OfOne, WithBody, WithToken},
        sent::{Asked, At, Sent},
        shapes::Ulid,
        text,
    },
    server::AppState,
};

/// As in `auth-url`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExchangeQuery {
    /// What `auth-url` was given; may be left out.
    #[param(example = "http://localhost:3000/callback", min_length = 1, max_length = 2000)]
    redirect_uri: Option<String>,
}

/// What the browser came back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExchangeToken {
    /// The provider's code.
    #[schema(example = "4/0AX4XfWh...", min_length = 1, max_length = 4096)]
    code: String,
    /// The `state` of `auth-url`.
    #[schema(example = "b1qYB4nMlvMcqA9xk6PZ6z6R9tQe5v7Kk1u3t4w5x6y", min_length = 1, max_length = 4096)]
    state: String,
}

impl ExchangeToken {
    /// Refuses what no provider sends, before anything is used up.
    fn check(&self) -> Result<(), Problem> {
        let mut errors = FieldErrors::new();
        for (name, text) in [("code", &self.code), ("state", &self.state)] {
            if text.is_empty() {
                errors.add(name, "This is needed.");
            }
            text::fits(&mut errors, name, text, 4096);
        }
        Ok(errors.or(())?)
    }
}

/// The calendar is connected. The refresh token stays here, encrypted.
#[derive(Serialize, ToSchema)]
pub(super) struct Exchanged {
    /// The provider's access token, for a program of the coach's that asks the provider itself. This site does not need it back.
    #[schema(example = "ya29.a0AfH6...")]
    access_token: String,
    /// Seconds until it ends.
    #[schema(example = 3599, minimum = 0)]
    expires_in: i64,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The connection.
    #[schema(value_type = Ulid)]
    integration_id: String,
}

/// Finish connecting a calendar
///
/// For what `auth-url` began with a token of the same coach's. What the coach began on this site's own pages ends there.
#[utoipa::path(
    post,
    path = "/calendar/{provider}/exchange-token",
    operation_id = "calendar_exchange_token",
    tag = "calendar",
    security(("token" = [])),
    params(("provider" = inline(Provider), Path, description = "`google` or `outlook`."), ExchangeQuery),
    request_body = ExchangeToken,
    responses(
        (status = 200, description = "The calendar is connected.", body = Exchanged),
        (status = 409, description = "`provider_refused`: the state or the code is unknown, was used, or is too old, or a permission is missing.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "`provider_unavailable`: the provider does not answer as it should.", body = ProblemBody, content_type = "application/problem+json"),
        Always, WithToken, WithBody, OfOne
    )
)]
pub(super) async fn post(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
    At(provider): At<Provider>,
    Asked(query): Asked<ExchangeQuery>,
    Sent(sent): Sent<ExchangeToken>,
) -> Result<Json<Exchanged>, Problem> {
    sent.check()?;
    let redirect_uri = way_back(query.redirect_uri)?;
    let callback = Callback { state: Some(sent.state), code: Some(sent.code), error: None, redirect_uri };
    let out = app.integrations.finish_oauth_for_program(&coach, provider.kind(), callback).await.map_err(refusal)?;
    let left = (out.expires_at.millis() - app.deps.clock.now().millis()).max(0) / 1000;
    Ok(Json(Exchanged {
        access_token: out.access.expose().to_owned(),
        expires_in: left,
        token_type: "Bearer",
        integration_id: out.integration.to_string(),
    }))
}

fn refusal(error: FinishError) -> Problem {
    let refused = |words: String| Problem::new(Code::ProviderRefused, words);
    match error {
        FinishError::StateUnknown => refused("state: it is not known here, was used before, or is too old.".to_owned()),
        FinishError::Refused => refused("Consent was refused.".to_owned()),
        FinishError::MissingScope(feature) => refused(format!("The permission to {} is missing.", feature.says())),
        FinishError::WrongAccount => refused("Another account was chosen.".to_owned()),
        FinishError::Provider(CallError::Refused(_)) => refused("The provider does not know this code.".to_owned()),
        FinishError::Provider(_) => Problem::new(Code::ProviderUnavailable, "The provider does not answer as it should."),
        FinishError::Internal(error) => error.into(),
    }
}
