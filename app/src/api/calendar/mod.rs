//! Calendars of bookings, `/api/calendar/...`.

mod sync_booking;

use axum::{Router, routing::post};

use crate::server::AppState;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/api/calendar/sync-booking", post(sync_booking::post))
}

/// Whether errors for `path` are answered as problem details.
pub fn speaks_problems(path: &str) -> bool {
    path.starts_with("/api/calendar/")
}
