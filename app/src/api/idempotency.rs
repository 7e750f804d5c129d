//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) for every POST outside `/auth` and `/cal`: around all endpoints, so that a new one
//! has it by default. Below `/auth` an answer is a token, which must not outlive its end, and to compare a request with an earlier one would tell
//! a right password from a wrong one, uncounted.
//!
//! A key belongs to the token's owner and to one request: address and body. Whoever has no token that may write gets no further than the
//! refusal: nothing is written for them, and nothing kept is told. What is kept for a day is what an
//! endpoint answered once it had begun: success, and 404 and 409, which say something about the thing itself. What was refused before anything was
//! begun (400, 401, 403, 413, 415, 422), 429 and our own failures are not kept: the same key may come again.
//!
//! The work goes on when whoever asked goes away: they will come again for the answer.

use std::{collections::btree_map::Entry, future::Future, panic::AssertUnwindSafe, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use utoipa::openapi::{
    self, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder,
    content::ContentBuilder,
    path::{Operation, ParameterBuilder, ParameterIn},
    schema::Type,
};
use wellmet::{
    error::Internal,
    idempotency::{Answer, Begun, Held, MOST_KEPT, Slot},
    model::{Id, Instant},
    time::Secret,
};

use super::{caller::MaybeCaller, codes::Code, problem::Problem, sent};
use crate::server::{AppState, PageError, observe};

/// The header.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was kept.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest key, in characters.
const LONGEST: usize = 255;
/// How long the second request waits for the first, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The work is given up before the lease on the key ends, so that nobody does it beside us.
const WORK_WITHIN: Duration = Duration::from_secs(45);
/// The headers that belong to an answer.
const KEPT: [HeaderName; 5] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::RETRY_AFTER, header::CACHE_CONTROL];

/// Where keys say nothing.
const WITHOUT: [&str; 2] = ["/auth/", "/cal/"];

/// What this request does, as opposed to any other: what must not be done twice is made with it.
#[derive(Debug, Clone)]
pub struct Once {
    /// Follows from the `Idempotency-Key`; without one it is new.
    pub secret: Secret,
    /// Whether a key came, so that a server may have done it before.
    pub keyed: bool,
    /// When it was tried first.
    since: Instant,
}

impl Once {
    /// The id of what is made: the same in every try.
    pub fn id<T>(&self) -> Id<T> {
        self.secret.id(self.since)
    }
}

impl FromRequestParts<AppState> for Once {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Self::Rejection> {
        let new = || Self { secret: app.deps.ids.secret(), keyed: false, since: app.deps.clock.now() };
        Ok(parts.extensions.get().cloned().unwrap_or_else(new))
    }
}

/// Has a POST with a key done once.
pub async fn once(State(app): State<AppState>, request: Request, next: Next) -> Response {
    // Below `/cal` answers have another shape, and doing things again changes nothing.
    if request.method() != Method::POST || !takes_keys(request.uri().path()) {
        return next.run(request).await;
    }
    match key_of(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => keyed(app, &key, request, next).await.unwrap_or_else(IntoResponse::into_response),
        Err(problem) => problem.into_response(),
    }
}

fn takes_keys(path: &str) -> bool {
    !WITHOUT.iter().any(|above| path.starts_with(above))
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all(KEY).iter();
    let Some(key) = all.next() else { return Ok(None) };
    let bytes = key.as_bytes();
    let fits = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic) && all.next().is_none();
    match key.to_str() {
        Ok(key) if fits => Ok(Some(key.to_owned())),
        _ => Err(Problem::field("Idempotency-Key", "One key of 1 to 255 visible ASCII characters, without spaces, is wanted.")),
    }
}

/// Does the work if this request is the first with its key, or gives what the first was answered.
async fn keyed(app: AppState, key: &str, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // A token that is no good, or for reading only, is refused here: before anything is looked up or written.
    let MaybeCaller(caller) = MaybeCaller::from_request_parts(&mut parts, &app).await?;
    let Some(caller) = caller else {
        // Every endpoint here wants a token, and says so.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let slot = Slot::new(format!("user:{}", caller.identity.id()), key);
    let body = sent::body(Request::from_parts(parts.clone(), body), &app).await?;
    // Taking the key and doing the work are one task: whoever goes away between the two would leave a key that is held by nobody.
    let done = tokio::spawn(taken_up(app, slot, parts, body, next)).await;
    done.unwrap_or_else(|error| Err(PageError::internal(error).into()))
}

async fn taken_up(app: AppState, slot: Slot, mut parts: Parts, body: Bytes, next: Next) -> Result<Response, Problem> {
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str()).to_owned();
    match begin(&app, &slot, &[parts.method.as_str().as_bytes(), address.as_bytes(), &body]).await? {
        Begun::First(held) => {
            parts.extensions.insert(Once { secret: held.once.clone(), keyed: true, since: held.since });
            let request = Request::from_parts(parts, Body::from(body));
            Ok(work(app, held, async move { next.run(request).await }).await)
        }
        Begun::Answered(answer) => Ok(replay(answer)),
        Begun::OtherRequest => Err(Problem::new(Code::IdempotencyKeyReused, "This Idempotency-Key came before with another request.")),
        Begun::Full { retry_after } => Ok(full(retry_after)),
        Begun::UnderWay => Ok(wait("The first request with this Idempotency-Key is still running.")),
        Begun::Unreadable => {
            Err(Problem::new(Code::Conflict, "What this Idempotency-Key was answered cannot be read any more. Look before using another."))
        }
    }
}

