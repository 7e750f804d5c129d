//! Stripe's errors, and whether one ends a request before its endpoint began.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// An error, with what is told of it.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    /// The answer's status.
    pub(crate) status: StatusCode,
    /// Whether the endpoint had begun: only then is the answer kept under the idempotency key.
    pub(crate) began: bool,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<String>,
    message: String,
    /// Further members: `payment_intent`, `charge`, `decline_code`.
    more: Map<String, Value>,
}

/// What an endpoint answers with.
pub(crate) type Answer = Result<Value, Error>;

impl Error {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, began: false, kind: "invalid_request_error", code: None, param: None, message, more: Map::new() }
    }

    /// 400 for a parameter that cannot be right, whatever the account holds.
    pub(crate) fn parameter(param: &str, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_owned()), ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// 400 for a request that is wrong as a whole.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400 from an endpoint that looked at what the account holds and would not.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { began: true, ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// 404: no such object.
    pub(crate) fn missing(object: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {object}: '{id}'");
        Self { began: true, param: Some(param.to_owned()), ..Self::new(StatusCode::NOT_FOUND, message) }.code("resource_missing")
    }

    /// 401, and 403 for a key that may not.
    pub(crate) fn key(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, message)
    }

    /// 404: no such path, or not with this method.
    pub(crate) fn unrecognized(method: &str, path: &str) -> Self {
        let help = "Please see https://stripe.com/docs or we can help at https://support.stripe.com/.";
        Self::new(StatusCode::NOT_FOUND, format!("Unrecognized request URL ({method}: {path}). {help}"))
    }

    /// 402: the card's bank would not.
    pub(crate) fn card(code: &'static str, message: impl Into<String>) -> Self {
        Self { began: true, kind: "card_error", ..Self::new(StatusCode::PAYMENT_REQUIRED, message) }.code(code)
    }

    /// 500, from an endpoint that had begun.
    pub(crate) fn internal() -> Self {
        let message = "An unknown error occurred: a fault of the sandbox.";
        Self { began: true, kind: "api_error", ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, message) }
    }

    /// 400: the idempotency key belongs to another request.
    pub(crate) fn idempotency(message: impl Into<String>) -> Self {
        Self { kind: "idempotency_error", ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// 409: the idempotency key's first request is still at work.
    pub(crate) fn in_use(key: &str) -> Self {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the \
             other request is still going through): {key}. Please try again later."
        );
        Self::new(StatusCode::CONFLICT, message).code("idempotency_key_in_use")
    }

    /// With `code`, and the address of the page about it.
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// With `param`.
    pub(crate) fn about(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    /// With a further member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The body of the answer to the request `id`.
    pub(crate) fn body(&self, id: &str) -> Value {
        let mut error = self.more.clone();
        if let Some(code) = self.code {
            error.insert("code".into(), code.into());
            error.insert("doc_url".into(), format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into());
        }
        error.insert("message".into(), self.message.clone().into());
        if let Some(param) = &self.param {
            error.insert("param".into(), param.clone().into());
        }
        error.insert("request_log_url".into(), format!("https://dashboard.stripe.com/test/logs/{id}").into());
        error.insert("type".into(), self.kind.into());
        json!({ "error": error })
    }
}
