//! Microsoft's errors: of Graph and of the identity platform.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::core::tokens;

/// An error of Graph.
#[derive(Debug)]
pub(super) struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Error {
    /// An error with Graph's code.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 400 with `ErrorInvalidRequest`.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ErrorInvalidRequest", message)
    }

    /// 401: the token is not accepted.
    pub(super) fn token(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    /// 403: the token's scopes, or the calendar, do not allow it.
    pub(super) fn denied() -> Self {
        Self::new(StatusCode::FORBIDDEN, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    }

    /// 404.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "ErrorItemNotFound", "The specified object was not found in the store.")
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let id = tokens::uuid();
        let body =
            json!({ "error": { "code": self.code, "message": self.message, "innerError": { "request-id": id, "client-request-id": id } } });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"\", error=\"invalid_token\""));
        }
        response
    }
}

/// What calls answer with.
pub(super) type Answer = Result<Json<Value>, Error>;

/// Every path that the sandbox does not have.
pub(super) async fn no_such_path() -> Error {
    Error::new(StatusCode::BAD_REQUEST, "BadRequest", "Resource not found for the segment.")
}

/// An error of the identity platform: its number, error and words.
#[derive(Debug)]
pub(super) struct Aadsts {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) number: u32,
    pub(super) words: String,
}

impl Aadsts {
    /// 400 with `error`.
    pub(super) fn new(error: &'static str, number: u32, words: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, number, words: words.into() }
    }

    /// 401 `invalid_client`.
    pub(super) fn client(number: u32, words: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", number, words) }
    }

    /// A parameter is missing.
    pub(super) fn missing(name: &str) -> Self {
        Self::new("invalid_request", 900_144, format!("The request body must contain the following parameter: '{name}'."))
    }

    /// The words as the platform sends them, beginning with the number.
    pub(super) fn description(&self) -> String {
        format!("AADSTS{}: {}", self.number, self.words)
    }
}

impl IntoResponse for Aadsts {
    fn into_response(self) -> Response {
        let (trace, correlation) = (tokens::uuid(), tokens::uuid());
        let body = json!({
            "error": self.error,
            "error_description": format!("{} Trace ID: {trace} Correlation ID: {correlation}", self.description()),
            "error_codes": [self.number],
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoft.example/error?code={}", self.number),
        });
        (self.status, Json(body)).into_response()
    }
}
