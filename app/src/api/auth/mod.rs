//! Signing in and out, `/auth/...`.

mod login;
mod logout;
mod me;
mod register;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::AppState;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(register::post)).routes(routes!(login::post)).routes(routes!(logout::post)).routes(routes!(me::get))
}
