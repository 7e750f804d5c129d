//! `POST /auth/logout`: the end of a token.

use axum::{extract::State, http::StatusCode};

use crate::{
    api::{
        caller::{AnyCaller, Caller},
        problem::Problem,
        refusals::{Always, WithToken},
    },
    server::AppState,
};

/// End the token that comes with the request
///
/// Works for every token: one from signing in, a personal one, and one that may read only.
#[utoipa::path(
    post,
    path = "/auth/logout",
    operation_id = "logout",
    tag = "auth",
    security(("token" = [])),
    responses((status = 204, description = "The token works no more."), Always, WithToken)
)]
pub(super) async fn post(State(app): State<AppState>, AnyCaller(Caller { identity, token }): AnyCaller) -> Result<StatusCode, Problem> {
    app.accounts.revoke_token(identity.actor(), token.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
