use serde::Deserialize;

use super::CallError;
use crate::integrations::http::Reply;

#[derive(Deserialize)]
struct Body {
    error: Problem,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    errors: Vec<Detail>,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
pub(super) struct Detail {
    pub(super) reason: Option<String>,
}

/// What an answer that is no success means (guide "Handle API errors").
pub(super) fn meaning(reply: &Reply) -> CallError {
    if let Some(error) = reply.common_failure() {
        return error;
    }
    match reply.status.as_u16() {
        401 => CallError::TokenRejected,
        403 => forbidden(reply),
        404 | 410 => CallError::Gone,
        status => CallError::Refused(status),
    }
}

/// 403 is a quota, a missing permission, or a no.
fn forbidden(reply: &Reply) -> CallError {
    let problem = reply.json::<Body>().map(|body| body.error);
    let details = problem.map_or_else(|_| Vec::new(), |problem| problem.errors.into_iter().chain(problem.details).collect());
    let says = |words: &[&str]| details.iter().filter_map(|detail| detail.reason.as_deref()).any(|reason| words.contains(&reason));
    if says(&["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"]) {
        CallError::RateLimited(reply.retry_after())
    } else if says(&["insufficientPermissions", "insufficientScopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]) {
        CallError::MissingScope
    } else {
        CallError::Refused(403)
    }
}

/// What an error of one calendar inside an answer means.
pub(super) fn of_calendar(details: &[Detail]) -> CallError {
    match details.first().and_then(|detail| detail.reason.as_deref()) {
        Some("notFound") => CallError::Gone,
        Some("internalError" | "backendError") => CallError::ProviderDown(500),
        Some("rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded") => CallError::RateLimited(None),
        Some("forbidden") => CallError::NotOurs,
        _ => CallError::Refused(200),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, header::HeaderMap};

    use super::*;

    fn of(status: u16, reason: &str) -> CallError {
        let body = format!(r#"{{"error":{{"code":{status},"message":"m","errors":[{{"domain":"d","reason":"{reason}"}}]}}}}"#);
        meaning(&Reply { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.into() })
    }

    #[test]
    fn a_403_is_read_by_its_reason() {
        assert_eq!(of(403, "rateLimitExceeded"), CallError::RateLimited(None));
        assert_eq!(of(403, "insufficientPermissions"), CallError::MissingScope);
        assert_eq!(of(403, "forbiddenForNonOrganizer"), CallError::Refused(403));
        assert_eq!(of(401, "authError"), CallError::TokenRejected);
        assert_eq!(of(429, "rateLimitExceeded"), CallError::RateLimited(None));
        assert_eq!(of(503, "backendError"), CallError::ProviderDown(503));
    }

    #[test]
    fn a_403_without_a_readable_body_blames_nobody() {
        let reply = Reply { status: StatusCode::FORBIDDEN, headers: HeaderMap::new(), body: b"<html>".to_vec() };
        assert_eq!(meaning(&reply), CallError::Refused(403));
    }
}
