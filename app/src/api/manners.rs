//! What HTTP asks of every endpoint.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::options,
};
use tower::ServiceExt;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::openapi::{
    HeaderBuilder, ObjectBuilder, OpenApi, RefOr, Required, ResponseBuilder,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    schema::Type,
};
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

/// What [`with_options`] says of an address that is only read.
pub(super) async fn only_reads() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(header::ALLOW, "GET,HEAD,OPTIONS")])
}

/// Has pages of the configured origins ask from a browser.
pub(super) fn with_cors(routes: Router<AppState>, app: &AppState) -> Router<AppState> {
    let Some(cors) = cors(&app.config.api_origins) else { return routes };
    // The layer takes every OPTIONS for a browser's question before a request (Fetch, 3.3.2): others go past it.
    let plain: Router = routes.clone().with_state(app.clone());
    routes.layer(cors).layer(middleware::from_fn(move |request: Request, next: Next| {
        let plain = plain.clone();
        async move {
            let asks =
                request.headers().contains_key(header::ORIGIN) && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
            if request.method() == Method::OPTIONS && !asks {
                plain.oneshot(request).await.into_response()
            } else {
                next.run(request).await
            }
        }
    }))
}

/// Lets pages of the configured origins ask from a browser; without any, no other origin's may. Credentials are never let through:
/// a token is sent on purpose.
fn cors(origins: &AllowedOrigins) -> Option<CorsLayer> {
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

/// Says in the document of every operation what the layers around it do: marks of what was read, and limits.
pub(super) fn describe(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        if let Some(read) = &mut item.get {
            read.parameters.get_or_insert_default().push(RefOr::T(known()));
            let words = "What `If-None-Match` names has not changed. No body.";
            read.responses.responses.insert("304".to_owned(), RefOr::T(ResponseBuilder::new().description(words).build()));
            with_header(read, "200", "ETag", Type::String, "The mark of what was read, for `If-None-Match`.");
        }
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in all.into_iter().flatten() {
            for status in ["200", "201", "204", "429"] {
                with_header(operation, status, "RateLimit", Type::String, "What is left of the limit: `\"user\";r=599;t=43`.");
                with_header(operation, status, "RateLimit-Policy", Type::String, "The limit: `\"user\";q=600;w=60`.");
            }
            for status in ["429", "503"] {
                with_header(operation, status, "Retry-After", Type::Integer, "Seconds to wait before the next try.");
            }
        }
    }
}

fn known() -> Parameter {
    let words = "The `ETag` of an earlier answer, or several: one that has not changed is 304.";
    let builder = ParameterBuilder::new().name("If-None-Match").parameter_in(ParameterIn::Header).required(Required::False);
    builder.description(Some(words)).schema(Some(ObjectBuilder::new().schema_type(Type::String))).build()
}

fn with_header(operation: &mut Operation, status: &str, name: &str, kind: Type, words: &str) {
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
        let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(kind))).description(Some(words)).build();
        response.headers.insert(name.to_owned(), RefOr::T(header));
    }
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
