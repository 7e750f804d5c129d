//! What every request to the API passes: the rate limit, its headers, and the envelope of errors.

use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;

use super::answer::Failure;
use crate::core::clock::plus;
use crate::core::state::App;
use crate::core::tokens::fingerprint;

/// Seconds that are counted together, and that a caller who asked too often is blocked.
const MINUTE: i64 = 60;
/// Requests a minute of a client or a token.
const KNOWN: u32 = 500;
/// Requests a minute of an address.
const ANYONE: u32 = 120;

/// How often somebody asked in the minute that ends then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    ends: Timestamp,
    asked: u32,
    blocked: bool,
}

/// Who is counted together: only headers are looked at, never the path.
fn counted_as(headers: &HeaderMap) -> (String, u32) {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(header::AUTHORIZATION), text(HeaderName::from_static("x-cal-client-id"))) {
        (Some(token), _) => (format!("token {}", fingerprint(token)), KNOWN),
        (None, Some(client)) => (format!("client {client}"), KNOWN),
        (None, None) => ("address".to_owned(), ANYONE),
    }
}

/// Counts the request; answers 429 when there were too many. Writes envelopes of errors.
pub(crate) async fn limit(State(app): State<App>, OriginalUri(uri): OriginalUri, request: Request, next: Next) -> Response {
    let now = app.clock.now();
    let (key, usual) = counted_as(request.headers());
    let (limit, remaining, reset, refused) = {
        let cal = &mut app.world().cal;
        let limit = cal.limit.unwrap_or(usual);
        let fresh = Window { ends: plus(now, MINUTE), asked: 0, blocked: false };
        let window = cal.windows.entry(key).or_insert(fresh);
        if window.ends <= now {
            *window = fresh;
        }
        window.asked += 1;
        if window.asked > limit && !window.blocked {
            window.blocked = true;
            window.ends = plus(now, MINUTE);
        }
        let left = (window.ends.as_millisecond() - now.as_millisecond() + 999) / 1000;
        (limit, limit.saturating_sub(window.asked), left, window.blocked)
    };
    let mut response = if refused { Failure::too_many().envelope("", now) } else { next.run(request).await };
    let failure = if refused { Some(Failure::too_many()) } else { response.extensions_mut().remove::<Failure>() };
    if let Some(failure) = failure {
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        response = failure.envelope(path.strip_prefix("/cal").unwrap_or(path), now);
    }
    for (name, value) in [
        ("x-ratelimit-limit-default", i64::from(limit)),
        ("x-ratelimit-remaining-default", i64::from(remaining)),
        ("x-ratelimit-reset-default", reset),
    ] {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    response
}
