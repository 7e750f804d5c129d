//! Calendars through Cal.com, `/api/cal/...`: JSON in the envelope `{"success": true, "data": ...}` or `{"success": false, "error": "..."}`.
//!
//! Whoever asks is signed in by the site's cookie. What a coach's calendars are asked with is always the coach's own.

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

use axum::{
    Router,
    routing::{get, post},
};

use crate::server::AppState;
pub(crate) use came_back::code as error_code;
pub use envelope::failed;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/cal/calendars/oauth-connect-url", get(connect_url::get))
        .route("/api/cal/gcal-oauth-redirect", get(came_back::google))
        .route("/api/cal/office-oauth-redirect", get(came_back::office365))
        .route("/api/cal/calendars/save-oauth-cal-creds", post(save::post))
        .route("/api/cal/calendars/sync-credentials", post(sync::post))
        .route("/api/cal/calendars/status", get(status::get))
        .route("/api/cal/calendars/get-busy-times", get(busy_times::get))
        .route("/api/cal/refresh-managed-user-token", post(refresh_token::post))
}

/// Whether errors for `path` are answered in the envelope; the ways back from consent pages are for people.
pub fn speaks_json(path: &str) -> bool {
    path.starts_with("/api/cal/") && !path.ends_with("-oauth-redirect")
}
