//! The envelope, and what each failure is answered with.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use utoipa::{IntoResponses, ToSchema};
use wellmet::{
    error::Internal,
    integrations::{
        CalConnectError,
        outcome::{CallError, TokenError},
    },
};

use crate::{
    api::problem::{Problem, ProblemBody},
    server::PageError,
};

/// `{"success": true, "data": ...}`.
#[derive(Debug, Clone)]
pub(super) struct Success<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        Json(json!({ "success": true, "data": self.0 })).into_response()
    }
}

/// For the document: what is asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct Enveloped<T> {
    /// True.
    #[schema(example = true)]
    success: bool,
    /// What was asked for.
    data: T,
}

/// For the document: why there is none.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Failed {
    /// False.
    #[schema(example = false)]
    success: bool,
    /// Why, as a sentence.
    #[schema(example = "No calendar is connected through Cal.com.")]
    error: String,
}

/// What any endpoint here may answer instead. The layers around all endpoints answer with problems, as everywhere.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "for the document, never a value")]
pub(super) enum Failures {
    /// A field is missing, unknown, or not as it should be.
    #[response(status = 400)]
    Field(Failed),
    /// No token came, or it is unknown, expired or revoked.
    #[response(status = 401)]
    Unauthorized(Failed),
    /// Whoever asks may not do this, or not with this token.
    #[response(status = 403)]
    Forbidden(Failed),
    /// There is no such coach, or Cal.com is not set up on this site.
    #[response(status = 404)]
    NotFound(Failed),
    /// `Accept` asks for something else than JSON.
    #[response(status = 406, content_type = "application/problem+json")]
    NotAcceptable(ProblemBody),
    /// The calendar is not as it has to be for this: not connected, to be connected again, refused, not new.
    #[response(status = 409)]
    Conflict(Failed),
    /// The body is too large.
    #[response(status = 413)]
    TooLarge(Failed),
    /// The `Idempotency-Key` cannot be one, or came before with another request.
    #[response(status = 422, content_type = "application/problem+json")]
    Key(ProblemBody),
    /// Too many requests; `Retry-After` says when to go on.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemBody),
    /// Our fault; the sentence names the request in the log.
    #[response(status = 500)]
    Internal(Failed),
    /// Cal.com cannot be asked at the moment, or does not take this site's credentials.
    #[response(status = 502)]
    BadGateway(Failed),
    /// Worth trying again soon; `Retry-After` says when.
    #[response(status = 503)]
    Unavailable(Failed),
    /// Cal.com takes too long to answer.
    #[response(status = 504)]
    TimedOut(Failed),
}

/// Why there is no data.
#[derive(Debug)]
pub(super) enum Failure {
    /// Who asks is not known, or may not. 401 or 403.
    Problem(Problem),
    /// Not for this role; who it is for. 403.
    NotFor(&'static str),
    /// A field is missing or cannot be read; a sentence that names it. 400.
    Field(String),
    /// There is no such coach. 404.
    NoSuchCoach,
    /// This site has no calendars, or none by Cal.com. 404.
    NotSetUp,
    /// Cal.com or the connection.
    Cal(CalConnectError),
    /// See [`PageError`].
    Page(PageError),
}

impl From<CalConnectError> for Failure {
    fn from(error: CalConnectError) -> Self {
        match error {
            CalConnectError::Internal(error) => Self::Page(error.into()),
            error => Self::Cal(error),
        }
    }
}

impl From<Internal> for Failure {
    fn from(error: Internal) -> Self {
        Self::Page(error.into())
    }
}

impl From<PageError> for Failure {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => in_envelope(problem),
            Self::NotFor(whom) => no(StatusCode::FORBIDDEN, &format!("This is for {whom} only."), None),
            Self::Field(words) => no(StatusCode::BAD_REQUEST, &words, None),
            Self::NoSuchCoach => no(StatusCode::NOT_FOUND, "There is no such coach.", None),
            Self::NotSetUp => no(StatusCode::NOT_FOUND, "Cal.com is not set up on this site.", None),
            Self::Cal(error) => cal(&error),
            // The layer around all routes knows the request's id, and asks [`failed`] for the words.
            Self::Page(error) => error.into_response(),
        }
    }
}

