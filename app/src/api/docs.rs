//! `/docs` (Swagger UI), `/redoc` (`ReDoc`) and the document they show, all from this site.
//!
//! The readers come with the build and want inline styles, so these pages have a policy of their own, and no cookie of anybody's is looked at.

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use wellmet::time::hash_secret;

use super::document;
use crate::server::AppState;

/// Nothing but this site's files. The readers style what they draw and search in a worker.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
     connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The document and what it is known by.
static DOCUMENT: LazyLock<(String, String)> = LazyLock::new(|| {
    let text = document::text();
    let mark = format!("\"{}\"", hash_secret(&text));
    (text, mark)
});

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/api/openapi.json", get(json)).route("/docs", get(swagger)).route("/redoc", get(redoc))
}

async fn json(headers: HeaderMap) -> Response {
    let (text, mark) = &*DOCUMENT;
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|sent| sent.to_str().is_ok_and(|sent| sent.contains(mark.as_str())));
    let kept = [(header::ETAG, mark.as_str()), (header::CACHE_CONTROL, "public, no-cache")];
    if known {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

async fn swagger() -> Response {
    let head = r#"<link rel="stylesheet" href="/api-docs/swagger-ui.css">
<script src="/api-docs/swagger-ui-bundle.js" defer></script>
<script src="/api-docs/swagger-start.js" defer></script>"#;
    shown("Swagger UI", head, r#"<div id="reader"></div>"#)
}

async fn redoc() -> Response {
    let head = r#"<script src="/api-docs/redoc.standalone.js" defer></script>"#;
    shown("ReDoc", head, r#"<redoc spec-url="/api/openapi.json" disable-search="false" hide-hostname="true"></redoc>"#)
}

fn shown(reader: &str, head: &str, body: &str) -> Response {
    let page = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Wellmet: the REST API ({reader})</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/api-docs/docs.css">
{head}
</head>
<body>
<nav class="way" aria-label="Documents"><strong>The REST API</strong><a href="/">Wellmet</a><a href="/docs">Swagger UI</a><a href="/redoc">ReDoc</a><a href="/api/openapi.json">openapi.json</a></nav>
<main>
<noscript><p>This page needs scripts. What it shows stands in <a href="/api/openapi.json">openapi.json</a>.</p></noscript>
{body}
</main>
</body>
</html>
"#
    );
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response()
}
