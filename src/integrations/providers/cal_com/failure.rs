//! What Cal.com's refusals mean. A 401 has many causes, and only its message tells them apart: refreshing on every one would
//! rotate tokens because of a calendar.

use std::time::Duration;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use crate::integrations::{
    http::Reply,
    outcome::{CallError, RefreshError},
};

/// How long Cal.com blocks whoever asked too often.
const BLOCKED: Duration = Duration::from_mins(1);
/// The longest wait that is believed.
const LONGEST: u64 = 3600;
/// A reset above this is a moment in Unix seconds, below it a number of seconds.
const MOMENT: u64 = 1_000_000_000;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    error: Value,
    message: Value,
}

/// Everything that the body says in words, in lower case; empty when it says nothing. Not every failure has the documented envelope.
fn words(reply: &Reply) -> String {
    let Ok(body) = serde_json::from_slice::<Body>(&reply.body) else { return String::new() };
    let places = [
        &body.error["message"],
        &body.error["details"]["message"],
        &body.error["details"],
        &body.error["code"],
        &body.error,
        &body.message,
    ];
    places.iter().filter_map(|place| place.as_str()).collect::<Vec<_>>().join("\n").to_lowercase()
}

/// What a refusal of a request with an access token means.
pub(super) fn bearer_failure(reply: &Reply, oauth: bool) -> CallError {
    let status = reply.status.as_u16();
    match status {
        498 => CallError::TokenExpired,
        401 => unauthorized(&words(reply), oauth),
        403 if oauth => CallError::MissingScope,
        404 => CallError::Gone,
        429 => CallError::RateLimited(Some(wait(reply))),
        _ => reply.common_failure().unwrap_or(CallError::Refused(status)),
    }
}

/// A 401 by its words.
fn unauthorized(words: &str, oauth: bool) -> CallError {
    let says = |part: &str| words.contains(part);
    if says("access_token_is_expired") {
        CallError::TokenExpired
    } else if says("credentials do not belong to you") {
        CallError::NotOurs
    } else if says("not connected") {
        CallError::CalendarNotConnected
    } else if says("client with id") || says("client secret") || says("x-cal-") || says("request origin") {
        // The site's configuration, or a request that mixed up whose it is: no token mends it.
        CallError::Refused(401)
    } else if says("token") || words.is_empty() || oauth {
        CallError::TokenRejected
    } else {
        CallError::Refused(401)
    }
}

/// What a refusal of a request with the platform client's credentials means.
pub(super) fn platform_failure(reply: &Reply) -> CallError {
    let status = reply.status.as_u16();
    match status {
        429 => CallError::RateLimited(Some(wait(reply))),
        _ => reply.common_failure().unwrap_or(CallError::Refused(status)),
    }
}

/// What a refusal to refresh a managed user's token means: 400 and 404 are about the refresh token (or the user), unless the
/// words are about the client.
pub(super) fn refresh_failure(reply: &Reply) -> RefreshError {
    let words = words(reply);
    match reply.status.as_u16() {
        400 if words.contains("oauthclient") || words.contains("client credentials") => RefreshError::ClientRejected,
        404 if words.contains("client") && words.contains("not found") => RefreshError::ClientRejected,
        400 | 404 => RefreshError::InvalidGrant,
        401 | 403 => RefreshError::ClientRejected,
        _ => RefreshError::Passing(platform_failure(reply)),
    }
}

/// How long a 429 asks to wait: `Retry-After`, which Cal.com does not send, or the reset of its own header, which sources give as
/// seconds left and as a Unix time. A minute without either.
fn wait(reply: &Reply) -> Duration {
    let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let reset = || -> Option<Duration> {
        let reset: u64 = header("x-ratelimit-reset-default")?.parse().ok()?;
        // Milliseconds have three digits more.
        let reset = if reset > MOMENT * 1000 { reset / 1000 } else { reset };
        let seconds = if reset > MOMENT {
            let now = DateTime::parse_from_rfc2822(header("date")?).ok()?.timestamp();
            reset.saturating_sub(u64::try_from(now).ok()?)
        } else {
            reset
        };
        Some(Duration::from_secs(seconds.clamp(1, LONGEST)))
    };
    reply.retry_after().or_else(reset).unwrap_or(BLOCKED)
}

