use std::fmt;

use reqwest::{
    Method,
    header::{HeaderValue, IF_MATCH, IF_NONE_MATCH},
};

use super::CaldavError;
use crate::integrations::safe_fetch::{Address, Depth, Fetch, FetchError, Login, Reply, Request};

const XML: &str = "application/xml; charset=utf-8";

const ICALENDAR: &str = "text/calendar; charset=utf-8";

/// What must be there for a change to be made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Condition<'a> {
    /// Nothing.
    Nothing,
    /// This state.
    State(&'a str),
    /// Whatever: for servers without marks that can be compared. `If-Match: *` is not used, some servers read it the other way round.
    Whatever,
}

impl<'a> Condition<'a> {
    /// The state `etag`, if it is known.
    pub(super) fn of(etag: Option<&'a str>) -> Self {
        etag.map_or(Self::Whatever, Self::State)
    }

    fn on(self, request: Request<'_>) -> Request<'_> {
        match self {
            Self::Nothing => request.header(IF_NONE_MATCH, HeaderValue::from_static("*")),
            // It came as a header's value.
            Self::State(etag) => match HeaderValue::from_str(etag) {
                Ok(etag) => request.header(IF_MATCH, etag),
                Err(_) => request,
            },
            Self::Whatever => request,
        }
    }
}

/// An account's way to its server.
#[derive(Clone)]
pub struct Caldav {
    pub(super) fetch: Fetch,
    pub(super) login: Login,
}

impl Caldav {
    /// Requests go through `fetch` and sign in with `login`.
    pub const fn new(fetch: Fetch, login: Login) -> Self {
        Self { fetch, login }
    }

    /// Asks for properties.
    pub(super) async fn propfind(&self, address: &Address, depth: Depth, body: &str) -> Result<Reply, CaldavError> {
        Ok(self.ask("PROPFIND", address, depth, body).await?)
    }

    /// Asks for a report.
    pub(super) async fn report(&self, address: &Address, depth: Depth, body: &str) -> Result<Reply, CaldavError> {
        Ok(self.ask("REPORT", address, depth, body).await?)
    }

    /// As [`Caldav::propfind`], at the address itself, with the failure as it was: a redirect to another host may be followed.
    pub(super) async fn try_propfind(&self, address: &Address, body: &str) -> Result<Reply, FetchError> {
        self.ask("PROPFIND", address, Depth::Zero, body).await
    }

    /// Gets what is at the address.
    pub(super) async fn get(&self, address: &Address) -> Result<Reply, CaldavError> {
        Ok(self.fetch.send(&Request::get(address).login(&self.login)).await?)
    }

    /// Puts iCalendar text at the address.
    pub(super) async fn put(&self, address: &Address, condition: Condition<'_>, text: &str) -> Result<Reply, CaldavError> {
        let request = Request::new(Method::PUT, address).login(&self.login).body(ICALENDAR, text.to_owned());
        Ok(self.fetch.send(&condition.on(request)).await?)
    }

    /// Deletes what is at the address.
    pub(super) async fn delete(&self, address: &Address, condition: Condition<'_>) -> Result<Reply, CaldavError> {
        Ok(self.fetch.send(&condition.on(Request::new(Method::DELETE, address).login(&self.login))).await?)
    }

    async fn ask(&self, method: &str, address: &Address, depth: Depth, body: &str) -> Result<Reply, FetchError> {
        // Both methods are made of letters; GET would be refused by the server.
        let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        let body = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{body}");
        self.fetch.send(&Request::new(method, address).login(&self.login).depth(depth).body(XML, body)).await
    }

    /// What a reference found at `base` means. The host must be `base`'s own or one of the same registrable domain.
    pub(super) fn follow(&self, base: &Address, reference: &str) -> Result<Address, CaldavError> {
        let address = self.fetch.join(base, reference)?;
        if same_owner(base.host(), address.host()) { Ok(address) } else { Err(CaldavError::OtherHost(address.host().to_owned())) }
    }
}

impl fmt::Debug for Caldav {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caldav(..)")
    }
}

/// The answer, if it is a multistatus.
pub(super) fn multistatus(reply: Reply) -> Result<Reply, CaldavError> {
    if reply.status == 207 { Ok(reply) } else { Err(CaldavError::of(&reply)) }
}

/// Text as it may stand in XML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether a password for one host may go to the other: the same host, or names below one registered name, as a provider's
/// hosts are (iCloud sends accounts from `caldav` to `p42-caldav.icloud.com`).
fn same_owner(one: &str, other: &str) -> bool {
    let registered = |host: &str| psl::domain_str(host).map(str::to_ascii_lowercase);
    let is_number = |host: &str| host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    one.eq_ignore_ascii_case(other)
        || (!is_number(one) && !is_number(other) && registered(one).is_some_and(|name| registered(other) == Some(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stay_with_their_owner() {
        for (one, other) in [
            ("caldav.icloud.com", "p42-caldav.icloud.com"),
            ("example.co.uk", "dav.example.co.uk"),
            ("10.0.0.1", "10.0.0.1"),
            ("nas", "NAS"),
        ] {
            assert!(same_owner(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("example.com", "example.org"),
            ("one.co.uk", "two.co.uk"),
            ("maya.github.io", "eve.github.io"),
            ("10.0.0.1", "11.0.0.1"),
            ("10.0.0.1", "evil.0.0.1"),
            ("nas", "nas.example.org"),
            ("icloud.com.evil.example", "icloud.com"),
        ] {
            assert!(!same_owner(one, other), "{one} {other}");
        }
    }
}
