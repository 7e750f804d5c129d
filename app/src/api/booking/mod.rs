//! Free times and bookings, `/booking/...`.

mod availability;
mod cancel;
mod create;
mod list;
mod reschedule;
mod shape;
mod show;
mod status;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::AppState;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(availability::get))
        .routes(routes!(create::post))
        .routes(routes!(show::get, cancel::delete))
        .routes(routes!(list::of_client))
        .routes(routes!(list::of_coach))
        .routes(routes!(status::patch))
        .routes(routes!(reschedule::post))
}
