//! Envelopes: `{"status": "success", "data": ...}` and what an error looks like.

use axum::Json;
use axum::extract::OriginalUri;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::core::tokens;

/// What a handler answers with.
pub(crate) type Answer = Result<Response, Failure>;

/// An error, on its way to its envelope.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: u16,
    code: &'static str,
    message: String,
    details: Option<Value>,
}

impl Failure {
    fn exception(status: u16, code: &'static str, name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let details = json!({ "message": message, "error": name, "statusCode": status });
        Self { status, code, message, details: Some(details) }
    }

    /// 400.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::exception(400, "BadRequestException", "Bad Request", message)
    }

    /// 401.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::exception(401, "UnauthorizedException", "Unauthorized", message)
    }

    /// 403.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::exception(403, "ForbiddenException", "Forbidden", message)
    }

    /// 404.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::exception(404, "NotFoundException", "Not Found", message)
    }

    /// 409.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::exception(409, "ConflictException", "Conflict", message)
    }

    /// 429.
    pub(crate) fn too_many() -> Self {
        let message = "CustomThrottlerGuard - Too many requests. Please try again later.".to_owned();
        Self { status: 429, code: "ThrottlerException", details: Some(json!(message)), message }
    }

    /// 498: the row of a managed user's token is there and its time is over.
    pub(crate) fn token_expired() -> Self {
        let message = "ACCESS_TOKEN_IS_EXPIRED".to_owned();
        Self { status: 498, code: "TokenExpiredException", details: Some(json!(message)), message }
    }

    /// 500 within the envelope.
    pub(crate) fn internal(message: &str) -> Self {
        Self::exception(500, "InternalServerErrorException", "Internal Server Error", message)
    }

    /// 400 of the validation, which echoes what was sent.
    pub(crate) fn invalid(property: &str, constraint: &str, words: &str, target: &Value) -> Self {
        let value = target.get(property).cloned().unwrap_or(Value::Null);
        let error =
            json!({ "property": property, "constraints": { constraint: format!("{property} {words}") }, "target": target, "value": value });
        Self {
            status: 400,
            code: "BadRequestException",
            message: "Bad Request Exception".to_owned(),
            details: Some(json!({ "errors": [error] })),
        }
    }

    /// The whole answer to a request for `path`, at `now`.
    pub(crate) fn envelope(&self, path: &str, now: Timestamp) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let (Some(details), Some(error)) = (&self.details, error.as_object_mut()) {
            error.insert("details".to_owned(), details.clone());
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({ "status": "error", "timestamp": iso(now), "path": path, "error": error });
        let mut response = (status, Json(body)).into_response();
        if let Ok(id) = HeaderValue::from_str(&tokens::uuid()) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
}

/// The envelope needs to know the path: [`super::limiter::limit`] writes it.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// 200 with `data`.
pub(crate) fn success(data: Value) -> Response {
    with_status(StatusCode::OK, data)
}

/// 201 with `data`.
pub(crate) fn created(data: Value) -> Response {
    with_status(StatusCode::CREATED, data)
}

fn with_status(status: StatusCode, data: Value) -> Response {
    let body = if data.is_null() { json!({ "status": "success" }) } else { json!({ "status": "success", "data": data }) };
    (status, Json(body)).into_response()
}

/// An instant with milliseconds, as the API words it.
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// What is not served.
pub(crate) async fn no_such_route(method: axum::http::Method, OriginalUri(uri): OriginalUri) -> Failure {
    Failure::missing(format!("Cannot {method} {}", uri.path().strip_prefix("/cal").unwrap_or(uri.path())))
}
