//! Errors as problem details (RFC 9457): `application/problem+json` with a `code` that stays.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use wellmet::{
    error::Internal,
    model::{FieldError, FieldErrors},
    time::Interval,
};

use super::{codes::Code, shapes::Slot};
use crate::server::PageError;

/// Why a request was not done. `code` is for programs and does not change; `title` and `detail` are for people and may.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` says what kind of problem it is.
    #[schema(example = "about:blank")]
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    #[schema(example = "Conflict")]
    pub title: &'static str,
    /// The status of the answer.
    #[schema(example = 409, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What kind of problem, for programs.
    pub code: Code,
    /// What is wrong and what would be right, as a sentence.
    #[schema(example = "Time slot is not available")]
    pub detail: String,
    /// What is wrong with which field. Only where `code` is `invalid_field`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
    /// The nearest times that can be had, earliest first; may be empty. Only where `code` is `slot_unavailable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub alternatives: Option<Vec<Slot>>,
    /// Names the request in the server's log. Only where `code` is `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub request_id: Option<String>,
}

/// One thing wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field's name as it was to be sent, with dots and numbers for what is inside: `weekly.0.until`.
    #[schema(example = "duration_minutes")]
    pub field: String,
    /// A sentence about it.
    #[schema(example = "A number between 5 and 1440 is wanted.")]
    pub message: String,
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Problem {
    /// Told by whoever answers.
    Told(Box<ProblemBody>),
    /// See [`PageError`]: the layer around all routes knows the request's id, and asks [`failed`] for the words.
    Page(PageError),
}

impl Problem {
    /// A problem of `code`, which says the status, in the words `detail`.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::Told(Box::new(ProblemBody::new(code, detail)))
    }

    /// One field is missing or not as it should be.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        FieldErrors::one(field, message).into()
    }

    /// The time is not to be had; `alternatives` are, for sessions of their length.
    pub fn slot_unavailable(detail: impl Into<String>, alternatives: &[Interval]) -> Self {
        let mut body = ProblemBody::new(Code::SlotUnavailable, detail);
        body.alternatives = Some(alternatives.iter().copied().map(Slot::of).collect());
        Self::Told(Box::new(body))
    }
}

impl ProblemBody {
    fn new(code: Code, detail: impl Into<String>) -> Self {
        let status = code.status();
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            errors: Vec::new(),
            alternatives: None,
            request_id: None,
        }
    }
}

impl From<FieldErrors> for Problem {
    fn from(FieldErrors(errors): FieldErrors) -> Self {
        let detail = match &errors[..] {
            [FieldError { field, message }] if field.is_empty() => message.clone(),
            [FieldError { field, message }] => format!("{field}: {message}"),
            several => format!("{} fields are not as they should be.", several.len()),
        };
        let mut body = ProblemBody::new(Code::InvalidField, detail);
        body.errors = errors.into_iter().map(|FieldError { field, message }| FieldProblem { field, message }).collect();
        Self::Told(Box::new(body))
    }
}

impl From<PageError> for Problem {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl From<Internal> for Problem {
    fn from(error: Internal) -> Self {
        Self::Page(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Told(body) => body.into_response(),
            Self::Page(error) => error.into_response(),
        }
    }
}

impl IntoResponse for ProblemBody {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let mut response = (status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6750, 3: no error code where no token came.
            let challenge = match self.code {
                Code::InvalidToken => r#"Bearer realm="wellmet", error="invalid_token""#,
                _ => r#"Bearer realm="wellmet""#,
            };
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// What `error`, from anywhere around the routes, is answered with. `id` names the request in the log.
pub fn failed(error: &PageError, id: &str) -> Response {
    let (code, words) = match error {
        PageError::SignInFirst { .. } => (Code::Unauthorized, "A bearer token is wanted.".to_owned()),
        PageError::NotFound => (Code::NotFound, "There is nothing at this address.".to_owned()),
        PageError::Forbidden | PageError::CrossSite => (Code::Forbidden, "This is not for you.".to_owned()),
        PageError::WrongMethod => (Code::MethodNotAllowed, "This address does not take this method.".to_owned()),
        PageError::Malformed(words) => (Code::Malformed, words.clone()),
        PageError::Unprocessable(words) => (Code::InvalidField, words.clone()),
        PageError::TooLarge { limit } => (Code::TooLarge, format!("The body is larger than {limit} bytes.")),
        PageError::TooMany { .. } => (Code::TooManyRequests, "Too many requests. Try again later.".to_owned()),
        PageError::Unavailable => (Code::Unavailable, "Temporarily unavailable. Try again soon.".to_owned()),
        PageError::Internal(_) => (Code::Internal, format!("Something went wrong here. It is in the log as {id}.")),
    };
    let mut body = ProblemBody::new(code, words);
    body.request_id = matches!(error, PageError::Internal(_)).then(|| id.to_owned());
    body.into_response()
}
