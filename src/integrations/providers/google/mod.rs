//! Google Calendar: OAuth with PKCE, `calendarList.list`, `freebusy.query`, `events` (Calendar API v3).

mod busy;
mod calendars;
mod consent;
mod error;
mod events;
mod meet;
mod wire;

use async_trait::async_trait;
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;

use super::{
    Access, BusyAsk, CalendarBusy, CalendarProvider, CallError, Clear, Consent, EventWriter, Instant, Issued, RefreshError, RefreshWay,
    RemoteCalendar, oauth::OauthClient,
};
use crate::{config::GoogleConfig, integrations::http::Http};

/// The only error that means that the grant is gone: revoked, expired, six months unused.
const DEAD: &[&str] = &["invalid_grant"];

/// Google Calendar, by the site's own OAuth client.
#[derive(Debug, Clone)]
pub struct Google {
    oauth: OauthClient,
    api_url: String,
    revoke_url: String,
}

impl Google {
    /// As configured; `None` when this site has no client id with Google.
    pub fn of_config(config: &GoogleConfig, http: &Http) -> Option<Self> {
        let oauth = OauthClient {
            http: http.clone(),
            client: config.client.clone()?,
            auth_url: config.auth_url.clone(),
            token_url: config.token_url.clone(),
        };
        Some(Self { oauth, api_url: config.api_url.clone(), revoke_url: config.revoke_url.clone() })
    }

    /// Sends an API request with the coach's token and reads the answer.
    async fn ask<T: DeserializeOwned>(&self, with: &Access<'_>, request: RequestBuilder) -> Result<T, CallError> {
        let reply = self.oauth.http.send(request.bearer_auth(with.secret.expose())).await?;
        if reply.status.is_success() { reply.json() } else { Err(error::meaning(&reply)) }
    }
}

#[async_trait]
impl CalendarProvider for Google {
    async fn calendars(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        self.list(with).await
    }

    async fn busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        self.free_busy(with, ask).await
    }

    async fn refresh(&self, way: RefreshWay<'_>, now: Instant) -> Result<Issued, RefreshError> {
        match way {
            RefreshWay::Regular(token) => self.oauth.refresh(token, DEAD, now).await,
            RefreshWay::Forced { .. } => Err(RefreshError::InvalidGrant),
        }
    }

    async fn revoke(&self, with: &Access<'_>, refresh: Option<&Clear>) -> Result<(), CallError> {
        let token = refresh.unwrap_or(with.secret);
        let request = self.oauth.http.client().post(&self.revoke_url).form(&[("token", token.expose())]);
        let reply = self.oauth.http.send(request).await?;
        match reply.status.as_u16() {
            // 400: it was expired or revoked before (RFC 7009 2.2 would say 200).
            200 | 400 => Ok(()),
            status => Err(reply.common_failure().unwrap_or(CallError::Refused(status))),
        }
    }

    fn consent(&self) -> Option<&dyn Consent> {
        Some(self)
    }

    fn events(&self) -> Option<&dyn EventWriter> {
        Some(self)
    }
}
