use std::time::Duration;

use serde::Deserialize;

use crate::integrations::{http::Reply, outcome::CallError};

/// Why Stripe did not do what it was asked. Carries no text of Stripe's but words of its documentation: a message may repeat what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeError {
    /// The card's bank refuses.
    #[error("the bank refuses")]
    Card {
        /// Which refusal (`card_declined`), if it is a word.
        code: Option<String>,
    },
    /// The request cannot stand as it is, or not any more.
    #[error("Stripe refused the request ({code:?}, {param:?})")]
    Invalid {
        /// Which refusal (`amount_too_small`), if it is a word.
        code: Option<String>,
        /// What it is about (`expires_at`), if that is a word.
        param: Option<String>,
    },
    /// There is no such thing at this account.
    #[error("Stripe does not know it")]
    Missing,
    /// The secret key is not accepted, or may not do this: the operator's to mend.
    #[error("Stripe does not accept this site's key")]
    KeyRejected,
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used for something else")]
    KeyReused,
    /// The same is being asked at this moment.
    #[error("the same is being asked already")]
    InProgress,
    /// Too many requests; to be tried again after so long, if Stripe says.
    #[error("too many requests")]
    RateLimited(Option<Duration>),
    /// Stripe failed.
    #[error("Stripe answered {status}")]
    Down {
        /// How.
        status: u16,
        /// Whether it is an earlier answer that was kept under the idempotency key: asking again with this key is no use.
        kept: bool,
    },
    /// No connection, or it broke.
    #[error("Stripe cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("Stripe took too long")]
    TimedOut,
    /// An answer that cannot be read.
    #[error("Stripe's answer cannot be read: {0}")]
    BadAnswer(&'static str),
}

impl StripeError {
    /// Whether it says that nothing was done and nothing will be: the request was judged.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Card { .. } | Self::Invalid { .. } | Self::Missing)
    }

    /// Whether another key is needed to get another answer.
    pub const fn is_kept(&self) -> bool {
        matches!(self, Self::Down { kept: true, .. })
    }

    /// How long Stripe wants to be left alone.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(after) => *after,
            _ => None,
        }
    }

    /// What a reply that is no success means.
    pub(super) fn of_reply(reply: &Reply) -> Self {
        let kept = reply.headers.get("idempotent-replayed").is_some_and(|value| value == "true");
        let error = serde_json::from_slice::<Body>(&reply.body).map(|body| body.error);
        let error = error.ok();
        let word = |text: fn(Told) -> Option<String>| error.clone().and_then(text).filter(|text| is_word(text));
        match (reply.status.as_u16(), error.as_ref().map(|error| error.kind.as_str())) {
            (300..=399, _) => Self::BadAnswer("a redirect"),
            (401 | 403, _) => Self::KeyRejected,
            (404, _) => Self::Missing,
            (_, Some("idempotency_error")) => Self::KeyReused,
            (409, _) => Self::InProgress,
            (429, _) => Self::RateLimited(reply.retry_after()),
            (_, Some("card_error")) | (402, _) => Self::Card { code: word(|error| error.code) },
            (status @ 500.., _) => Self::Down { status, kept },
            _ => Self::Invalid { code: word(|error| error.code), param: word(|error| error.param) },
        }
    }
}

/// Stripe's words are short and plain; anything else is somebody's text.
fn is_word(text: &str) -> bool {
    text.len() <= 80 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_[].".contains(&byte))
}

#[derive(Debug, Deserialize)]
struct Body {
    error: Told,
}

#[derive(Debug, Clone, Deserialize)]
struct Told {
    #[serde(rename = "type", default)]
    kind: String,
    code: Option<String>,
    param: Option<String>,
}

impl From<CallError> for StripeError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::TimedOut => Self::TimedOut,
            CallError::BadAnswer(why) => Self::BadAnswer(why),
            _ => Self::Unreachable,
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, header::HeaderMap};

    use super::*;

    fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> StripeError {
        let headers: HeaderMap = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        StripeError::of_reply(&Reply { status: StatusCode::from_u16(status).unwrap(), headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn refusals_are_told_apart_and_no_message_is_kept() {
        let invalid =
            r#"{"error":{"type":"invalid_request_error","code":"amount_too_small","param":"line_items[0]","message":"sk_test_x"}}"#;
        let told = reply(400, &[], invalid);
        assert_eq!(told, StripeError::Invalid { code: Some("amount_too_small".into()), param: Some("line_items[0]".into()) });
        assert!(!format!("{told} {told:?}").contains("sk_test"));
        let odd = r#"{"error":{"type":"invalid_request_error","code":"a b <c>","param":null}}"#;
        assert_eq!(reply(400, &[], odd), StripeError::Invalid { code: None, param: None });
        assert_eq!(
            reply(402, &[], r#"{"error":{"type":"card_error","code":"card_declined"}}"#),
            StripeError::Card { code: Some("card_declined".into()) }
        );
        assert_eq!(reply(400, &[], r#"{"error":{"type":"idempotency_error"}}"#), StripeError::KeyReused);
        assert_eq!(reply(409, &[], "{}"), StripeError::InProgress);
        assert_eq!(reply(401, &[], ""), StripeError::KeyRejected);
        assert_eq!(reply(404, &[], "<html>"), StripeError::Missing);
        assert_eq!(reply(429, &[("retry-after", "7")], ""), StripeError::RateLimited(Some(Duration::from_secs(7))));
    }

    #[test]
    fn a_failure_that_was_kept_needs_another_key() {
        assert!(!reply(500, &[], "").is_kept());
        assert!(reply(500, &[("idempotent-replayed", "true")], "").is_kept());
    }
}
