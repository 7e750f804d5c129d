//! Calendars of coaches and bookings in them, `/calendar/...`.

mod auth_url;
mod exchange_token;
mod provider;
mod sync_booking;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::AppState;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(auth_url::get)).routes(routes!(exchange_token::post)).routes(routes!(sync_booking::post))
}
