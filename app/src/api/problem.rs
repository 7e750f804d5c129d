//! Errors as problem details (RFC 9457): `application/problem+json` with a `code` that stays.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;
use wellmet::{accounts::Identity, error::Internal};

use crate::server::{AppState, PageError, Viewer};

/// Whoever is signed in, in any role.
#[derive(Debug, Clone)]
pub struct Caller(pub Identity);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let Viewer(viewer) = Viewer::from_request_parts(parts, app).await?;
        let signed_out = || Problem::Told(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first.".to_owned());
        viewer.map(Self).ok_or_else(signed_out)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Problem {
    /// The status, a code that stays, and a sentence.
    Told(StatusCode, &'static str, String),
    /// See [`PageError`]: the layer around all routes knows the request's id, and asks [`failed`] for the words.
    Page(PageError),
}

impl Problem {
    /// A field is missing or cannot be read: 422 with a sentence that names it.
    pub fn field(words: impl Into<String>) -> Self {
        Self::Told(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", words.into())
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
            Self::Told(status, code, words) => problem(status, code, &words),
            Self::Page(error) => error.into_response(),
        }
    }
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "code": code, "detail": detail });
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// What `error`, from anywhere around the routes, is answered with. `id` names the request in the log.
pub fn failed(error: &PageError, id: &str) -> Response {
    let (code, words) = match error {
        PageError::SignInFirst { .. } => return problem(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first."),
        PageError::NotFound => ("not_found", "There is nothing at this address.".to_owned()),
        PageError::Forbidden => ("forbidden", "This is not for you.".to_owned()),
        PageError::CrossSite => ("cross_site", "This request came from another site.".to_owned()),
        PageError::WrongMethod => ("method_not_allowed", "This address does not take this method.".to_owned()),
        PageError::Malformed(words) => ("malformed", words.clone()),
        PageError::Unprocessable(words) => ("invalid_field", words.clone()),
        PageError::TooLarge { limit } => ("too_large", format!("The body is larger than {limit} bytes.")),
        PageError::TooMany { .. } => ("too_many_requests", "Too many attempts. Try again later.".to_owned()),
        PageError::Unavailable => ("unavailable", "Temporarily unavailable. Try again soon.".to_owned()),
        PageError::Internal(_) => ("internal", format!("Something went wrong here. It is in the log as {id}.")),
    };
    problem(error.status(), code, &words)
}
