use async_trait::async_trait;

use super::{Caldav, CaldavError, Change, SyncMark, busy, changed_since, discover};
use crate::{
    integrations::{
        ical::{BusyContext, Limits},
        outcome::{CallError, RefreshError},
        providers::{
            Access, Busy, BusyAsk, CalendarBusy, CalendarProvider, CalendarToRead, EventWriter, Issued, RefreshWay, RemoteCalendar,
        },
        safe_fetch::{Fetch, Login},
        tokens::Clear,
    },
    model::Instant,
    time::Interval,
};

/// Any CalDAV server; the integration's endpoint is the address that the coach typed, its secret `user\npassword`.
#[derive(Debug, Clone)]
pub struct CaldavProvider {
    pub(super) fetch: Fetch,
}

impl CaldavProvider {
    /// Requests go through `fetch`.
    pub const fn new(fetch: Fetch) -> Self {
        Self { fetch }
    }

    pub(super) fn client(&self, with: &Access<'_>) -> Result<Caldav, CallError> {
        let login = login_of(with.secret).ok_or(CallError::WrongPassword)?;
        Ok(Caldav::new(self.fetch.clone(), login))
    }

    /// One calendar, if it has changed since it was read last.
    async fn read(&self, client: &Caldav, window: Interval, calendar: &CalendarToRead) -> Result<Busy, CaldavError> {
        let address = self.fetch.address(&calendar.external_id)?;
        // A mark that cannot be read any more is none.
        let before: Option<SyncMark> = calendar.sync_state.as_deref().and_then(|mark| serde_json::from_str(mark).ok());
        let Change::Changed(mark) = changed_since(client, &address, before.as_ref()).await? else {
            return Ok(Busy::Unchanged { next_after: None });
        };
        let context = BusyContext { home_zone: calendar.zone.clone(), window, limits: Limits::default() };
        let found = busy(client, &address, &context).await?;
        if found.is_unknown() {
            return Ok(Busy::Unknown(CallError::BadAnswer("an entry that cannot be read")));
        }
        Ok(Busy::Known { spans: found.spans, sync_state: serde_json::to_string(&mark).ok(), next_after: None })
    }
}

/// The user name and the password of a stored secret.
fn login_of(secret: &Clear) -> Option<Login> {
    let (user, password) = secret.expose().split_once('\n')?;
    Some(Login { user: user.to_owned(), password: password.to_owned() })
}

/// What an error means for the integration.
pub(crate) fn call_error(error: CaldavError) -> CallError {
    match error {
        CaldavError::Fetch(error) => error.into(),
        CaldavError::WrongPassword => CallError::WrongPassword,
        CaldavError::NotCaldav | CaldavError::Gone => CallError::Gone,
        CaldavError::Forbidden(_) => CallError::NotOurs,
        CaldavError::Precondition(_) => CallError::Refused(412),
        CaldavError::OtherHost(_) => CallError::AddressRefused,
        CaldavError::RateLimited(wait) => CallError::RateLimited(wait),
        CaldavError::Status(status) if status >= 500 => CallError::ProviderDown(status),
        CaldavError::Status(status) => CallError::Refused(status),
        CaldavError::Unreadable => CallError::BadAnswer("not the documented XML"),
    }
}

/// Whether an error is about one calendar and not about the account.
const fn is_of_calendar(error: &CallError) -> bool {
    matches!(error, CallError::Gone | CallError::NotOurs | CallError::Refused(_) | CallError::BadAnswer(_) | CallError::AddressRefused)
}

#[async_trait]
impl CalendarProvider for CaldavProvider {
    async fn calendars(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        let client = self.client(with)?;
        let typed = self.fetch.address(&with.integration.endpoint).map_err(|_| CallError::AddressRefused)?;
        let account = discover(&client, &typed).await.map_err(call_error)?;
        Ok(account.calendars.iter().map(listed).collect())
    }

    async fn busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        let client = self.client(with)?;
        let mut known = Vec::with_capacity(ask.calendars.len());
        for calendar in ask.calendars {
            let busy = match self.read(&client, ask.window, calendar).await.map_err(call_error) {
                Ok(busy) => busy,
                Err(error) if is_of_calendar(&error) => Busy::Unknown(error),
                Err(error) => return Err(error),
            };
            known.push(CalendarBusy { calendar: calendar.id, busy });
        }
        Ok(known)
    }

    async fn refresh(&self, _way: RefreshWay<'_>, _now: Instant) -> Result<Issued, RefreshError> {
        // A password does not expire into another.
        Err(RefreshError::InvalidGrant)
    }

    async fn revoke(&self, _with: &Access<'_>, _refresh: Option<&Clear>) -> Result<(), CallError> {
        // There is no such thing in CalDAV; the coach deletes an app password where it was made.
        Ok(())
    }

    fn events(&self) -> Option<&dyn EventWriter> {
        Some(self)
    }
}

/// A calendar as integrations know it.
pub(crate) fn listed(calendar: &super::RemoteCalendar) -> RemoteCalendar {
    RemoteCalendar {
        external_id: calendar.address.reveal().to_owned(),
        external_kind: String::new(),
        credential_ref: None,
        name: calendar.name.clone(),
        time_zone: calendar.zone.as_ref().map(|zone| zone.name().to_owned()),
        // Servers do not say which one is the main one.
        primary: false,
        writable: calendar.writable,
        problem: None,
    }
}
