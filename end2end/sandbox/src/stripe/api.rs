//! The door of the API: the key, the version, the parameters, the idempotency key; then the endpoint.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::Uri};

use super::VERSION;
use super::call::Call;
use super::error::{Answer, Error};
use super::idempotency::Outcome;
use super::params::Params;
use super::state::{Cause, When};
use super::till::Till;
use crate::core::config::STRIPE_SECRET_KEY;
use crate::core::gate::{basic, bearer, is_form};
use crate::core::state::App;
use crate::core::tokens;

/// Where to send the key, in Stripe's words.
const KEY_HELP: &str = "You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
     YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.";

/// A request that may enter.
#[derive(Debug)]
struct Entry {
    method: &'static str,
    path: String,
    params: Params,
    key: Option<String>,
    /// The id under which it is logged.
    id: String,
}

/// Answers a call of the API.
pub(super) async fn api(
    State(app): State<App>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let id = format!("req_{}", &tokens::id()[..14]);
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let entry = match enter(method, &uri, &headers, &body, id.clone()) {
        Ok(entry) => entry,
        Err(error) => return finish(outcome(&id, Err(error)).1, &id, key.as_deref(), false),
    };
    // A task of its own: the work is finished even when the client hangs up.
    let done = tokio::spawn(work(app, entry)).await;
    match done {
        Ok((outcome, replayed)) => finish(outcome, &id, key.as_deref(), replayed),
        Err(_) => finish(outcome(&id, Err(Error::internal())).1, &id, key.as_deref(), false),
    }
}

fn enter(method: Method, uri: &Uri, headers: &HeaderMap, body: &Bytes, id: String) -> Result<Entry, Error> {
    authenticate(headers)?;
    let path = uri.path().strip_prefix("/stripe").unwrap_or(uri.path()).to_owned();
    let method = if method == Method::POST {
        "POST"
    } else if method == Method::GET {
        "GET"
    } else {
        "DELETE"
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("stripe-version") {
        Some(VERSION) => {}
        Some(other) => return Err(Error::request(format!("Invalid Stripe API version: {other}. The sandbox speaks {VERSION}."))),
        // Stripe takes the account's own version, which is whatever it was when the account was made.
        None => return Err(Error::request("The account's own API version is one that the sandbox does not speak: send Stripe-Version.")),
    }
    if method == "GET" && !body.is_empty() {
        return Err(Error::request("The sandbox takes no body with GET."));
    }
    if !body.is_empty() && !is_form(headers) {
        return Err(Error::request("Invalid request (check that your POST content type is application/x-www-form-urlencoded)."));
    }
    let params = Params::parse(&[uri.query().unwrap_or_default().as_bytes(), body])?;
    let key = (method == "POST").then(|| text("idempotency-key").map(str::to_owned)).flatten();
    Ok(Entry { method, path, params, key, id })
}

fn authenticate(headers: &HeaderMap) -> Result<(), Error> {
    let key = bearer(headers).map(str::to_owned).or_else(|| basic(headers).map(|(name, _)| name)).unwrap_or_default();
    if key == STRIPE_SECRET_KEY {
        return Ok(());
    }
    if key.is_empty() {
        return Err(Error::key(StatusCode::UNAUTHORIZED, format!("You did not provide an API key. {KEY_HELP}")));
    }
    if key.starts_with("pk_") {
        let words = "This API call cannot be made with a publishable API key. Please use a secret API key.";
        return Err(Error::key(StatusCode::FORBIDDEN, words).code("secret_key_required"));
    }
    let shown: String = key.chars().take(8).chain("****".chars()).collect();
    Err(Error::key(StatusCode::UNAUTHORIZED, format!("Invalid API Key provided: {shown}")))
}

/// The outcome of a request, and whether its endpoint had begun.
fn outcome(id: &str, answer: Answer) -> (bool, Outcome) {
    let (began, status, body) = match answer {
        Ok(body) => (true, StatusCode::OK, body),
        Err(error) => (error.began, error.status, error.body(id)),
    };
    (began, Outcome { status: status.as_u16(), body, request: id.to_owned() })
}

/// Does the work, or finds that it was done before; says which.
async fn work(app: App, entry: Entry) -> (Outcome, bool) {
    let taken = match &entry.key {
        None => Ok(None),
        Some(key) => app.world().stripe.take_key(key, &entry.path, &entry.params, app.clock.now()),
    };
    match taken {
        Err(error) => return (outcome(&entry.id, Err(error)).1, false),
        Ok(Some(kept)) => return (kept, true),
        Ok(None) => {}
    }
    let pause = if entry.method == "POST" { app.world().stripe.switches.work_ms } else { 0 };
    if pause > 0 {
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    let (began, outcome) = outcome(&entry.id, answer(&app, &entry));
    if let Some(key) = &entry.key {
        app.world().stripe.keep(key, began.then(|| outcome.clone()));
    }
    (outcome, false)
}

fn answer(app: &App, entry: &Entry) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let page_limit = world.switches.page_limit;
    let stripe = &mut world.stripe;
    stripe.tick(&app.base, now);
    let fault = if entry.method == "POST" { stripe.switches.internal_error.take() } else { None };
    if fault == Some(When::BeforeWork) {
        return Err(Error::internal());
    }
    let cause = Cause { id: Some(entry.id.clone()), key: entry.key.clone() };
    let till = Till::new(stripe, &app.base, now, cause);
    let done = Call { till, params: entry.params.clone(), page_limit }.answer(entry.method, &entry.path);
    if fault == Some(When::AfterWork) { Err(Error::internal()) } else { done }
}

fn finish(outcome: Outcome, id: &str, key: Option<&str>, replayed: bool) -> Response {
    let status = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(outcome.body)).into_response();
    let mut say = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    say("request-id", id);
    say("stripe-version", VERSION);
    if let Some(key) = key {
        say("idempotency-key", key);
    }
    if replayed {
        say("idempotent-replayed", "true");
        say("original-request", &outcome.request);
    }
    match status {
        StatusCode::CONFLICT => say("stripe-should-retry", "true"),
        // A repetition would get the same answer again.
        StatusCode::INTERNAL_SERVER_ERROR if key.is_some() => say("stripe-should-retry", "false"),
        _ => {}
    }
    if status == StatusCode::UNAUTHORIZED {
        say("www-authenticate", "Bearer realm=\"Stripe\"");
    }
    response
}
