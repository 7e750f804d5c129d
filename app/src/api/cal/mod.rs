//! Calendars through Cal.com, `/api/cal/...`: JSON in the envelope `{"success": true, "data": ...}` or `{"success": false, "error": "..."}`.
//!
//! Whoever asks holds a bearer token, as everywhere; only the ways back from consent pages are for browsers. What a coach's calendars are asked with is always the coach's own.

mod body;
mod busy_times;
mod caller;
mod came_back;
mod connect_url;
mod envelope;
mod refresh_token;
mod save;
mod status;
mod sync;

use axum::{Router, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::AppState;
pub(crate) use came_back::code as error_code;
pub(super) use envelope::Failed;
pub use envelope::failed;

/// The routes for programs.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(connect_url::get))
        .routes(routes!(save::post))
        .routes(routes!(sync::post))
        .routes(routes!(status::get))
        .routes(routes!(busy_times::get))
        .routes(routes!(refresh_token::post))
}

/// The ways back from consent pages: for browsers, which have a cookie and no token.
pub fn ways_back() -> Router<AppState> {
    Router::new()
        .route("/api/cal/gcal-oauth-redirect", get(came_back::google).post(came_back::google_answered))
        .route("/api/cal/office-oauth-redirect", get(came_back::office365).post(came_back::office365_answered))
}

/// Whether errors for `path` are answered in the envelope; the ways back from consent pages are for people.
pub fn speaks_json(path: &str) -> bool {
    path.starts_with("/api/cal/") && !path.ends_with("-oauth-redirect")
}