/// The same in the envelope, its headers kept.
fn in_envelope(problem: Problem) -> Response {
    let words = match &problem {
        Problem::Told(body) => body.detail.clone(),
        // The layer around all routes finds the words.
        Problem::Page(_) => return problem.into_response(),
    };
    let told = problem.into_response();
    let mut response = no(told.status(), &words, None);
    if let Some(challenge) = told.headers().get(header::WWW_AUTHENTICATE) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge.clone());
    }
    response
}

fn no(status: StatusCode, words: &str, retry_after: Option<Duration>) -> Response {
    let mut response = (status, Json(json!({ "success": false, "error": words }))).into_response();
    if let Some(wait) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    response
}

/// What a failure of the connection is answered with; nothing of Cal.com's own words.
fn cal(error: &CalConnectError) -> Response {
    match error {
        CalConnectError::NotOffered => Failure::NotSetUp.into_response(),
        CalConnectError::NotConnected => no(StatusCode::CONFLICT, "No calendar is connected through Cal.com.", None),
        CalConnectError::StateUnknown => no(StatusCode::BAD_REQUEST, "state: this way back is not known.", None),
        CalConnectError::Refused => no(StatusCode::CONFLICT, "No calendar was connected.", None),
        CalConnectError::NothingNew => no(StatusCode::CONFLICT, "No calendar was added.", None),
        CalConnectError::AddressTaken => no(StatusCode::CONFLICT, "Cal.com has your e-mail address for someone else.", None),
        CalConnectError::Token(error) => token(error),
        CalConnectError::Internal(_) => no(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here.", None),
    }
}

fn token(error: &TokenError) -> Response {
    match error {
        TokenError::NeedsReconnect | TokenError::Disconnected => no(StatusCode::CONFLICT, "The calendar has to be connected again.", None),
        TokenError::ClientRejected | TokenError::Sealed => {
            no(StatusCode::BAD_GATEWAY, "Cal.com does not accept this site's own credentials. The site's operator has to look at it.", None)
        }
        TokenError::Call(CallError::RateLimited(wait)) => {
            let wait = wait.unwrap_or(Duration::from_mins(1));
            no(StatusCode::SERVICE_UNAVAILABLE, "Cal.com asks us to slow down.", Some(wait))
        }
        TokenError::Call(CallError::TimedOut) => no(StatusCode::GATEWAY_TIMEOUT, "Cal.com takes too long to answer.", None),
        TokenError::Call(CallError::CalendarNotConnected) => no(StatusCode::CONFLICT, "The calendar is not connected at Cal.com.", None),
        TokenError::Call(_) => no(StatusCode::BAD_GATEWAY, "Cal.com cannot be asked at the moment.", None),
        TokenError::Internal(_) => no(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here.", None),
    }
}

/// What `error`, from anywhere around the routes, is answered with. `id` names the request in the log.
pub fn failed(error: &PageError, id: &str) -> Response {
    let words = match error {
        PageError::SignInFirst { .. } => "Sign in first.",
        PageError::NotFound => "There is nothing at this address.",
        PageError::Forbidden => "This is not for you.",
        PageError::CrossSite => "This request came from another site.",
        PageError::WrongMethod => "This address does not take this method.",
        PageError::Malformed(words) | PageError::Unprocessable(words) => words,
        PageError::TooLarge { .. } => "The body is too large.",
        PageError::TooMany { .. } => "Too many attempts. Try again later.",
        PageError::Unavailable => "Temporarily unavailable. Try again soon.",
        PageError::Internal(_) => return no(error.status(), &format!("Something went wrong here. It is in the log as {id}."), None),
    };
    let status = if matches!(error, PageError::SignInFirst { .. }) { StatusCode::UNAUTHORIZED } else { error.status() };
    no(status, words, None)
}
