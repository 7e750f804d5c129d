use serde::Deserialize;

use super::CallError;
use crate::integrations::http::Reply;

#[derive(Deserialize)]
struct Body {
    error: Problem,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
}

/// What an answer about the whole account means that is no success.
pub(super) fn of_account(reply: &Reply) -> CallError {
    if let Some(error) = reply.common_failure() {
        return error;
    }
    let code = reply.json::<Body>().map(|body| body.error.code);
    match (reply.status.as_u16(), code.as_deref()) {
        (401, _) => CallError::TokenRejected,
        (403, Ok("ErrorAccessDenied" | "Authorization_RequestDenied" | "AccessDenied")) => CallError::MissingScope,
        (404 | 410, _) => CallError::Gone,
        (status, _) => CallError::Refused(status),
    }
}

/// What an answer about one calendar means: the account's own errors, or that the calendar is gone or not shared any more.
pub(super) fn of_calendar(reply: &Reply) -> CallError {
    match of_account(reply) {
        CallError::MissingScope => CallError::NotOurs,
        error => error,
    }
}
