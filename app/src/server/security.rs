//! What browsers are told to refuse.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The policy of a page with `nonce`. `reloads`: a development server, whose pages open a web socket.
pub fn policy(nonce: &str, reloads: bool) -> HeaderValue {
    let sockets = if reloads { " ws:" } else { "" };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; connect-src 'self'{sockets}; font-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    // A nonce is base64; were it ever not, nothing at all would be the safe policy.
    HeaderValue::try_from(policy).unwrap_or(NOTHING)
}

/// The policy of everything that is not a page.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Forms lead back to the page they were on; other sites learn nothing.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Adds to `headers` what every answer carries. `https`: browsers are to insist on it. `signed_in`: the request
/// carried a sign-in cookie, so nobody may keep the answer.
pub fn harden(headers: &mut HeaderMap, https: bool, signed_in: bool) {
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    let kept = HeaderValue::from_static(if signed_in { "no-store" } else { "private, no-cache" });
    headers.entry(header::CACHE_CONTROL).or_insert(kept);
}
