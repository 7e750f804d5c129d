use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Feed, FeedError, Fetched, SHORTEST_INTERVAL, fetch};
use crate::{
    integrations::{
        Integration,
        ical::{self, BusyContext, IcalError, Limits},
        outcome::{CallError, RefreshError},
        providers::{Access, Busy, BusyAsk, CalendarBusy, CalendarProvider, CalendarToRead, Issued, RefreshWay, RemoteCalendar},
        safe_fetch::{Address, Fetch, Validators},
        tokens::Clear,
    },
    model::Instant,
    time::{Interval, hash_secret},
};

/// A feed is one calendar; its address is the secret, so this is what it is called.
const THE_CALENDAR: &str = "feed";
/// A feed may ask to be left alone for a day; what it said that long ago would count as unknown, so it is asked (whether
/// anything changed) before.
const LONGEST_PAUSE: Duration = Duration::from_mins(45);

/// Published calendars; the integration's secret is the address.
#[derive(Debug, Clone)]
pub struct FeedProvider {
    fetch: Fetch,
}

/// What is kept of a read, as JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Mark {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
    /// Of the text, for servers that say neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// How often the feed wants to be asked, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
}

impl Mark {
    fn of(feed: &Feed) -> Self {
        Self {
            etag: feed.validators.etag.clone(),
            last_modified: feed.validators.last_modified.clone(),
            text: Some(hash_secret(&String::from_utf8_lossy(&feed.text))),
            every: feed.refresh_interval.map(|interval| interval.as_secs()),
        }
    }

    fn validators(&self) -> Validators {
        Validators { etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }

    fn next_after(&self) -> Duration {
        self.every.map_or(SHORTEST_INTERVAL, Duration::from_secs).clamp(SHORTEST_INTERVAL, LONGEST_PAUSE)
    }
}

impl FeedProvider {
    /// Requests go through `fetch`.
    pub const fn new(fetch: Fetch) -> Self {
        Self { fetch }
    }

    fn address(&self, with: &Access<'_>) -> Result<Address, CallError> {
        self.fetch.address(with.secret.expose()).map_err(|_| CallError::AddressRefused)
    }

    async fn read(&self, address: &Address, window: Interval, calendar: &CalendarToRead) -> Result<Busy, CallError> {
        // A mark that cannot be read any more is none.
        let before: Option<Mark> = calendar.sync_state.as_deref().and_then(|mark| serde_json::from_str(mark).ok());
        let before = before.unwrap_or_default();
        let feed = match fetch(&self.fetch, address, &before.validators()).await.map_err(call_error)? {
            Fetched::NotModified => return Ok(Busy::Unchanged { next_after: Some(before.next_after()) }),
            Fetched::Feed(feed) => feed,
        };
        let mark = Mark::of(&feed);
        let next_after = Some(mark.next_after());
        if before.text == mark.text {
            return Ok(Busy::Unchanged { next_after });
        }
        let context = BusyContext { home_zone: calendar.zone.clone(), window, limits: Limits::default() };
        // A large one takes a while, and others are served meanwhile.
        let found = tokio::task::spawn_blocking(move || ical::busy_of(&feed.text, &context)).await;
        match found {
            Ok(Ok(found)) if !found.is_unknown() => {
                Ok(Busy::Known { spans: found.spans, sync_state: serde_json::to_string(&mark).ok(), next_after })
            }
            Ok(Ok(_)) => Ok(Busy::Unknown(CallError::BadAnswer("an entry that cannot be read"))),
            Ok(Err(error)) => Err(call_error(error.into())),
            Err(_) => Err(CallError::BadAnswer("an entry that cannot be read")),
        }
    }
}

/// What an error means for the integration.
pub(crate) fn call_error(error: FeedError) -> CallError {
    match error {
        FeedError::Fetch(error) => error.into(),
        FeedError::Gone | FeedError::NotPublished | FeedError::Calendar(IcalError::NotACalendar) => CallError::Gone,
        FeedError::RateLimited(wait) => CallError::RateLimited(wait),
        FeedError::Status(status) if status >= 500 => CallError::ProviderDown(status),
        FeedError::Status(status) => CallError::Refused(status),
        FeedError::Calendar(IcalError::CutShort) => CallError::BadAnswer("cut short"),
        FeedError::Calendar(IcalError::TooLarge) => CallError::BadAnswer("too long"),
    }
}

/// The one calendar of a feed.
pub(crate) fn listed(integration: &Integration) -> RemoteCalendar {
    RemoteCalendar {
        external_id: THE_CALENDAR.to_owned(),
        external_kind: String::new(),
        credential_ref: None,
        name: integration.account_label.clone(),
        time_zone: None,
        primary: true,
        writable: false,
        problem: None,
    }
}

#[async_trait]
impl CalendarProvider for FeedProvider {
    /// The one calendar, called what the coach called it.
    async fn calendars(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        let address = self.address(with)?;
        fetch(&self.fetch, &address, &Validators::default()).await.map_err(call_error)?;
        Ok(vec![listed(with.integration)])
    }

    async fn busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        let address = self.address(with)?;
        let mut known = Vec::with_capacity(ask.calendars.len());
        for calendar in ask.calendars {
            known.push(CalendarBusy { calendar: calendar.id, busy: self.read(&address, ask.window, calendar).await? });
        }
        Ok(known)
    }

    async fn refresh(&self, _way: RefreshWay<'_>, _now: Instant) -> Result<Issued, RefreshError> {
        // An address does not expire into another.
        Err(RefreshError::InvalidGrant)
    }

    async fn revoke(&self, _with: &Access<'_>, _refresh: Option<&Clear>) -> Result<(), CallError> {
        // The coach withdraws a feed's address where it is published.
        Ok(())
    }
}
