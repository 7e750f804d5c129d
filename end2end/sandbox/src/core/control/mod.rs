//! The control surface, `/_control/...`: JSON in and out, for tests and the demo.

mod calendars;
mod observe;
mod secrets;

use axum::extract::FromRequest;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::state::App;

/// Why control did not do it: the words are for whoever writes the test.
#[derive(Debug)]
pub(crate) enum Denied {
    /// What was named is not there.
    Missing(&'static str),
    /// The request makes no sense.
    Wrong(String),
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, words) = match self {
            Self::Missing(what) => (StatusCode::NOT_FOUND, format!("no such {what}")),
            Self::Wrong(words) => (StatusCode::BAD_REQUEST, words),
        };
        (status, Json(json!({ "error": words }))).into_response()
    }
}

/// What control answers with.
pub(crate) type Answer = Result<Json<Value>, Denied>;

/// A JSON body whose faults are answered as JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Denied;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Denied> {
        let text = String::from_request(request, state).await.map_err(|error| Denied::Wrong(error.to_string()))?;
        serde_json::from_str(if text.is_empty() { "{}" } else { &text }).map(Self).map_err(|error| Denied::Wrong(error.to_string()))
    }
}

/// The routes below `/_control`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(health))
        .route("/reset", post(reset))
        .route("/clock", get(clock).post(advance))
        .route("/switches", get(observe::switches).patch(observe::set_switches))
        .route("/requests", get(observe::requests).delete(observe::forget_requests))
        .route("/faults", get(observe::faults).post(observe::add_fault).delete(observe::clear_faults))
        .route("/faults/{id}", delete(observe::clear_fault))
        .route("/accounts", get(calendars::accounts).post(calendars::add_account))
        .route("/calendars", post(calendars::add_calendar).patch(calendars::change_calendar).delete(calendars::delete_calendar))
        .route("/events", get(calendars::events).post(calendars::add_event).patch(calendars::change_event).delete(calendars::delete_event))
        .route("/sync/expire", post(calendars::expire_sync))
        .route("/clients", get(secrets::clients).post(secrets::add_client))
        .route("/clients/{provider}/redirect-uris", post(secrets::add_redirect_uri))
        .route("/grants", get(secrets::grants).post(secrets::add_grant))
        .route("/grants/revoke", post(secrets::revoke))
        .route("/tokens", get(secrets::tokens))
        .route("/tokens/owner", post(secrets::owner))
        .route("/tokens/expire", post(secrets::expire))
        .route("/tokens/kill-refresh", post(secrets::kill_refresh))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "service": "wellmet-sandbox" }))
}

async fn reset(State(app): State<App>) -> Json<Value> {
    app.reset();
    Json(json!({ "reset": true }))
}

async fn clock(State(app): State<App>) -> Json<Value> {
    Json(json!({ "now": app.clock.now() }))
}

#[derive(Deserialize)]
struct Advance {
    /// Seconds; negative goes back.
    advance: i64,
}

async fn advance(State(app): State<App>, Body(Advance { advance }): Body<Advance>) -> Json<Value> {
    let offset = app.clock.advance(advance);
    Json(json!({ "now": app.clock.now(), "offset": offset }))
}
