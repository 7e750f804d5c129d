//! The providers behind one trait. An adapter speaks its provider's protocol and translates answers to typed
//! outcomes; it stores nothing, refreshes nothing, and knows no coach but through the [`Integration`] it is handed.

pub mod cal_com;
pub mod caldav;
mod consent;
mod events;
pub mod google;
pub mod ics_feed;
mod managed;
mod mark;
pub mod microsoft;
mod oauth;
mod writing;

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;

pub use consent::{Account, CodeAsk, Consent, ConsentAsk, Feature, Granted};
pub use events::{EventCalendar, EventDraft, EventKey, EventLink, EventRef, EventState, EventWriter, WriteError, uid_of};
pub use managed::{Behind, ManagedAsk, ManagedUser, ManagedUsers};

use super::{
    Integration, ProviderKind,
    http::Http,
    outcome::{CallError, RefreshError},
    safe_fetch::Fetch,
    tokens::Clear,
};
use crate::{
    config::ProvidersConfig,
    model::{CalendarId, Instant},
    time::{Interval, Zone},
};

/// What a call is made with: the integration's own credential. Made by the token service alone.
#[derive(Debug)]
pub struct Access<'a> {
    /// Whose account it is.
    pub integration: &'a Integration,
    /// The access token; for CalDAV and feeds the sealed secret: `user\npassword`, or the feed's address.
    pub secret: &'a Clear,
}

/// A calendar as the provider lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCalendar {
    /// The provider's id of it (CalDAV: its address). Stable. Empty: no calendar, but a credential whose calendars
    /// cannot be listed; then `problem` says why, and every known calendar of `credential_ref` has it.
    pub external_id: String,
    /// What the provider calls its kind, where it has several (Cal.com: `google_calendar`); else empty.
    pub external_kind: String,
    /// Cal.com's credential id, which changes when the calendar is connected anew there.
    pub credential_ref: Option<String>,
    /// What people call it.
    pub name: String,
    /// Its IANA zone, if the provider says.
    pub time_zone: Option<String>,
    /// Whether it is the account's main one.
    pub primary: bool,
    /// Whether events may be written to it.
    pub writable: bool,
    /// Set when the provider lists it but cannot read it.
    pub problem: Option<CallError>,
}

/// A calendar whose busy time is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarToRead {
    /// Ours.
    pub id: CalendarId,
    /// See [`RemoteCalendar::external_id`].
    pub external_id: String,
    /// See [`RemoteCalendar::external_kind`].
    pub external_kind: String,
    /// See [`RemoteCalendar::credential_ref`].
    pub credential_ref: Option<String>,
    /// The zone for its all-day and floating events; the coach's when the provider names none.
    pub zone: Zone,
    /// What the last successful read of the same window's start day left, if anything: the provider's own mark.
    pub sync_state: Option<String>,
}

/// What is asked for.
#[derive(Debug)]
pub struct BusyAsk<'a> {
    /// From when until when.
    pub window: Interval,
    /// The calendars; each has an answer.
    pub calendars: &'a [CalendarToRead],
}

/// What one calendar's busy time is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Busy {
    /// These intervals, in any order, overlapping or not, also beyond the window; and the mark for the next read.
    Known {
        /// Busy intervals.
        spans: Vec<Interval>,
        /// The provider's mark of what was read.
        sync_state: Option<String>,
        /// Not to be asked again before this has passed (a feed's own refresh interval).
        next_after: Option<Duration>,
    },
    /// As at the last read, which left this mark.
    Unchanged {
        /// As for `Known`.
        next_after: Option<Duration>,
    },
    /// It could not be read, though the account could: never to be taken for free.
    Unknown(CallError),
}

/// One calendar's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarBusy {
    /// Which.
    pub calendar: CalendarId,
    /// What is known.
    pub busy: Busy,
}

/// A new token, as a provider issued it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The access token.
    pub access: Clear,
    /// When it expires.
    pub expires_at: Instant,
    /// The new refresh token; `None` when the old one stands.
    pub refresh: Option<Clear>,
    /// The granted scopes, separated by spaces; empty when the provider does not say.
    pub scopes: String,
}

