//! What programs ask: JSON over HTTP, below `/api`. One file for each endpoint; a handler says who asks, calls a service, converts.
//!
//! A route and its part of the document are one thing ([`routes`]): what is not described cannot be asked. Whoever asks holds a bearer token
//! ([`caller`]); what is sent is strict ([`sent`]); what goes wrong is a problem with a code ([`problem`]), except below `/api/cal`, which keeps
//! an envelope of its own.

mod auth;
mod booking;
pub mod cal;
mod calendar;
pub mod caller;
mod coaches;
pub mod codes;
pub mod docs;
pub mod document;
pub mod idempotency;
pub mod manners;
pub mod moment;
mod number;
pub mod pace;
pub mod problem;
pub mod refusals;
pub mod sent;
pub mod shapes;
pub mod stripe;
mod text;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use utoipa_axum::router::OpenApiRouter;

use crate::server::{AppState, PageError};

/// All endpoints with their descriptions, without the `/api` before them.
pub(crate) fn described() -> OpenApiRouter<AppState> {
    let mut routes = OpenApiRouter::with_openapi(document::frame())
        .merge(auth::routes())
        .merge(coaches::routes())
        .merge(booking::routes())
        .merge(calendar::routes())
        .merge(cal::routes());
    idempotency::describe(routes.get_openapi_mut());
    manners::describe(routes.get_openapi_mut());
    routes
}

/// Whether errors for `path` are answered as problems.
pub fn speaks(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// The routes.
pub fn routes(app: &AppState) -> Router<AppState> {
    let (routes, document) = described().split_for_parts();
    let routes = routes.route_layer(middleware::from_fn_with_state(app.clone(), idempotency::once));
    let routes = manners::with_options(routes, &document)
        .route("/openapi.json", get(docs::json).options(manners::only_reads))
        .fallback(async || PageError::NotFound)
        .method_not_allowed_fallback(async || PageError::WrongMethod)
        .layer(app.config.body_limit.map_or_else(DefaultBodyLimit::disable, DefaultBodyLimit::max))
        .layer(middleware::from_fn(manners::marked))
        .layer(middleware::from_fn(manners::accept))
        .layer(middleware::from_fn_with_state(app.clone(), pace::counted));
    let routes = manners::with_cors(routes, app);
    Router::new().nest("/api", routes).merge(docs::routes())
}
