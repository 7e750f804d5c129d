//! What a provider's answer means, as types: tokens, health and sync decide by these alone, never by a provider's text.

use std::time::Duration;

use super::safe_fetch::FetchError;

/// Why a call to a provider gave nothing. Carries no text of the provider: it may echo what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The access token has expired (Cal.com's 498).
    #[error("the access token has expired")]
    TokenExpired,
    /// The access token is not accepted (a 401 that means the token).
    #[error("the access token was not accepted")]
    TokenRejected,
    /// A 401 that is not about the token: something asked for is not this account's ("These credentials do not
    /// belong to you"). The integration's calendars are to be read again.
    #[error("what was asked for does not belong to this account")]
    NotOurs,
    /// The provider has lost the calendar behind this account (Cal.com: "calendar not connected").
    #[error("the calendar is not connected at the provider any more")]
    CalendarNotConnected,
    /// The user name or password is wrong (CalDAV).
    #[error("the user name or password is wrong")]
    WrongPassword,
    /// The person did not allow what is needed, or took it back.
    #[error("permission is missing")]
    MissingScope,
    /// There is nothing at the address any more, or something that is no calendar.
    #[error("nothing is there")]
    Gone,
    /// The address may not be fetched from here (a private network, another host).
    #[error("the address may not be fetched")]
    AddressRefused,
    /// Too many requests; to be tried again after so long, if the provider says.
    #[error("too many requests")]
    RateLimited(Option<Duration>),
    /// The provider failed (5xx), with the status.
    #[error("the provider answered {0}")]
    ProviderDown(u16),
    /// No connection, or it broke.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the provider took too long")]
    TimedOut,
    /// An answer that cannot be read: cut short, malformed, not what is documented.
    #[error("the answer cannot be read: {0}")]
    BadAnswer(&'static str),
    /// The provider refuses the request as such: our fault or the operator's configuration, with the status.
    #[error("the provider refused the request with {0}")]
    Refused(u16),
}

impl CallError {
    /// Whether a new access token may mend it.
    pub const fn is_about_the_token(&self) -> bool {
        matches!(self, Self::TokenExpired | Self::TokenRejected)
    }
}

impl From<FetchError> for CallError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Refused(_) | FetchError::CrossHostRedirect(_) | FetchError::TooManyRedirects => Self::AddressRefused,
            FetchError::Unreachable | FetchError::Tls => Self::Unreachable,
            FetchError::Timeout => Self::TimedOut,
            FetchError::TooLarge => Self::BadAnswer("too long"),
            FetchError::CutShort => Self::BadAnswer("cut short"),
        }
    }
}

/// Why a refresh gave no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// The refresh token is not accepted: used, revoked or expired (`invalid_grant`, RFC 6749 5.2; Cal.com's 400 and 404).
    #[error("the refresh token is not accepted")]
    InvalidGrant,
    /// The site's own client id or secret is not accepted: the operator's to mend, not the coach's.
    #[error("this site's client credentials are not accepted")]
    ClientRejected,
    /// Anything that may pass by itself.
    #[error(transparent)]
    Passing(CallError),
}

/// Why there is no usable credential, or a call with it failed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Only the coach can mend it, by connecting again.
    #[error("the coach has to connect again")]
    NeedsReconnect,
    /// The coach disconnected it.
    #[error("disconnected")]
    Disconnected,
    /// The site's own client credentials are not accepted.
    #[error("this site's client credentials are not accepted")]
    ClientRejected,
    /// The provider could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What is stored cannot be opened with the keys of this site.
    #[error("stored credentials cannot be opened with this site's key")]
    Sealed,
    /// See [`crate::error::Internal`].
    #[error(transparent)]
    Internal(#[from] crate::error::Internal),
}

impl From<RefreshError> for TokenError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::InvalidGrant => Self::NeedsReconnect,
            RefreshError::ClientRejected => Self::ClientRejected,
            RefreshError::Passing(error) => Self::Call(error),
        }
    }
}

impl From<crate::store::StoreError> for TokenError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Internal(error.into())
    }
}
