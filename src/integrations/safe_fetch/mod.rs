//! Fetches addresses that people type in, so that this server cannot be used to look into the network it stands in.
//!
//! - [`Address`] is an address by the rules: `https`, no credentials in it, the usual ports. It never shows more than its host.
//! - Every connection goes to an address of the network that was looked at before: names are resolved once, inside the client, and
//!   one forbidden answer refuses them all. There is no second lookup that could answer otherwise.
//! - Redirects stay on their host and are checked like the first request; one to another host is an error that names it.
//! - Answers are bounded in time and size, after decompression.

mod address;
mod fetch;
mod guard;
mod network;
mod request;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use address::Address;
pub use fetch::{Fetch, FetchError, Limits, Reply};
pub use guard::{Resolve, SystemResolver};
pub use request::{Depth, Login, Request, Validators};

use crate::config::{Networks, ProvidersConfig};

/// What the operator allows.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Addresses may be `http`.
    pub allow_http: bool,
    /// Networks that may be fetched from though they are not public, on any port.
    pub networks: Networks,
}

impl Rules {
    /// As the operator configured them.
    pub fn of_config(config: &ProvidersConfig) -> Self {
        Self { allow_http: config.allow_http, networks: config.calendar_networks.clone() }
    }
}

/// Why an address is not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no address.
    #[error("this is not a web address")]
    NotAnAddress,
    /// It is neither `https` nor `webcal`, or `http` without the operator's leave.
    #[error("the address must begin with https://")]
    Scheme,
    /// A user name or password stands in it.
    #[error("the address must not contain a user name or password")]
    Credentials,
    /// A port that is not for the web, at a host outside the operator's networks.
    #[error("the address must not name an unusual port")]
    Port,
    /// The host is, or one of its addresses is, in a network that is not public.
    #[error("the address leads into a private network")]
    PrivateNetwork,
}
