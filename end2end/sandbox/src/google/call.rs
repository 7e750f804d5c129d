//! What every API call goes through: the token, the scopes, the parameters.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::Error;
use super::scopes;
use crate::core::gate::bearer;
use crate::core::oauth::Scopes;
use crate::core::people::Account;
use crate::core::provider::Provider;
use crate::core::state::World;
use crate::core::tokens::fingerprint;

/// Parameters that every method takes.
const COMMON: &[&str] = &["alt", "prettyPrint", "quotaUser", "key"];

/// Who calls.
#[derive(Debug)]
pub(super) struct Caller {
    /// The account's id.
    pub(super) account: String,
    scopes: Scopes,
}

impl Caller {
    /// The account whose token the request carries.
    pub(super) fn of(world: &World, headers: &HeaderMap, now: Timestamp) -> Result<Self, Error> {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Err(Error::login_required());
        }
        let token = bearer(headers).ok_or_else(Error::credentials)?;
        let (grant, access) = world.oauth.bearer(token, Provider::Google, now).map_err(|_| Error::credentials())?;
        Ok(Self { account: grant.account.clone(), scopes: access.scopes.clone() })
    }

    /// Whether the token has one of `allowed`.
    pub(super) fn has(&self, allowed: &[&str]) -> bool {
        self.scopes.iter().any(|scope| allowed.contains(&scopes::short(scope)))
    }

    /// Refuses when the token has none of `allowed`.
    pub(super) fn need(&self, allowed: &[&str]) -> Result<(), Error> {
        if self.has(allowed) { Ok(()) } else { Err(Error::scope()) }
    }

    /// The account.
    pub(super) fn account<'a>(&self, world: &'a World) -> Result<&'a Account, Error> {
        world.account(Provider::Google, &self.account).ok_or_else(Error::credentials)
    }

    /// The account, to change it.
    pub(super) fn account_mut<'a>(&self, world: &'a mut World) -> Result<&'a mut Account, Error> {
        world.account_mut(Provider::Google, &self.account).ok_or_else(Error::credentials)
    }
}

/// The query parameters of a call, all of them known.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query; a name that is not in `known` is refused, as is one that stands twice and is not in `many`.
    pub(super) fn parse(query: Option<&str>, known: &[&str], many: &[&str]) -> Result<Self, Error> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.unwrap_or("").as_bytes()).into_owned().collect();
        for (index, (name, value)) in pairs.iter().enumerate() {
            if ![COMMON, known, many].iter().any(|names| names.contains(&name.as_str())) {
                return Err(Error::parameter(
                    name,
                    format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter."),
                ));
            }
            if !many.contains(&name.as_str()) && pairs[..index].iter().any(|(before, _)| before == name) {
                return Err(Error::parameter(name, format!("Parameter {name} given more than once.")));
            }
            if name == "alt" && value != "json" {
                return Err(Error::parameter(name, "The sandbox answers with JSON only."));
            }
        }
        Ok(Self(pairs))
    }

    /// The value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of `name`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `true` or `false`; `false` when it is not there.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Error::parameter(name, format!("Invalid boolean value: '{other}'."))),
        }
    }

    /// A whole number from `least` to `most`; larger ones count as `most`, as Google documents for page sizes.
    pub(super) fn number(&self, name: &str, least: usize, most: usize) -> Result<Option<usize>, Error> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match text.parse::<usize>() {
            Ok(number) if number >= least => Ok(Some(number.min(most))),
            _ => Err(Error::parameter(name, format!("Invalid integer value: '{text}'. Values must be at least {least}."))),
        }
    }

    /// An instant: RFC 3339 with an offset.
    pub(super) fn instant(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        self.get(name).map(|text| instant(text).ok_or_else(|| Error::parameter(name, format!("Bad Request: {name}={text}")))).transpose()
    }

    /// One of `values`.
    pub(super) fn choice<'a>(&'a self, name: &str, values: &[&str]) -> Result<Option<&'a str>, Error> {
        match self.get(name) {
            Some(value) if !values.contains(&value) => {
                Err(Error::parameter(name, format!("Invalid string value: '{value}'. Allowed values: {values:?}")))
            }
            value => Ok(value),
        }
    }

    /// What must not change from page to page: everything but the page token.
    pub(super) fn unchanging(&self) -> String {
        let mut pairs: Vec<&(String, String)> = self.0.iter().filter(|(name, _)| name != "pageToken").collect();
        pairs.sort();
        fingerprint(&format!("{pairs:?}"))
    }
}

/// The instant that `text` says in RFC 3339, with an offset.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    text.contains('T').then(|| text.parse().ok()).flatten()
}

/// A JSON object as a body, of which only `known` names are accepted.
pub(super) fn body(headers: &HeaderMap, bytes: &Bytes, known: &[&str]) -> Result<Map<String, Value>, Error> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        return Err(Error::bad("parseError", "This API does not support parsing the content type of the body."));
    }
    let object: Map<String, Value> = serde_json::from_slice(bytes).map_err(|_| Error::bad("parseError", "Parse Error"))?;
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Error::bad("badRequest", format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."))),
        None => Ok(object),
    }
}
