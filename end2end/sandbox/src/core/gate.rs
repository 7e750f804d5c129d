//! What every request to a provider passes: the request log and the faults.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::faults::{Fault, Subject, strike};
use super::provider::Provider;
use super::state::{App, Recorded};
use super::tokens::{self, fingerprint};

/// Largest body of a request, in bytes.
const BODY_MAX: usize = 1 << 20;

/// Marks a response that must not be sent: the connection closes instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vanish;

/// What a request tells about who sent it.
#[derive(Debug, Default)]
struct Signs {
    bearer: Option<String>,
    /// The refresh token or code of a token request, or the token to revoke.
    secret: Option<String>,
    client_id: Option<String>,
    grant_type: Option<String>,
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Name and password of HTTP Basic, form-decoded as RFC 6749 (2.3.1) has them encoded.
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, pair) = value.split_once(' ')?;
    let pair = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(pair.trim()).ok()).flatten()?;
    let pair = String::from_utf8(pair).ok()?;
    let (name, password) = pair.split_once(':')?;
    let decode = |text: &str| form_urlencoded::parse(format!("v={text}").as_bytes()).next().map(|(_, value)| value.into_owned());
    Some((decode(name)?, decode(password)?))
}

/// Whether the body is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    })
}

fn signs(provider: Provider, headers: &HeaderMap, body: &[u8]) -> Signs {
    if provider == Provider::Stripe {
        // The name of HTTP Basic is the secret key there, and forms hold nobody's secret.
        let key = bearer(headers).map(str::to_owned).or_else(|| basic(headers).map(|(key, _)| key));
        return Signs { bearer: key, ..Signs::default() };
    }
    let mut signs = Signs { bearer: bearer(headers).map(str::to_owned), ..Signs::default() };
    signs.client_id = basic(headers).map(|(id, _)| id).or_else(|| headers.get("x-cal-client-id")?.to_str().ok().map(str::to_owned));
    if is_form(headers) {
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "refresh_token" | "code" | "token" => signs.secret = Some(value.into_owned()),
                "client_id" => signs.client_id = Some(value.into_owned()),
                "grant_type" => signs.grant_type = Some(value.into_owned()),
                _ => {}
            }
        }
    } else if let Ok(Value::Object(object)) = serde_json::from_slice(body) {
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        signs.secret = text("refreshToken").or_else(|| text("refresh_token")).or_else(|| text("code"));
        signs.client_id = text("client_id").or(signs.client_id);
        signs.grant_type = text("grant_type");
    }
    signs
}

/// Writes the request down and lets a fault strike.
pub(crate) async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(provider) = Provider::of_path(request.uri().path()) else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let path = parts.uri.path().to_owned();
    let (seq, fault) = enter(&app, provider, parts.method.as_str(), &path, parts.uri.query(), signs(provider, &parts.headers, &body));
    let request = Request::from_parts(parts, Body::from(body));
    let response = match fault {
        None => next.run(request).await,
        Some(fault) => suffer(fault, provider, request, next).await,
    };
    if response.extensions().get::<Vanish>().is_none() {
        let mut world = app.world();
        if let Some(entry) = world.log.iter_mut().rev().find(|entry| entry.seq == seq) {
            entry.status = Some(response.status().as_u16());
        }
    }
    response
}

fn enter(app: &App, provider: Provider, method: &str, path: &str, query: Option<&str>, signs: Signs) -> (u64, Option<Fault>) {
    let at = app.clock.now();
    let mut world = app.world();
    let world = &mut *world;
    let secret = signs.bearer.as_deref().or(signs.secret.as_deref());
    let account = secret.and_then(|secret| world.owner_of(secret)).map(str::to_owned);
    let client_id = signs.client_id.or_else(|| world.oauth.grant_of(secret?).map(|grant| grant.client_id.clone()));
    let inner = path.strip_prefix('/').and_then(|path| path.strip_prefix(provider.slug())).unwrap_or(path);
    let subject = Subject { provider, method, path: inner, account: account.as_deref() };
    let fault = strike(&mut world.faults, subject);
    world.seq += 1;
    world.log.push(Recorded {
        seq: world.seq,
        at,
        provider,
        method: method.to_owned(),
        path: path.to_owned(),
        query: signs.bearer.as_ref().and(query).map(str::to_owned),
        account,
        token: signs.bearer.as_deref().map(fingerprint),
        client_id,
        grant_type: signs.grant_type,
        status: None,
        fault: fault.as_ref().map(Fault::name),
    });
    (world.seq, fault)
}