/// How it stands, after waiting a while for a first request that is still running.
async fn begin(app: &AppState, slot: &Slot, parts: &[&[u8]]) -> Result<Begun, Internal> {
    let mut waited = Duration::ZERO;
    loop {
        let begun = app.idempotency.begin(slot, parts).await?;
        if !matches!(begun, Begun::UnderWay) || waited >= PATIENCE {
            return Ok(begun);
        }
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
    }
}

/// Answers, and keeps the answer if it is one to keep.
async fn work(app: AppState, held: Held, answering: impl Future<Output = Response> + Send) -> Response {
    let answered = tokio::time::timeout(WORK_WITHIN, AssertUnwindSafe(answering).catch_unwind()).await;
    let response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => observe::panicked(panic),
        Err(_late) => PageError::Unavailable.into_response(),
    };
    let (response, answer) = if is_kept(&response) { read(response).await } else { (response, None) };
    let done = match answer {
        Some(answer) => app.idempotency.keep(&held, &answer).await,
        None => app.idempotency.let_go(&held).await,
    };
    if let Err(error) = done {
        // The lease ends, and whoever comes again has it done again: with the same secret.
        tracing::warn!(target: "http", cause = %error.cause(), "an answer was not kept for its Idempotency-Key");
    }
    response
}

fn is_kept(response: &Response) -> bool {
    let status = response.status();
    let about_the_thing = status.is_success() || matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT);
    about_the_thing && response.extensions().get::<PageError>().is_none()
}

/// The same response, and what is kept of it; `None` for what is no text.
async fn read(response: Response) -> (Response, Option<Answer>) {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return (PageError::internal("an answer broke off").into_response(), None);
    };
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = KEPT.iter().filter_map(|name| Some((name.as_str().to_owned(), text(parts.headers.get(name)?)?))).collect();
    let answer = String::from_utf8(bytes.to_vec()).ok().map(|body| Answer { status: parts.status.as_u16(), headers, body });
    (Response::from_parts(parts, Body::from(bytes)), answer)
}

fn replay(answer: Answer) -> Response {
    let mut response = answer.body.into_response();
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn wait(words: &str) -> Response {
    later(Problem::new(Code::Conflict, words), 2)
}

fn full(rest: Duration) -> Response {
    let words = format!("{MOST_KEPT} keys of yours are known, which is all that fit. One is forgotten a day after it came first.");
    later(Problem::new(Code::TooManyRequests, words), rest.as_secs() + 1)
}

/// `problem`, and that it may be otherwise in so many `seconds`.
fn later(problem: Problem, seconds: u64) -> Response {
    let mut response = problem.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Says in the document of every POST what the key does.
pub(super) fn describe(document: &mut openapi::OpenApi) {
    let posts = document.paths.paths.iter_mut().filter(|(path, _)| takes_keys(path));
    for operation in posts.filter_map(|(_, item)| item.post.as_mut()) {
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter()));
        refusals(operation);
    }
}

fn parameter() -> openapi::path::Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST)).pattern(Some("^[!-~]+$"));
    let words = "Has this request done once: for 24 hours the same key with the same body gets the same answer, with `Idempotent-Replayed: true`. With another \
                 request the key is refused (422 `idempotency_key_reused`); while the first is still running the second waits, for ten seconds at most (409 \
                 `conflict` with `Retry-After`). Kept are success, 404 and 409. What was refused before anything was begun (400, 401, 403, 413, 415, 422), 429 and \
                 5xx are not kept: the key may come again. 10,000 keys of one person are known at once; beyond them a new one is 429 with \
                 `Retry-After`. Taken as it is, quotation marks included.";
    let builder = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header).required(Required::False);
    builder.description(Some(words)).schema(Some(text)).example(Some("6f1c1f0a-8f0b-4c39-9c39-1d1f6a3f9c11".into())).build()
}

/// The refusals that have to do with keys, beside those that the endpoint has of its own.
fn refusals(operation: &mut Operation) {
    let running = "`conflict`: the first request with this `Idempotency-Key` is still running; `Retry-After` says when to come again.";
    let reused = "`idempotency_key_reused`: this `Idempotency-Key` came before with another request.";
    for (status, words) in [("409", running), ("422", reused)] {
        match operation.responses.responses.entry(status.to_owned()) {
            Entry::Occupied(mut own) => {
                if let RefOr::T(response) = own.get_mut() {
                    response.description = format!("{} {words}", response.description);
                }
            }
            Entry::Vacant(none) => {
                let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
                let response = ResponseBuilder::new().description(words).content("application/problem+json", body).build();
                none.insert(RefOr::T(response));
            }
        }
    }
}
