//! The server's side of server functions.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::IntoResponse,
    routing::post,
};
use leptos::prelude::{provide_context, use_context};
use wellmet::accounts::Identity;

use crate::{
    dto::AppError,
    server::{AppState, Viewer},
};

/// Mounts every server function.
pub fn routes() -> Router<AppState> {
    Router::new().route("/srv/{*name}", post(call).get(call))
}

async fn call(State(app): State<AppState>, Viewer(viewer): Viewer, request: Request<Body>) -> impl IntoResponse {
    leptos_axum::handle_server_fns_with_context(
        move || {
            provide_context(app.clone());
            provide_context(Viewer(viewer.clone()));
        },
        request,
    )
    .await
}

/// The services, inside a server function.
///
/// # Errors
/// `Internal` outside of one.
pub fn app() -> Result<AppState, AppError> {
    use_context().ok_or(AppError::Internal)
}

/// Who asks, inside a server function.
///
/// # Errors
/// `Forbidden` when nobody is signed in.
pub fn identity() -> Result<Identity, AppError> {
    use_context::<Viewer>().and_then(|Viewer(viewer)| viewer).ok_or(AppError::Forbidden)
}
