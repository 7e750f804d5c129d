//! Calendars of coaches and bookings in them, `/calendar/...`.

mod sync_booking;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::AppState;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sync_booking::post))
}