/// How to refresh.
#[derive(Debug)]
pub enum RefreshWay<'a> {
    /// With the stored refresh token.
    Regular(&'a Clear),
    /// Without one, by the site's own authority over a managed user.
    Forced {
        /// The provider's id of the user.
        managed_user_id: i64,
    },
}

/// One provider.
#[async_trait]
pub trait CalendarProvider: Send + Sync + 'static {
    /// The account's calendars.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn calendars(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError>;

    /// When the asked calendars are busy: one answer for each of them.
    ///
    /// # Errors
    /// See [`CallError`]; then nothing is known of any.
    async fn busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError>;

    /// A new access token. Called by the token service only.
    ///
    /// # Errors
    /// See [`RefreshError`].
    async fn refresh(&self, way: RefreshWay<'_>, now: Instant) -> Result<Issued, RefreshError>;

    /// Gives the access back at the provider, as far as it knows such a thing; `refresh` is the refresh token.
    ///
    /// # Errors
    /// See [`CallError`]. What is forgotten here is forgotten whatever the answer.
    async fn revoke(&self, with: &Access<'_>, refresh: Option<&Clear>) -> Result<(), CallError>;

    /// How coaches give their consent, if it is on the provider's own page.
    fn consent(&self) -> Option<&dyn Consent> {
        None
    }

    /// How bookings are written into its calendars, if it takes any.
    fn events(&self) -> Option<&dyn EventWriter> {
        None
    }

    /// The users that this site makes there, if it makes any.
    fn managed_users(&self) -> Option<&dyn ManagedUsers> {
        None
    }
}

/// The providers of this site.
#[derive(Clone, Default)]
pub struct Providers {
    by_kind: HashMap<ProviderKind, Arc<dyn CalendarProvider>>,
    fetch: Option<Fetch>,
}

impl Providers {
    /// The providers that `config` has this site's credentials for, reached through `http`.
    pub fn of_config(config: &ProvidersConfig, http: &Http) -> Self {
        let mut providers = Self::default();
        if let Some(google) = google::Google::of_config(&config.google, http) {
            providers = providers.with(ProviderKind::Google, Arc::new(google));
        }
        if let Some(microsoft) = microsoft::Microsoft::of_config(&config.microsoft, http) {
            providers = providers.with(ProviderKind::Microsoft, Arc::new(microsoft));
        }
        if let Some(managed) = cal_com::CalCom::managed(http.clone(), &config.cal_com) {
            providers = providers.with(ProviderKind::CalComManaged, Arc::new(managed));
        }
        if let Some(oauth) = cal_com::CalCom::oauth(http.clone(), &config.cal_com) {
            providers = providers.with(ProviderKind::CalComOauth, Arc::new(oauth));
        }
        providers
    }

    /// Adds those whose addresses coaches type: CalDAV and feeds, reached through `fetch`.
    pub fn with_typed(self, fetch: Fetch) -> Self {
        let with = self.with(ProviderKind::Caldav, Arc::new(caldav::CaldavProvider::new(fetch.clone())));
        let with = with.with(ProviderKind::IcsFeed, Arc::new(ics_feed::FeedProvider::new(fetch.clone())));
        Self { fetch: Some(fetch), ..with }
    }

    /// What reaches addresses that coaches type; `None` when this site has no such provider.
    pub(super) const fn fetch(&self) -> Option<&Fetch> {
        self.fetch.as_ref()
    }

    /// Adds (or replaces) the provider for `kind`.
    pub fn with(mut self, kind: ProviderKind, provider: Arc<dyn CalendarProvider>) -> Self {
        self.by_kind.insert(kind, provider);
        self
    }

    /// The provider for `kind`; `None` when this site has none.
    pub fn get(&self, kind: ProviderKind) -> Option<&Arc<dyn CalendarProvider>> {
        self.by_kind.get(&kind)
    }
}
