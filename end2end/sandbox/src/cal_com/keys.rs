//! New tokens for managed users: regular (single use) and forced (all others die).

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::Value;

use super::answer::{Answer, Failure, success};
use super::auth::manager;
use super::managed::{self, Json};
use super::tokens::issue;
use crate::core::provider::Provider;
use crate::core::state::App;

/// `POST /v2/oauth/{clientId}/refresh`.
pub(crate) async fn refresh(State(app): State<App>, Path(client): Path<String>, headers: HeaderMap, Json(body): Json) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let client = manager(&world, &headers, &client, now)?.id.clone();
    let Some(token) = body.get("refreshToken").and_then(Value::as_str) else {
        return Err(Failure::invalid("refreshToken", "isString", "must be a string", &body));
    };
    let known = world.oauth.refresh(token, Provider::Cal, &client).map_err(|_| Failure::bad("Invalid refresh token"))?;
    world.oauth.refresh.remove(token);
    // Any refresh clears away what has expired, of the whole client.
    let oauth = &mut world.oauth;
    let grants = &oauth.grants;
    oauth.access.retain(|_, access| access.expires > now || grants[access.grant].client_id != client);
    Ok(success(issue(&mut world, known.grant, now)))
}

/// `POST /v2/oauth-clients/{clientId}/users/{userId}/force-refresh`.
pub(crate) async fn force_refresh(State(app): State<App>, Path((client, user)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let client = manager(&world, &headers, &client, now)?.id.clone();
    let user = managed::of_client(&world, &client, &user)?.id;
    let grant = managed::grant_of(&mut world, &client, user);
    managed::forget_tokens(&mut world, grant);
    Ok(success(issue(&mut world, grant, now)))
}
