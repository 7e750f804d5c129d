use super::{
    Integrations, ProviderKind,
    attach::Attached,
    connect_typed::ConnectError,
    ical::IcalError,
    providers::{
        Account,
        ics_feed::{self, FeedError},
    },
    safe_fetch::Validators,
    tokens::{Clear, NewCredential},
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{FieldErrors, IntegrationId},
    time::hash_secret,
};

/// Most characters of the name that a coach gives a feed.
const LONGEST_NAME: usize = 80;

/// A feed as a coach types it.
#[derive(Clone)]
pub struct FeedDraft {
    /// Its address: a secret.
    pub url: String,
    /// What the coach calls it; empty for what it calls itself.
    pub name: String,
}

impl std::fmt::Debug for FeedDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FeedDraft(…)")
    }
}

impl Integrations {
    /// Connects a feed: looks whether there is a calendar at the address.
    ///
    /// # Errors
    /// `Invalid` names `url` or `name`; `Provider` when it may be worth trying again.
    pub async fn connect_feed(&self, coach: &CoachActor, draft: FeedDraft) -> Result<IntegrationId, ConnectError> {
        let fetch = self.providers.fetch().ok_or(ConnectError::NotOffered)?;
        let mut errors = FieldErrors::new();
        let address = self.typed(fetch, &draft.url, &mut errors);
        let name = draft.name.trim();
        if name.chars().count() > LONGEST_NAME {
            errors.add("name", "At most 80 characters.");
        }
        let Some(address) = errors.or(address)? else { return Err(Internal::new("an address without a fault").into()) };
        let fetched = ics_feed::fetch(fetch, &address, &Validators::default()).await.map_err(|error| self.feed_error(error))?;
        let own = match fetched {
            ics_feed::Fetched::Feed(feed) => feed.name.map(|name| name.chars().take(LONGEST_NAME).collect()),
            ics_feed::Fetched::NotModified => None,
        };
        let label = if name.is_empty() { own.unwrap_or_else(|| address.host().to_owned()) } else { name.to_owned() };
        // The address is the secret: its hash tells whether it is the same one.
        let account = Account { key: hash_secret(address.reveal()), label };
        let provisional = self.provisional(coach.id(), ProviderKind::IcsFeed, &account, "");
        let secret = Clear::new(address.reveal());
        let attached = Attached {
            kind: ProviderKind::IcsFeed,
            account: &account,
            endpoint: "",
            scopes: "",
            can_write: false,
            managed_user_id: None,
            credential: NewCredential::Secret(&secret),
            calendars: &[ics_feed::listed(&provisional)],
        };
        Ok(self.attach(coach.id(), attached).await?)
    }

    fn feed_error(&self, error: ics_feed::FeedError) -> ConnectError {
        let says = match error {
            FeedError::Fetch(error) => return self.fetch_error(error),
            FeedError::Gone => "There is nothing at this address.",
            FeedError::NotPublished => "The address asks for a login. Use the secret address, which needs none.",
            FeedError::Calendar(IcalError::NotACalendar) => "What is at this address is not a calendar.",
            FeedError::Calendar(IcalError::TooLarge) => "The calendar is too large.",
            error => return ConnectError::Provider(ics_feed::call_error(error)),
        };
        FieldErrors::one("url", says).into()
    }
}
