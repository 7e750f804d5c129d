//! What HTTP asks of every endpoint.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::options,
};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::openapi::OpenApi;
use wellmet::{config::AllowedOrigins, time::hash_secret};

use super::{codes::Code, problem::Problem};
use crate::server::{AppState, PageError};

/// Refuses whoever accepts no JSON (RFC 9110, 15.5.7). Whoever says nothing accepts it.
pub async fn accept(request: Request, next: Next) -> Response {
    if takes_json(request.headers()) {
        next.run(request).await
    } else {
        Problem::new(Code::NotAcceptable, "Answers are application/json.").into_response()
    }
}

/// Whether `Accept` lets an answer be JSON. What cannot be read is not taken for a refusal.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut ranges =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|parameter| parameter.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)));
        !refused && matches!(kind.as_str(), "" | "*/*" | "application/*" | "application/json" | "application/problem+json")
    })
}

/// Has every address that `document` knows answer OPTIONS with the methods it takes (RFC 9110, 9.3.7). `Allow` of a 405 says them as well.
pub(super) fn with_options(mut routes: Router<AppState>, document: &OpenApi) -> Router<AppState> {
    for (path, item) in &document.paths.paths {
        let known = [
            (item.get.is_some(), "GET,HEAD"),
            (item.post.is_some(), "POST"),
            (item.put.is_some(), "PUT"),
            (item.patch.is_some(), "PATCH"),
            (item.delete.is_some(), "DELETE"),
            (true, "OPTIONS"),
        ];
        let allowed = known.iter().filter(|(taken, _)| *taken).map(|(_, methods)| *methods).collect::<Vec<_>>().join(",");
        routes = routes.route(path, options(async move || (StatusCode::NO_CONTENT, [(header::ALLOW, allowed)])));
    }
    routes
}

/// An answer that carries a secret: nobody may keep it, and it has no mark (RFC 9111, 5.2.2.5; RFC 6749, 5.1).
#[derive(Debug, Clone, Copy)]
pub struct Unkept<T>(pub T);

impl<T: IntoResponse> IntoResponse for Unkept<T> {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, NO_STORE)], self.0).into_response()
    }
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Whether what `request` is answered may be for nobody but who asks: it brings a token, or is about to get one.
pub fn is_private<T>(request: &axum::http::Request<T>) -> bool {
    let path = request.uri().path();
    path.starts_with("/api/auth/") || (path.starts_with("/api/") && request.headers().contains_key(header::AUTHORIZATION))
}

/// Has nobody keep a private answer, except one with a mark: that may be kept by who asked, and is asked about each time.
pub fn keep_private(headers: &mut HeaderMap) {
    if !headers.contains_key(header::ETAG) {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    }
}

/// Gives what was read a mark of its content, and a 304 to whoever has that already (RFC 9110, 13.1.2).
pub async fn marked(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let known = request.headers().get_all(header::IF_NONE_MATCH).iter();
    let known: Vec<String> = known.filter_map(|value| value.to_str().ok()).map(ToOwned::to_owned).collect();
    let response = next.run(request).await;
    let unkept = response.headers().get(header::CACHE_CONTROL).is_some_and(|kept| kept == NO_STORE);
    if response.status() != StatusCode::OK || unkept || response.headers().contains_key(header::ETAG) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Whole bodies of ours, in memory already.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return PageError::internal("an answer broke off").into_response() };
    // Weak: compression may change the bytes, not what they say.
    let mark = format!("W/\"{}\"", hash_secret(&String::from_utf8_lossy(&bytes)));
    if let Ok(value) = HeaderValue::try_from(&mark) {
        parts.headers.insert(header::ETAG, value);
    }
    if known.iter().any(|known| names(known, &mark)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Whether a list of marks has this one, compared weakly.
fn names(list: &str, mark: &str) -> bool {
    let plain = |mark: &str| mark.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|one| plain(one) == plain(mark))
}

/// Lets pages of the configured origins ask from a browser; without any, no other origin's may. Credentials are never let through:
/// a token is sent on purpose.
pub fn cors(origins: &AllowedOrigins) -> Option<CorsLayer> {
    let origins = match origins {
        AllowedOrigins::None => return None,
        AllowedOrigins::Any => AllowOrigin::any(),
        AllowedOrigins::These(origins) => AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok())),
    };
    let key = HeaderName::from_static("idempotency-key");
    let told = ["ratelimit", "ratelimit-policy", "idempotent-replayed"].map(HeaderName::from_static);
    let told = told.into_iter().chain([header::ETAG, header::LOCATION, header::RETRY_AFTER]);
    let layer = CorsLayer::new().allow_origin(origins).max_age(std::time::Duration::from_mins(10));
    let layer = layer.allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH, key]);
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    Some(layer.allow_methods(methods).expose_headers(told.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn who_takes_json() {
        for (accept, taken) in [
            ("*/*", true),
            ("text/html, application/json;q=0.5", true),
            ("application/*", true),
            ("application/problem+json", true),
            ("Application/JSON", true),
            ("text/html", false),
            ("text/html, application/json;q=0", false),
            ("image/png;q=1", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(takes_json(&headers), taken, "{accept}");
        }
        assert!(takes_json(&HeaderMap::new()));
    }
}
