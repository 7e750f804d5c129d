//! Cal.com's API v2: one adapter for managed users of a platform client and for coaches' own accounts.
//!
//! Two kinds of request leave it and never mix, since client credentials override a bearer token there and make a call run as
//! the organisation's owner: `request::Bearer` for what a coach's token does, `request::Platform` for tokens of managed users.

mod bookings;
mod busy;
mod calendars;
mod event_types;
mod events;
mod failure;
mod managed;
mod oauth;
mod refresh;
mod request;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;

use super::{Access, BusyAsk, CalendarBusy, CalendarProvider, Consent, EventWriter, Issued, ManagedUsers, RefreshWay, RemoteCalendar};
use crate::{
    config::{CalComConfig, Client},
    integrations::{
        http::Http,
        outcome::{CallError, RefreshError},
        tokens::Clear,
    },
    model::Instant,
};
use request::{Bearer, Platform};

/// Which of the two kinds of client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// A platform client with managed users.
    Managed,
    /// An OAuth 2.0 client.
    Oauth,
}

/// The adapter. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CalCom {
    http: Http,
    config: Arc<CalComConfig>,
    client: Client,
    manner: Manner,
}

impl CalCom {
    /// For managed users; `None` when the site has no platform client.
    pub fn managed(http: Http, config: &CalComConfig) -> Option<Self> {
        let client = config.managed.clone()?;
        Some(Self { http, config: Arc::new(config.clone()), client, manner: Manner::Managed })
    }

    /// For coaches' own accounts; `None` when the site has no OAuth 2.0 client.
    pub fn oauth(http: Http, config: &CalComConfig) -> Option<Self> {
        let client = config.oauth.clone()?;
        Some(Self { http, config: Arc::new(config.clone()), client, manner: Manner::Oauth })
    }

    /// Requests that `token` makes.
    fn bearer<'a>(&'a self, token: &'a Clear) -> Bearer<'a> {
        Bearer { http: &self.http, api_url: &self.config.api_url, token, oauth: self.manner == Manner::Oauth }
    }

    /// Requests that this site makes with its platform client.
    fn platform(&self) -> Platform<'_> {
        Platform { http: &self.http, api_url: &self.config.api_url, client: &self.client }
    }
}

#[async_trait]
impl CalendarProvider for CalCom {
    async fn calendars(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        let list = calendars::list(&self.bearer(with.secret)).await?;
        Ok(calendars::remote(&list))
    }

    async fn busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        busy::busy(self, with.secret, ask).await
    }

    async fn refresh(&self, way: RefreshWay<'_>, now: Instant) -> Result<Issued, RefreshError> {
        match (self.manner, way) {
            (Manner::Managed, RefreshWay::Regular(token)) => refresh::regular(&self.platform(), token).await,
            (Manner::Managed, RefreshWay::Forced { managed_user_id }) => refresh::forced(&self.platform(), managed_user_id).await,
            (Manner::Oauth, RefreshWay::Regular(token)) => self.refresh_oauth(token, now).await,
            // Nobody but the coach has authority over the coach's own account.
            (Manner::Oauth, RefreshWay::Forced { .. }) => Err(RefreshError::InvalidGrant),
        }
    }

    /// Managed users exist for this site alone: the accounts behind them are disconnected there. Of a coach's own account
    /// nothing is touched; Cal.com documents no way to give an OAuth 2.0 token back.
    async fn revoke(&self, with: &Access<'_>, _: Option<&Clear>) -> Result<(), CallError> {
        match self.manner {
            Manner::Managed => calendars::disconnect_all(&self.bearer(with.secret)).await,
            Manner::Oauth => Ok(()),
        }
    }

    fn consent(&self) -> Option<&dyn Consent> {
        (self.manner == Manner::Oauth).then_some(self as &dyn Consent)
    }

    fn events(&self) -> Option<&dyn EventWriter> {
        Some(self)
    }

    fn managed_users(&self) -> Option<&dyn ManagedUsers> {
        (self.manner == Manner::Managed).then_some(self as &dyn ManagedUsers)
    }
}
