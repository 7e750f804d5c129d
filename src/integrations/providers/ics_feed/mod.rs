//! Published calendars: a file behind an address that is itself the secret.

mod adapter;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, RETRY_AFTER};

pub use adapter::FeedProvider;
pub(crate) use adapter::{call_error, listed};

use crate::integrations::{
    ical::{self, IcalError},
    safe_fetch::{Address, Fetch, FetchError, Request, Validators},
};

/// A feed is fetched at most so often, whatever it asks for.
pub const SHORTEST_INTERVAL: Duration = Duration::from_mins(15);
/// And at least so often.
pub const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
/// No `Retry-After` is believed beyond this.
const LONGEST_WAIT: u64 = 3600;

/// What a fetch found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Nothing new since the validators.
    NotModified,
    /// A whole calendar.
    Feed(Feed),
}

/// A calendar as published.
#[derive(Clone, PartialEq, Eq)]
pub struct Feed {
    /// iCalendar text, complete to its end; for [`ical::busy_of`].
    pub text: Vec<u8>,
    /// What to ask with next time.
    pub validators: Validators,
    /// How often the feed wants to be fetched, between [`SHORTEST_INTERVAL`] and [`LONGEST_INTERVAL`]; `None` if it does not say.
    pub refresh_interval: Option<Duration>,
    /// What the calendar calls itself.
    pub name: Option<String>,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The text is a person's calendar.
        f.debug_struct("Feed").field("bytes", &self.text.len()).field("refresh_interval", &self.refresh_interval).finish_non_exhaustive()
    }
}

/// Why there is no calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// There was no answer, or the address is refused.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is nothing at the address any more (404, 410).
    #[error("there is no calendar at this address")]
    Gone,
    /// The address asks for a login, or forbids (401, 403).
    #[error("the calendar is not published")]
    NotPublished,
    /// Too many requests; to be tried again after so long, if the server says.
    #[error("the server asks to be left alone for a while")]
    RateLimited(Option<Duration>),
    /// The server failed (5xx), or answered what has no meaning here, with the status.
    #[error("the server answered {0}")]
    Status(u16),
    /// What is there is not a calendar, or not all of one.
    #[error(transparent)]
    Calendar(#[from] IcalError),
}

impl FeedError {
    /// Whether the same request may well succeed later.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_transient(),
            Self::RateLimited(_) | Self::Calendar(IcalError::CutShort) => true,
            Self::Status(status) => *status >= 500,
            Self::Gone | Self::NotPublished | Self::Calendar(_) => false,
        }
    }
}

/// Fetches a feed unless it is as the validators know it. What it is decides its beginning, not its `Content-Type`.
pub async fn fetch(fetch: &Fetch, address: &Address, known: &Validators) -> Result<Fetched, FeedError> {
    let accept = HeaderValue::from_static("text/calendar, */*;q=0.5");
    let reply = fetch.send(&Request::get(address).header(ACCEPT, accept).newer_than(known)).await?;
    match reply.status {
        200 => {}
        304 => return Ok(Fetched::NotModified),
        401 | 403 => return Err(FeedError::NotPublished),
        404 | 410 => return Err(FeedError::Gone),
        429 => return Err(FeedError::RateLimited(retry_after(&reply.headers))),
        503 if retry_after(&reply.headers).is_some() => return Err(FeedError::RateLimited(retry_after(&reply.headers))),
        status => return Err(FeedError::Status(status)),
    }
    if !begins_a_calendar(&reply.body) {
        return Err(IcalError::NotACalendar.into());
    }
    let heading = ical::heading_of(&reply.body, ical::Limits::default())?;
    Ok(Fetched::Feed(Feed {
        validators: reply.validators(),
        text: reply.body,
        refresh_interval: heading.refresh_interval.map(|asked| asked.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)),
        name: heading.name,
    }))
}

fn begins_a_calendar(body: &[u8]) -> bool {
    const BEGIN: &[u8] = b"BEGIN:VCALENDAR";
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    body.get(..BEGIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGIN))
}

/// `Retry-After` in seconds (RFC 9110, 10.2.3), at most an hour.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}
