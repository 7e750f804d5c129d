//! Microsoft 365 and Outlook.com: the identity platform v2.0 with PKCE, and Graph v1.0 (`/me/calendars`, `calendarView`, events).

mod busy;
mod calendars;
mod consent;
mod error;
mod events;
mod page;
mod wire;

use async_trait::async_trait;

use super::{
    Access, BusyAsk, CalendarBusy, CalendarProvider, CallError, Clear, Consent, EventWriter, Instant, Issued, RefreshError, RefreshWay,
    RemoteCalendar, oauth::OauthClient,
};
use crate::{config::MicrosoftConfig, integrations::http::Http};

/// The errors that only the coach can mend, by signing in again. Microsoft asks programs to branch on `error`, not on
/// the numbers in its description.
const DEAD: &[&str] = &["invalid_grant", "interaction_required", "consent_required", "login_required"];

/// Microsoft 365 and Outlook.com, by the site's own app registration.
#[derive(Debug, Clone)]
pub struct Microsoft {
    oauth: OauthClient,
    graph_url: String,
}

impl Microsoft {
    /// As configured; `None` when this site has no app registration with Microsoft.
    pub fn of_config(config: &MicrosoftConfig, http: &Http) -> Option<Self> {
        let oauth = OauthClient {
            http: http.clone(),
            client: config.client.clone()?,
            auth_url: config.auth_url.clone(),
            token_url: config.token_url.clone(),
        };
        Some(Self { oauth, graph_url: config.graph_url.clone() })
    }
}

#[async_trait]
impl CalendarProvider for Microsoft {
    async fn calendars(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        self.list(with).await
    }

    async fn busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        self.views(with, ask).await
    }

    async fn refresh(&self, way: RefreshWay<'_>, now: Instant) -> Result<Issued, RefreshError> {
        match way {
            RefreshWay::Regular(token) => self.oauth.refresh(token, DEAD, now).await,
            RefreshWay::Forced { .. } => Err(RefreshError::InvalidGrant),
        }
    }

    async fn revoke(&self, _with: &Access<'_>, _refresh: Option<&Clear>) -> Result<(), CallError> {
        // The identity platform has no such endpoint for apps; people take access back in their account's own pages.
        Ok(())
    }

    fn consent(&self) -> Option<&dyn Consent> {
        Some(self)
    }

    fn events(&self) -> Option<&dyn EventWriter> {
        Some(self)
    }
}
