//! `GET /calendar/{provider}/auth-url`: the way to a provider's consent page.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wellmet::integrations::{Start, StartError};

use super::provider::{Provider, way_back};
use crate::{
    api::{
        caller::WritingCoach,
        codes::Code,
        manners::Unkept,
        problem::{Problem, ProblemBody},
        refusals::{Always, OfOne, WithToken},
        sent::{Asked, At},
    },
    server::AppState,
};

/// Where the browser is to come back to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuthUrlQuery {
    /// An address of yours, registered at the provider: `https`, or `http` on localhost. Without it the browser comes back to this site, which
    /// asks the coach, signed in, whether to connect the calendar.
    #[param(example = "http://localhost:3000/callback", min_length = 1, max_length = 2000)]
    redirect_uri: Option<String>,
}

/// Where to send the coach's browser.
#[derive(Serialize, ToSchema)]
pub(super) struct AuthUrl {
    /// The provider's consent page. Good once, for ten minutes.
    #[schema(example = "https://accounts.google.com/o/oauth2/v2/auth?client_id=...")]
    auth_url: String,
    /// Comes back with the browser, and belongs into `exchange-token`.
    #[schema(example = "b1qYB4nMlvMcqA9xk6PZ6z6R9tQe5v7Kk1u3t4w5x6y")]
    state: String,
}

/// Begin to connect a calendar
///
/// The coach is asked for leave to see when they are busy and to write events. Not with a token for reading.
///
/// With `redirect_uri` the browser comes back to your program, which finishes by `exchange-token`. Without it the browser comes back to this
/// site: there the coach, signed in, is asked whether a program of theirs may connect the account, and nothing is connected before they
/// press the button. So nobody can have a coach's browser connect an account that the coach did not choose.
#[utoipa::path(
    get,
    path = "/calendar/{provider}/auth-url",
    operation_id = "calendar_auth_url",
    tag = "calendar",
    security(("token" = [])),
    params(("provider" = inline(Provider), Path, description = "`google` or `outlook`."), AuthUrlQuery),
    responses(
        (status = 200, description = "Where to send the coach's browser.", body = AuthUrl),
        (status = 409, description = "`not_set_up`: this site has no such provider.", body = ProblemBody, content_type = "application/problem+json"),
        Always, WithToken, OfOne
    )
)]
pub(super) async fn get(
    State(app): State<AppState>,
    WritingCoach(coach): WritingCoach,
    At(provider): At<Provider>,
    Asked(query): Asked<AuthUrlQuery>,
) -> Result<Unkept<Json<AuthUrl>>, Problem> {
    let start = Start { wants_writing: true, redirect_uri: way_back(query.redirect_uri)?, reconnect: None };
    let departure = app.integrations.start_oauth(&coach, None, provider.kind(), start).await.map_err(|error| match error {
        StartError::NotOffered | StartError::NotFound => Problem::new(Code::NotSetUp, "This calendar is not set up on this site."),
        StartError::Internal(error) => error.into(),
    })?;
    Ok(Unkept(Json(AuthUrl { auth_url: departure.page, state: departure.state.expose().to_owned() })))
}