fn vanish() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(Vanish);
    response
}

async fn suffer(fault: Fault, provider: Provider, request: Request, next: Next) -> Response {
    match fault {
        Fault::Status { status, retry_after, body } => refusal(provider, status, retry_after, body),
        Fault::Hang { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            vanish()
        }
        Fault::Close => vanish(),
        Fault::Latency { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            next.run(request).await
        }
        Fault::AfterEffect => {
            next.run(request).await;
            vanish()
        }
        Fault::CutBody => mangle(next.run(request).await, cut).await,
        Fault::MalformedJson => mangle(next.run(request).await, |_| Body::from("{\"unfinished\": [1, 2")).await,
        Fault::SlowDrip { ms } => mangle(next.run(request).await, move |bytes| drip(bytes, ms)).await,
    }
}

async fn mangle(response: Response, into: impl FnOnce(Bytes) -> Body) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = body.collect().await.map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::TRANSFER_ENCODING);
    Response::from_parts(parts, into(bytes))
}

/// Half of `bytes`, then an error, which closes the connection in the middle.
fn cut(bytes: Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    Body::from_stream(stream::unfold(Some(half), |half| async move {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        // The pause lets the half leave before the connection closes.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Err(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "cut by a fault")), None))
    }))
}

fn drip(bytes: Bytes, ms: u64) -> Body {
    Body::from_stream(stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(ms)).await;
        let first = rest.split_to(1);
        Some((Ok::<_, std::io::Error>(first), rest))
    }))
}

fn refusal(provider: Provider, status: u16, retry_after: Option<u32>, body: Option<Value>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Some(Value::String(text)) => (status, text).into_response(),
        Some(body) => (status, axum::Json(body)).into_response(),
        None => (status, axum::Json(usual(provider, status.as_u16()))).into_response(),
    };
    if provider == Provider::Stripe
        && let Ok(id) = HeaderValue::from_str(&format!("req_{}", &tokens::id()[..14]))
    {
        response.headers_mut().insert("request-id", id);
    }
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The body with which `provider` usually answers `status`.
fn usual(provider: Provider, status: u16) -> Value {
    let (google, graph, cal) = match status {
        401 => ("authError", "InvalidAuthenticationToken", "UnauthorizedException"),
        403 => ("forbidden", "ErrorAccessDenied", "ForbiddenException"),
        404 => ("notFound", "ErrorItemNotFound", "NotFoundException"),
        429 => ("rateLimitExceeded", "TooManyRequests", "ThrottlerException"),
        498 => ("authError", "InvalidAuthenticationToken", "TokenExpiredException"),
        503 => ("backendError", "ServiceUnavailable", "ServiceUnavailableException"),
        _ => ("backendError", "InternalServerError", "InternalServerErrorException"),
    };
    let message = "A fault of the sandbox.";
    match provider {
        Provider::Google => {
            json!({ "error": { "code": status, "message": message, "errors": [{ "domain": "global", "reason": google, "message": message }] } })
        }
        Provider::Microsoft => json!({ "error": { "code": graph, "message": message } }),
        Provider::Cal => json!({ "status": "error", "error": { "code": cal, "message": message } }),
        Provider::Stripe => {
            let kind = if status >= 500 { "api_error" } else { "invalid_request_error" };
            let code = if status == 429 { json!("rate_limit") } else { Value::Null };
            json!({ "error": { "type": kind, "code": code, "message": message } })
        }
    }
}
