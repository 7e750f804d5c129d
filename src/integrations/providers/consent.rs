//! Getting a coach's consent at a provider's own page (RFC 6749 4.1 with PKCE, RFC 7636).

use async_trait::async_trait;

use super::{CallError, Clear, Instant, Issued};

/// What a coach is asked on a provider's consent page.
#[derive(Debug)]
pub struct ConsentAsk<'a> {
    /// Where the coach comes back to, exactly as it is registered.
    pub redirect_uri: &'a str,
    /// What comes back with the coach.
    pub state: &'a str,
    /// The S256 challenge of the verifier.
    pub challenge: &'a str,
    /// Whether events are to be written.
    pub wants_writing: bool,
    /// What was granted before, separated by spaces; asked for again.
    pub granted: &'a str,
    /// The account that is to be connected again, as people call it.
    pub account: Option<&'a str>,
}

/// The code that a coach came back with, and what proves that it is ours.
#[derive(Debug)]
pub struct CodeAsk<'a> {
    /// The code.
    pub code: &'a Clear,
    /// The verifier behind the challenge.
    pub verifier: &'a Clear,
    /// As on the way there.
    pub redirect_uri: &'a str,
}

/// An account at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its identity, stable for life.
    pub key: String,
    /// What people call it: an e-mail address, a host.
    pub label: String,
}

/// What a code was exchanged for.
#[derive(Debug)]
pub struct Granted {
    /// The tokens.
    pub issued: Issued,
    /// Whose they are.
    pub account: Account,
}

/// What cannot work for lack of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Access that outlasts the hour.
    StayConnected,
    /// Listing the account's calendars.
    CalendarList,
    /// Reading when the calendars are busy.
    BusyTimes,
    /// Writing bookings into a calendar.
    Writing,
}

impl Feature {
    /// What cannot be done without the permission, as part of a sentence.
    pub const fn says(self) -> &'static str {
        match self {
            Self::StayConnected => "stay connected",
            Self::CalendarList => "see the list of your calendars",
            Self::BusyTimes => "see when you are busy",
            Self::Writing => "put bookings into your calendar",
        }
    }
}

/// A provider that is connected on its own consent page.
#[async_trait]
pub trait Consent: Send + Sync {
    /// The scopes to ask for: what is needed, and what was `granted` before.
    fn scopes(&self, wants_writing: bool, granted: &str) -> String;

    /// The address of the consent page.
    ///
    /// # Errors
    /// `Refused(0)` when the configured address is none.
    fn page(&self, ask: &ConsentAsk<'_>) -> Result<String, CallError>;

    /// Exchanges a code for tokens.
    ///
    /// # Errors
    /// See [`CallError`]; `Refused` when the provider does not take the code or this site's credentials.
    async fn exchange(&self, ask: &CodeAsk<'_>, now: Instant) -> Result<Granted, CallError>;

    /// What cannot work with these scopes.
    fn missing(&self, scopes: &str, wants_writing: bool) -> Option<Feature>;

    /// Whether these scopes allow writing events.
    fn can_write(&self, scopes: &str) -> bool;
}
