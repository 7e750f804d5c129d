//! Signing in and out, `/auth/...`.

mod me;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::AppState;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(me::get))
}
