//! The site's files, `robots.txt` and the two questions that operators' tools ask.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use tower_http::services::{ServeDir, ServeFile};

use super::{AppState, site::Site};

/// Routes to files under the site's root and to the health checks. A file that is not there is a 404 without a body.
pub fn routes(site: &Site) -> Router<AppState> {
    let file = |name: &str| ServeFile::new(site.root().join(name));
    let folder = |name: &str| ServeDir::new(site.root().join(name)).precompressed_br().precompressed_gzip();
    // Names that change with the content can be kept for good; others have to be asked about each time.
    let names = if site.hashed() { "public, max-age=31536000, immutable" } else { "no-cache" };
    let packed = Router::new()
        .nest_service("/pkg", folder("pkg"))
        .layer(middleware::from_fn(move |request: Request, next: Next| keep(names, request, next)));
    let public = Router::new()
        .nest_service("/fonts", folder("fonts"))
        .nest_service("/api-docs", folder("api-docs"))
        .route_service("/favicon.svg", file("favicon.svg"))
        .route_service("/robots.txt", file("robots.txt"))
        .layer(middleware::from_fn(|request: Request, next: Next| keep("public, max-age=3600", request, next)));
    Router::new().merge(packed).merge(public).route("/healthz", get(healthy)).route("/readyz", get(ready))
}

/// Lets browsers keep files for as long as `how` says, and nobody keep that one is missing.
async fn keep(how: &'static str, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let how = if response.status().is_client_error() { "no-store" } else { how };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(how));
    response
}

/// The process answers.
async fn healthy() -> &'static str {
    "ok"
}

/// The database answers too.
async fn ready(State(app): State<AppState>) -> (StatusCode, &'static str) {
    match app.deps.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(target: "http", %error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
