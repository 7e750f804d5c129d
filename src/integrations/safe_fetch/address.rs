use std::fmt;

use url::{Host, Url};

use super::{Refused, Rules};

/// Longer ones are no feed's.
const LONGEST: usize = 4096;

/// An address that may be asked for. Feeds' addresses are secrets: `Debug` and `Display` show the host alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(Url);

impl Address {
    /// Reads what a person typed: spaces around it are dropped, `webcal` and `webcals` mean `https`, and so does no scheme at all.
    /// Whether the host's network may be entered shows when it is fetched.
    pub fn parse(text: &str, rules: &Rules) -> Result<Self, Refused> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return Err(Refused::NotAnAddress);
        }
        let text = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("webcal") || scheme.eq_ignore_ascii_case("webcals") => {
                format!("https://{rest}")
            }
            Some(_) => text.to_owned(),
            None if text.contains('.') && !text.contains([' ', '@']) => format!("https://{text}"),
            None => return Err(Refused::NotAnAddress),
        };
        Self::of(Url::parse(&text).map_err(|_| Refused::NotAnAddress)?, rules)
    }

    /// A URL by the rules.
    pub(super) fn of(mut url: Url, rules: &Rules) -> Result<Self, Refused> {
        if !(url.scheme() == "https" || url.scheme() == "http" && rules.allow_http) {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(Refused::NotAnAddress);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// What `reference` means on this page, by the rules: an absolute address or a path.
    pub fn join(&self, reference: &str, rules: &Rules) -> Result<Self, Refused> {
        Self::of(self.0.join(reference.trim()).map_err(|_| Refused::NotAnAddress)?, rules)
    }

    /// The host, as in the address: a name, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or("")
    }

    /// The path, percent-encoded as in the address.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The whole address, secret or not.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme, host and port are the same: credentials for one are for the other.
    pub fn same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// Whether credentials for this address may go to `other`: the same origin, or the same host with encryption added.
    pub(super) fn shares_login_with(&self, other: &Self) -> bool {
        let upgraded = self.0.scheme() == "http" && other.0.scheme() == "https" && self.0.port().is_none() && other.0.port().is_none();
        self.same_origin(other) || upgraded && self.host() == other.host()
    }

    /// The port is not one of the web's.
    pub(super) fn odd_port(&self) -> bool {
        !matches!(self.0.port_or_known_default(), Some(80 | 443))
    }

    pub(super) const fn url(&self) -> &Url {
        &self.0
    }

    /// The address that the host is, where it is not a name.
    pub(super) fn literal(&self) -> Option<std::net::IpAddr> {
        match self.0.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/...", self.0.scheme(), self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, Refused> {
        Address::parse(text, &Rules::default()).map(|address| address.reveal().to_owned())
    }

    #[test]
    fn what_people_type() {
        let fine = |text| parsed(text).unwrap();
        assert_eq!(fine(" webcal://Example.org/cal.ics#top "), "https://example.org/cal.ics");
        assert_eq!(fine("WEBCALS://example.org/a?b=c"), "https://example.org/a?b=c");
        assert_eq!(fine("dav.example.org"), "https://dav.example.org/");
        assert_eq!(parsed("http://example.org/"), Err(Refused::Scheme));
        assert!(Address::parse("http://example.org/", &Rules { allow_http: true, ..Rules::default() }).is_ok());
        for other in ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/"] {
            assert_eq!(parsed(other), Err(Refused::Scheme), "{other}");
        }
        assert_eq!(parsed("https://user:word@example.org/"), Err(Refused::Credentials));
        assert_eq!(parsed("https://user@example.org/"), Err(Refused::Credentials));
        for nothing in ["", "calendar", "https://", "me@example.org", "https://exa mple.org", "javascript:alert(1)", "https://[::1"] {
            assert!(parsed(nothing).is_err(), "{nothing}");
        }
    }

    #[test]
    fn where_a_login_may_go() {
        let rules = Rules { allow_http: true, ..Rules::default() };
        let shares = |one, other| Address::parse(one, &rules).unwrap().shares_login_with(&Address::parse(other, &rules).unwrap());
        assert!(shares("https://a.example/x", "https://a.example:443/y"));
        assert!(shares("http://a.example/", "https://a.example/"));
        for (one, other) in [
            ("https://a.example/", "http://a.example/"),
            ("https://a.example/", "https://a.example:8443/"),
            ("http://a.example:8080/", "https://a.example/"),
            ("http://a.example/", "https://b.example/"),
        ] {
            assert!(!shares(one, other), "{one} {other}");
        }
    }

    #[test]
    fn only_the_host_is_shown() {
        let address = Address::parse("https://example.org/private-9f8e7d/basic.ics?token=s3cret", &Rules::default()).unwrap();
        assert_eq!((format!("{address}"), format!("{address:?}")), ("example.org".to_owned(), "https://example.org/...".to_owned()));
    }
}
