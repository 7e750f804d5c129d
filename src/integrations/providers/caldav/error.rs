use std::time::Duration;

use reqwest::header::RETRY_AFTER;

use super::xml::{Document, precondition};
use crate::integrations::safe_fetch::{FetchError, Refused, Reply};

/// No `Retry-After` is believed beyond this.
const LONGEST_WAIT: u64 = 3600;

/// Why a CalDAV server did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaldavError {
    /// There was no answer, or the address is refused.
    #[error(transparent)]
    Fetch(FetchError),
    /// The user name or the password is wrong (401).
    #[error("the user name or the password is wrong")]
    WrongPassword,
    /// The address answers, but not as a CalDAV server.
    #[error("there is no CalDAV server at this address")]
    NotCaldav,
    /// There is nothing at the address any more (404, 410).
    #[error("the calendar is gone")]
    Gone,
    /// The account may not do this (403). Named is the precondition that the server says is not met, as `valid-sync-token`.
    #[error("the server does not allow it")]
    Forbidden(Option<String>),
    /// The request met something that is not as it supposed (409, 412), with the precondition as for `Forbidden`.
    #[error("a precondition is not met")]
    Precondition(Option<String>),
    /// The account is on another host, which was not typed: whoever typed the first may type that one.
    #[error("the account is on another host, {0}")]
    OtherHost(String),
    /// Too many requests; to be tried again after so long, if the server says.
    #[error("the server asks to be left alone for a while")]
    RateLimited(Option<Duration>),
    /// The server failed (5xx), or answered what has no meaning here, with the status.
    #[error("the server answered {0}")]
    Status(u16),
    /// The answer is not the XML that was asked for.
    #[error("the server's answer cannot be read")]
    Unreadable,
}

impl CaldavError {
    /// Whether the same request may well succeed later.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_transient(),
            Self::RateLimited(_) => true,
            Self::Status(status) => *status >= 500,
            _ => false,
        }
    }

    /// What a reply means that is not the success that was hoped for.
    pub(super) fn of(reply: &Reply) -> Self {
        match reply.status {
            401 => Self::WrongPassword,
            404 | 410 => Self::Gone,
            403 => Self::Forbidden(named(reply)),
            409 | 412 => Self::Precondition(named(reply)),
            429 => Self::RateLimited(retry_after(reply)),
            503 if retry_after(reply).is_some() => Self::RateLimited(retry_after(reply)),
            status => Self::Status(status),
        }
    }
}

impl From<FetchError> for CaldavError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::CrossHostRedirect(to) => Self::OtherHost(to.host().to_owned()),
            error => Self::Fetch(error),
        }
    }
}

impl From<Refused> for CaldavError {
    fn from(refused: Refused) -> Self {
        Self::Fetch(refused.into())
    }
}

fn named(reply: &Reply) -> Option<String> {
    Document::read(&reply.body).ok().and_then(|document| document.with(precondition).ok().flatten())
}

fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds: u64 = reply.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}
