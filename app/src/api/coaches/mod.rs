//! Coaches as clients find them, and what a coach sets, `/coaches/...`.

mod availability;
mod hours;
mod list;
mod one;
mod session_types;
mod shapes;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::AppState;

/// The routes. `me` is nobody's path: `/coaches/me/...` means whoever asks.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::get))
        .routes(routes!(one::get))
        .routes(routes!(availability::get, availability::put))
        .merge(session_types::routes())
}
