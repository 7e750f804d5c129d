//! What programs ask: JSON over HTTP, below `/api`. One file for each endpoint; a handler says who asks, calls a service, converts.
//!
//! A route and its part of the document are one thing ([`routes`]): what is not described cannot be asked. Whoever asks holds a bearer token
//! ([`caller`]); what is sent is strict ([`sent`]); what goes wrong is a problem with a code ([`problem`]), except below `/api/cal`, which keeps
//! an envelope of its own.

mod auth;
pub mod cal;
mod calendar;
pub mod caller;
pub mod codes;
pub mod docs;
pub mod document;
pub mod manners;
pub mod problem;
pub mod refusals;
pub mod sent;
pub mod shapes;
pub mod stripe;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use utoipa_axum::router::OpenApiRouter;

use crate::server::{AppState, PageError};

/// All endpoints with their descriptions, without the `/api` before them.
pub(crate) fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(document::frame()).merge(auth::routes()).merge(calendar::routes()).merge(cal::routes())
}

/// Whether errors for `path` are answered as problems.
pub fn speaks(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// The routes.
pub fn routes(app: &AppState) -> Router<AppState> {
    let (routes, _) = described().split_for_parts();
    let routes = routes
        .fallback(async || PageError::NotFound)
        .method_not_allowed_fallback(async || PageError::WrongMethod)
        .layer(app.config.body_limit.map_or_else(DefaultBodyLimit::disable, DefaultBodyLimit::max))
        .layer(middleware::from_fn(manners::marked))
        .layer(middleware::from_fn(manners::options))
        .layer(middleware::from_fn(manners::accept));
    let routes = match manners::cors(&app.config.api_origins) {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    Router::new().nest("/api", routes).merge(docs::routes())
}