/// The number that a 409 for an existing managed user ends with: `... Existing user ID=4101`.
pub(super) fn existing_user(reply: &Reply) -> Option<i64> {
    let words = words(reply);
    let (_, rest) = words.split_once("existing user id=")?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, header::HeaderMap};
    use serde_json::json;

    use super::*;

    fn reply(status: u16, message: &str) -> Reply {
        let body = json!({ "status": "error", "error": { "code": "X", "message": message, "details": { "message": message } } });
        Reply { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.to_string().into_bytes() }
    }

    #[test]
    fn every_401_by_its_message() {
        let table = [
            ("Invalid Access Token.", CallError::TokenRejected),
            ("OAuth client not found given the access token", CallError::TokenRejected),
            ("Invalid request origin - please open https://app.cal.com/settings/platform", CallError::Refused(401)),
            ("Client with ID abc not found", CallError::Refused(401)),
            ("Invalid client secret", CallError::Refused(401)),
            ("Only 'x-cal-client-id' header provided. Please also provide 'x-cal-secret-key'", CallError::Refused(401)),
            ("These credentials do not belong to you", CallError::NotOurs),
            ("Google Calendar not connected.", CallError::CalendarNotConnected),
            ("ACCESS_TOKEN_IS_EXPIRED", CallError::TokenExpired),
            ("invalid_grant: the account is gone", CallError::Refused(401)),
        ];
        for (message, means) in table {
            assert_eq!(bearer_failure(&reply(401, message), false), means, "{message}");
        }
        assert_eq!(bearer_failure(&reply(401, "Unauthorized"), true), CallError::TokenRejected);
        assert_eq!(bearer_failure(&reply(498, ""), false), CallError::TokenExpired);
        assert_eq!(bearer_failure(&reply(403, "insufficient_scope"), true), CallError::MissingScope);
        assert_eq!(bearer_failure(&reply(403, "APPS_READ"), false), CallError::Refused(403));
    }

    #[test]
    fn not_every_body_is_the_documented_one() {
        let bare = |status: u16, body: &str| Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(bearer_failure(&bare(500, "{\"statusCode\":500}"), false), CallError::ProviderDown(500));
        assert_eq!(bearer_failure(&bare(401, "<html>"), false), CallError::TokenRejected);
        let text = "{\"error\":\"These credentials do not belong to you\"}";
        assert_eq!(bearer_failure(&bare(401, text), false), CallError::NotOurs);
        let details = "{\"error\":{\"details\":\"ACCESS_TOKEN_IS_EXPIRED\"}}";
        assert_eq!(bearer_failure(&bare(401, details), false), CallError::TokenExpired);
    }

    #[test]
    fn a_reset_in_either_unit() {
        let with = |reset: &str| {
            let mut reply = reply(429, "CustomThrottlerGuard - Too many requests");
            reply.headers.insert("x-ratelimit-reset-default", reset.parse().unwrap());
            reply.headers.insert("date", "Mon, 02 Nov 2026 08:00:00 GMT".parse().unwrap());
            bearer_failure(&reply, false)
        };
        let seconds = |seconds| CallError::RateLimited(Some(Duration::from_secs(seconds)));
        assert_eq!(with("42"), seconds(42));
        assert_eq!(with("1793606430"), seconds(30));
        assert_eq!(with("1793606430000"), seconds(30));
        assert_eq!(with("soon"), seconds(60));
        assert_eq!(with("999999"), seconds(3600));
    }

    #[test]
    fn refusals_to_refresh() {
        assert_eq!(refresh_failure(&reply(400, "Invalid refresh token")), RefreshError::InvalidGrant);
        assert_eq!(refresh_failure(&reply(404, "User with ID 7 is not part of this OAuth client.")), RefreshError::InvalidGrant);
        assert_eq!(refresh_failure(&reply(400, "Invalid OAuthClient credentials.")), RefreshError::ClientRejected);
        assert_eq!(refresh_failure(&reply(401, "Invalid client secret")), RefreshError::ClientRejected);
        assert_eq!(refresh_failure(&reply(503, "")), RefreshError::Passing(CallError::ProviderDown(503)));
    }

    #[test]
    fn the_number_of_who_is_there_already() {
        let words = "User with the provided e-mail already exists. Existing user ID=4101";
        assert_eq!(existing_user(&reply(409, words)), Some(4101));
        assert_eq!(existing_user(&reply(409, "Conflict")), None);
    }
}
