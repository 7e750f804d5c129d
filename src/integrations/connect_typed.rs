//! What connecting an address shares that a coach types.

use super::{
    Integrations,
    outcome::CallError,
    safe_fetch::{Address, Fetch, FetchError, Refused},
};
use crate::{error::Internal, model::FieldErrors};

/// Why it was not connected. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What was typed cannot stand: `url`, `username`, `password`, `name`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// This site does not reach addresses that coaches type.
    #[error("not set up on this site")]
    NotOffered,
    /// The server fails, in a way that may pass.
    #[error(transparent)]
    Provider(CallError),
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Integrations {
    /// The address in the field `url`.
    pub(super) fn typed(&self, fetch: &Fetch, url: &str, errors: &mut FieldErrors) -> Option<Address> {
        match fetch.address(url) {
            Ok(address) => Some(address),
            Err(refused) => {
                errors.add("url", self.refusal(refused));
                None
            }
        }
    }

    /// What is wrong with an address, for who typed it.
    fn refusal(&self, refused: Refused) -> &'static str {
        match refused {
            Refused::NotAnAddress => "This is not a web address. It looks like https://calendar.example.org/…",
            Refused::Scheme if self.config.allow_http => "The address has to begin with https:// or http://.",
            Refused::Scheme => "The address has to begin with https://.",
            Refused::Credentials => "Leave user name and password out of the address.",
            Refused::Port => "The address names a port that this site does not reach.",
            Refused::PrivateNetwork => "The address leads into a private network, which this site does not reach.",
        }
    }

    /// What kept us from an address: a word for who typed it, or something that may pass.
    pub(super) fn fetch_error(&self, error: FetchError) -> ConnectError {
        let says = match error {
            FetchError::Refused(refused) => self.refusal(refused).to_owned(),
            FetchError::Unreachable => "There is no server at this address, or it cannot be reached.".to_owned(),
            FetchError::Tls => "The server's certificate is not valid.".to_owned(),
            FetchError::CrossHostRedirect(to) => format!("The address leads on to {}. If that is right, enter that one.", to.host()),
            FetchError::TooManyRedirects => "The address leads on and on.".to_owned(),
            error => return ConnectError::Provider(error.into()),
        };
        FieldErrors::one("url", says).into()
    }
}
