use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH},
};

use super::Address;

/// A user name and a password. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The password, best one made for this application alone.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// What an answer said about its version, for asking whether there is a newer one (RFC 9110, 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, as it was.
    pub etag: Option<String>,
    /// `Last-Modified`, as it was.
    pub last_modified: Option<String>,
}

/// How deep a `WebDAV` request goes (RFC 4918, 10.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What stands at the address.
    Zero,
    /// And what is in it.
    One,
}

/// A request to an address that a person typed.
#[derive(Debug)]
pub struct Request<'a> {
    pub(super) method: Method,
    pub(super) address: &'a Address,
    pub(super) headers: HeaderMap,
    pub(super) authorization: Option<HeaderValue>,
    pub(super) body: Option<String>,
}

impl<'a> Request<'a> {
    /// `GET`.
    pub fn get(address: &'a Address) -> Self {
        Self::new(Method::GET, address)
    }

    /// Any method; `Method::from_bytes(b"PROPFIND")` makes those of `WebDAV`.
    pub fn new(method: Method, address: &'a Address) -> Self {
        Self { method, address, headers: HeaderMap::new(), authorization: None, body: None }
    }

    /// Signs in with Basic authentication (RFC 7617). It goes to the address's origin alone, or to the same host by `https`.
    pub fn login(mut self, login: &Login) -> Self {
        let encoded = BASE64_STANDARD.encode(format!("{}:{}", login.user, login.password));
        // Base64 is always a header's value.
        self.authorization = HeaderValue::from_str(&format!("Basic {encoded}")).ok().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        self
    }

    /// Asks only for what is newer.
    pub fn newer_than(self, validators: &Validators) -> Self {
        self.maybe(IF_NONE_MATCH, validators.etag.as_deref()).maybe(IF_MODIFIED_SINCE, validators.last_modified.as_deref())
    }

    /// How deep to go.
    pub fn depth(self, depth: Depth) -> Self {
        let value = match depth {
            Depth::Zero => "0",
            Depth::One => "1",
        };
        self.header(HeaderName::from_static("depth"), HeaderValue::from_static(value))
    }

    /// Sends a body.
    pub fn body(mut self, content_type: &'static str, body: String) -> Self {
        self.body = Some(body);
        self.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// Sets a header. Credentials go through [`Request::login`], which knows where they may go.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    fn maybe(self, name: HeaderName, value: Option<&str>) -> Self {
        match value.and_then(|value| HeaderValue::from_str(value).ok()) {
            Some(value) => self.header(name, value),
            None => self,
        }
    }
}
