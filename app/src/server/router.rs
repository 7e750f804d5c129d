//! Every route in one table.

use axum::{Router, extract::DefaultBodyLimit, middleware, response::IntoResponse};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    csrf::CsrfLayer,
};

use super::{AppState, PageError, Viewer, assets, live, observe};
use crate::{api, pages, srv};

/// The whole site.
pub fn router(app: AppState) -> Router {
    // The framework wants to know where to run what is not done at once. A second call changes nothing.
    let _ = any_spawner::Executor::init_tokio();
    let pages = Router::new()
        .merge(pages::admin::routes())
        .merge(pages::availability::routes())
        .merge(pages::dashboard::routes())
        .merge(pages::feeds::routes())
        .merge(pages::home::routes())
        .merge(pages::integrations::routes())
        .merge(pages::coaches::routes())
        .merge(pages::picker::routes())
        .merge(pages::book::routes())
        .merge(pages::bookings::routes())
        .merge(pages::forgot::routes())
        .merge(pages::login::routes())
        .merge(pages::mailbox::routes())
        .merge(pages::outstanding::routes())
        .merge(pages::payments::routes())
        .merge(pages::register::routes())
        .merge(pages::session_types::routes())
        .merge(pages::settings::routes())
        .merge(pages::theme::routes())
        .merge(pages::verify::routes())
        .merge(pages::webhooks::routes())
        .merge(live::routes())
        .merge(srv::routes())
        .merge(api::cal::ways_back())
        .merge(api::stripe::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(async || PageError::WrongMethod);
    pages
        .merge(assets::routes(&app.site))
        .layer(app.config.body_limit.map_or_else(DefaultBodyLimit::disable, DefaultBodyLimit::max))
        .layer(cross_site(&app))
        // Programs are known by their tokens and never by a cookie: no other site can send what a visitor's browser adds to.
        .merge(api::routes(&app))
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(middleware::from_fn(observe::timeout))
        .layer(middleware::from_fn_with_state(app.clone(), observe::error_pages))
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        // Pages are not streamed, so holding data back costs nothing. The fastest level: a harder one would take longer
        // than rendering the page, for two kilobytes less.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app)
}

/// Refuses forms that other sites send with our visitors' cookies.
fn cross_site(app: &AppState) -> CsrfLayer<fn(tower_http::csrf::ProtectionError) -> axum::response::Response> {
    fn refuse(_: tower_http::csrf::ProtectionError) -> axum::response::Response {
        PageError::CrossSite.into_response()
    }
    let layer = CsrfLayer::new();
    // Behind a proxy that rewrites `Host` the public address is still known.
    let layer = layer.clone().add_trusted_origin(app.config.public_url.origin()).unwrap_or(layer);
    layer.with_rejection_response(refuse as fn(_) -> _)
}

/// Whoever is signed in still sees their navigation; a database that is away does not turn 404 into 503.
async fn not_found(_viewer: Result<Viewer, PageError>) -> PageError {
    PageError::NotFound
}
