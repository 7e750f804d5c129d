//! Google's errors: of the API and of the OAuth endpoints.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error of the Calendar API.
#[derive(Debug)]
pub(super) struct Error {
    status: StatusCode,
    reason: String,
    message: String,
    /// The kind of place and the place that is wrong.
    location: Option<(&'static str, String)>,
}

impl Error {
    /// An error with Google's reason.
    pub(super) fn new(status: StatusCode, reason: &str, message: impl Into<String>) -> Self {
        Self { status, reason: reason.to_owned(), message: message.into(), location: None }
    }

    /// 400 with `reason`.
    pub(super) fn bad(reason: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason, message)
    }

    /// 400 for a parameter.
    pub(super) fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self { location: Some(("parameter", name.to_owned())), ..Self::bad("invalidParameter", message) }
    }

    /// 401: the token is not accepted, whatever is wrong with it.
    pub(super) fn credentials() -> Self {
        Self {
            location: Some(("header", "Authorization".to_owned())),
            ..Self::new(StatusCode::UNAUTHORIZED, "authError", "Invalid Credentials")
        }
    }

    /// 401: no token at all.
    pub(super) fn login_required() -> Self {
        Self { location: Some(("header", "Authorization".to_owned())), ..Self::new(StatusCode::UNAUTHORIZED, "required", "Login Required") }
    }

    /// 403: the token's scopes do not allow the method.
    pub(super) fn scope() -> Self {
        Self::new(StatusCode::FORBIDDEN, "insufficientPermissions", "Request had insufficient authentication scopes.")
    }

    /// 404.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "notFound", "Not Found")
    }

    /// 410 for a sync token that is too old.
    pub(super) fn full_sync() -> Self {
        Self {
            location: Some(("parameter", "syncToken".to_owned())),
            ..Self::new(StatusCode::GONE, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
        }
    }
}

fn word(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ALREADY_EXISTS",
        412 => "FAILED_PRECONDITION",
        _ => "UNKNOWN",
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut detail = json!({ "domain": "global", "reason": self.reason, "message": self.message });
        if let (Some((kind, place)), Some(detail)) = (self.location, detail.as_object_mut()) {
            detail.insert("locationType".into(), kind.into());
            detail.insert("location".into(), place.into());
        }
        let code = self.status.as_u16();
        let body = json!({ "error": { "code": code, "message": self.message, "errors": [detail], "status": word(self.status) } });
        (self.status, Json(body)).into_response()
    }
}

/// What calls answer with.
pub(super) type Answer = Result<Json<Value>, Error>;

/// An error of the OAuth endpoints (RFC 6749, 5.2).
#[derive(Debug)]
pub(super) struct OAuthError {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) description: String,
}

impl OAuthError {
    /// 400 with `error`.
    pub(super) fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: description.into() }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.error, "error_description": self.description }))).into_response()
    }
}

/// Every path that the sandbox does not have.
pub(super) async fn no_such_path() -> Error {
    Error::not_found()
}
