//! OAuth 2.0 for coaches' own accounts. The token endpoint has no envelope.

use std::collections::BTreeSet;

use async_trait::async_trait;
use reqwest::Method;

use super::{
    CalCom,
    wire::{Envelope, User},
};
use crate::{
    integrations::{
        outcome::{CallError, RefreshError},
        providers::{Account, CodeAsk, Consent, ConsentAsk, Feature, Granted, Issued, oauth::OauthClient},
        tokens::Clear,
    },
    model::Instant,
};

/// Calendars and busy times; who the account is.
const NEEDED: [&str; 2] = ["APPS_READ", "PROFILE_READ"];
/// What writing bookings needs: the event types that are booked with the schedule they follow, and finding bookings again. Making one needs
/// none by itself, cancelling and moving neither; the last is for a server that wants it.
const WRITING: [&str; 6] = ["EVENT_TYPE_READ", "EVENT_TYPE_WRITE", "SCHEDULE_READ", "SCHEDULE_WRITE", "BOOKING_READ", "BOOKING_WRITE"];
/// The errors that mean that the grant is gone.
const DEAD: [&str; 1] = ["invalid_grant"];

/// The scopes of a list; Cal.com takes and gives commas as well.
fn words(scopes: &str) -> impl Iterator<Item = &str> {
    scopes.split([' ', ',']).filter(|scope| !scope.is_empty())
}

impl CalCom {
    /// This site as an OAuth 2.0 client.
    fn oauth_client(&self) -> OauthClient {
        let (auth_url, token_url) = (self.config.auth_url.clone(), self.config.token_url.clone());
        OauthClient { http: self.http.clone(), client: self.client.clone(), auth_url, token_url }
    }

    /// A new token by the refresh token.
    pub(super) async fn refresh_oauth(&self, token: &Clear, now: Instant) -> Result<Issued, RefreshError> {
        self.oauth_client().refresh(token, &DEAD, now).await
    }

    /// Whose `token` is.
    async fn account(&self, token: &Clear) -> Result<Account, CallError> {
        let bearer = self.bearer(token);
        let me: Envelope<User> = bearer.send(bearer.request(Method::GET, "/v2/me")).await?.json()?;
        let key = me.data.id.to_string();
        Ok(Account { label: me.data.email.unwrap_or_else(|| key.clone()), key })
    }
}

#[async_trait]
impl Consent for CalCom {
    fn scopes(&self, wants_writing: bool, granted: &str) -> String {
        let writing = WRITING.into_iter().filter(|_| wants_writing);
        let all: BTreeSet<&str> = NEEDED.into_iter().chain(writing).chain(words(granted)).collect();
        all.into_iter().collect::<Vec<_>>().join(" ")
    }

    fn page(&self, ask: &ConsentAsk<'_>) -> Result<String, CallError> {
        self.oauth_client().page(ask, &self.scopes(ask.wants_writing, ask.granted), &[])
    }

    async fn exchange(&self, ask: &CodeAsk<'_>, now: Instant) -> Result<Granted, CallError> {
        let issued = self.oauth_client().exchange(ask, now).await?.issued;
        let account = self.account(&issued.access).await?;
        Ok(Granted { issued, account })
    }

    fn missing(&self, scopes: &str, wants_writing: bool) -> Option<Feature> {
        let has = |scope: &str| words(scopes).any(|granted| granted == scope);
        if !has("APPS_READ") {
            return Some(Feature::BusyTimes);
        }
        (wants_writing && !self.can_write(scopes)).then_some(Feature::Writing)
    }

    fn can_write(&self, scopes: &str) -> bool {
        WRITING.iter().all(|needed| words(scopes).any(|scope| scope == *needed))
    }
}
