//! Users that this site's own client makes at a provider, one for each coach who connects a calendar through it.

use async_trait::async_trait;

use super::{CallError, Clear, Issued, RefreshError};
use crate::model::UserId;

/// Which provider's calendar is connected through a managed user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Google Calendar.
    Google,
    /// Office 365 and Outlook.com.
    Office365,
}

impl Behind {
    /// As it appears in addresses and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Office365 => "office365",
        }
    }

    /// The one called `word`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Google, Self::Office365].into_iter().find(|behind| behind.as_str() == word)
    }

    /// See [`super::RemoteCalendar::external_kind`].
    pub const fn external_kind(self) -> &'static str {
        match self {
            Self::Google => "google_calendar",
            Self::Office365 => "office365_calendar",
        }
    }
}

/// Whom to make a managed user for.
#[derive(Debug)]
pub struct ManagedAsk<'a> {
    /// The coach, by our id: noted there, so that nobody else's is taken for it.
    pub coach: UserId,
    /// The coach's address.
    pub email: &'a str,
    /// The coach's name.
    pub name: &'a str,
    /// The coach's IANA zone.
    pub time_zone: &'a str,
}

/// A managed user with new tokens.
#[derive(Debug)]
pub struct ManagedUser {
    /// The provider's number of it.
    pub id: i64,
    /// Its tokens.
    pub issued: Issued,
}

/// What a provider with managed users can do beyond calendars.
#[async_trait]
pub trait ManagedUsers: Send + Sync {
    /// Makes a managed user, or gives new tokens for the one that was made for this coach before.
    ///
    /// # Errors
    /// See [`RefreshError`]; `Passing(NotOurs)` when the address has a user who was made for another coach.
    async fn create(&self, ask: &ManagedAsk<'_>) -> Result<ManagedUser, RefreshError>;

    /// The consent page of the provider behind; `redir` is where the browser ends up, whatever the coach answers. A
    /// credential: the token travels in it.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn connect_url(&self, token: &Clear, behind: Behind, redir: &str) -> Result<Clear, CallError>;

    /// Whether the first calendar account of that kind works.
    ///
    /// # Errors
    /// `CalendarNotConnected` when there is none that works; see [`CallError`].
    async fn check(&self, token: &Clear, behind: Behind) -> Result<(), CallError>;

    /// Hands the provider's answer on, if a browser brought it here and not there.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn save(&self, behind: Behind, state: &str, code: &str) -> Result<(), CallError>;

    /// Has bookings written to a calendar.
    ///
    /// # Errors
    /// See [`CallError`]; `Gone` when there is no such calendar or it cannot be written.
    async fn set_destination(&self, token: &Clear, external_kind: &str, external_id: &str) -> Result<(), CallError>;
}
