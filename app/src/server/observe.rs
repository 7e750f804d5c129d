//! Around every request: its id, its line in the log, its security headers, and the page for whatever went wrong.

use std::time::Duration;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use wellmet::model::Id;

use super::{AppState, PageContext, PageError, context::ViewerSlot, cookies, security};
use crate::{api, pages};

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Names a request in the log and on the page of an internal error.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(pub Id<()>);

/// Gives the request an id, its answer the security headers, and the log one line. The line names the route, not
/// the path: paths carry secrets (`/book/h/{secret}`).
pub async fn observe(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let begun = app.deps.clock.now();
    let id = RequestId(app.deps.ids.id(begun));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let signed_in = cookies::sign_in_secret(request.headers(), app.config.public_url.is_https()).is_some();
    request.extensions_mut().insert(id);
    let private = api::manners::is_private(&request);
    let mut response = next.run(request).await;
    if private {
        api::manners::keep_private(response.headers_mut());
    }
    security::harden(response.headers_mut(), app.config.public_url.is_https(), signed_in);
    let ms = app.deps.clock.now().millis().saturating_sub(begun.millis());
    let status = response.status().as_u16();
    if let Some(route) = route {
        tracing::info!(target: "http", id = %id.0, %method, route, status, ms, "answered");
    } else {
        // The site's files, and addresses that lead nowhere.
        tracing::debug!(target: "http", id = %id.0, %method, status, ms, "answered");
    }
    response
}

/// Turns a [`PageError`] from further in into its page, without asking the database anything.
pub async fn error_pages(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let slot = ViewerSlot::default();
    request.extensions_mut().insert(slot.clone());
    let id = request.extensions().get::<RequestId>().copied();
    let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<PageError>() else { return response };
    let id = id.map(|id| id.0.to_string()).unwrap_or_default();
    if let PageError::Internal(cause) = &error {
        tracing::error!(target: "http", id, cause = %cause.cause(), "internal error");
    }
    let mut page = if api::cal::speaks_json(uri.path()) {
        api::cal::failed(&error, &id)
    } else if api::speaks(uri.path()) {
        api::problem::failed(&error, &id)
    } else {
        let context = PageContext::new(&app, &method, &uri, &headers, slot.get().flatten());
        pages::error::show(&context, &error, &id)
    };
    // What was said beside it stays: what is left of a limit, which methods there are.
    for (name, value) in response.headers() {
        page.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    if let Some(seconds) = error.retry_after() {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    page
}

/// Gives up on a request that takes too long.
pub async fn timeout(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(PATIENCE, next.run(request)).await;
    answered.unwrap_or_else(|_| PageError::Unavailable.into_response())
}

/// The answer of a handler that panicked. The panic itself is on standard error.
pub fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
    PageError::internal(format!("panic: {}", words.unwrap_or_default())).into_response()
}
