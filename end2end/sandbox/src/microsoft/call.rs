//! What every call to Graph goes through: the token, the scopes, the options.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::Error;
use super::zones::Named;
use crate::core::calendar::Calendar;
use crate::core::gate::bearer;
use crate::core::oauth::{Refused, Scopes};
use crate::core::people::Account;
use crate::core::provider::Provider;
use crate::core::state::World;

/// The scopes that show when events are.
pub(super) const READ: &[&str] = &["Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"];
/// The scope that changes events.
pub(super) const WRITE: &[&str] = &["Calendars.ReadWrite"];

/// Who calls.
#[derive(Debug)]
pub(super) struct Caller {
    account: String,
    scopes: Scopes,
}

impl Caller {
    /// The account whose token the request carries, when the token has one of `allowed`.
    pub(super) fn of(world: &World, headers: &HeaderMap, now: Timestamp, allowed: &[&str]) -> Result<Self, Error> {
        let token = bearer(headers).filter(|token| !token.is_empty()).ok_or_else(|| Error::token("Access token is empty."))?;
        let (grant, access) = world.oauth.bearer(token, Provider::Microsoft, now).map_err(|why| match why {
            Refused::Expired => Error::token("Lifetime validation failed, the token is expired."),
            Refused::Revoked => Error::token("Continuous access evaluation resulted in challenge with result: InteractionRequired."),
            _ => Error::token("IDX14100: JWT is not well formed."),
        })?;
        let caller = Self { account: grant.account.clone(), scopes: access.scopes.clone() };
        if allowed.iter().any(|scope| caller.scopes.contains(*scope)) { Ok(caller) } else { Err(Error::denied()) }
    }

    /// Whether bodies and other details are hidden from the caller.
    pub(super) fn basic_only(&self) -> bool {
        !["Calendars.Read", "Calendars.ReadWrite"].iter().any(|scope| self.scopes.contains(*scope))
    }

    /// The account.
    pub(super) fn account<'a>(&self, world: &'a World) -> Result<&'a Account, Error> {
        world.account(Provider::Microsoft, &self.account).ok_or_else(Error::not_found)
    }

    /// The account, to change it.
    pub(super) fn account_mut<'a>(&self, world: &'a mut World) -> Result<&'a mut Account, Error> {
        world.account_mut(Provider::Microsoft, &self.account).ok_or_else(Error::not_found)
    }
}

/// The calendar `id`; here `primary` is no name.
pub(super) fn calendar<'a>(account: &'a Account, id: &str) -> Result<&'a Calendar, Error> {
    account.calendars.iter().find(|calendar| calendar.id == id).ok_or_else(Error::not_found)
}

/// The options of a call, all of them known.
#[derive(Debug)]
pub(super) struct Options(Vec<(String, String)>);

impl Options {
    /// Reads a query; refuses options that are not among `known`, and repeated ones.
    pub(super) fn parse(query: Option<&str>, known: &[&str]) -> Result<Self, Error> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.unwrap_or("").as_bytes()).into_owned().collect();
        for (index, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(Error::bad(format!("The query parameter '{name}' is not supported here.")));
            }
            if pairs[..index].iter().any(|(before, _)| before == name) {
                return Err(Error::bad(format!("Query option '{name}' was specified more than once.")));
            }
        }
        Ok(Self(pairs))
    }

    /// The value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A whole number of at least `least`.
    pub(super) fn number(&self, name: &str, least: usize) -> Result<Option<usize>, Error> {
        let wrong = |text: &str| Error::bad(format!("Invalid value '{text}' for {name} query option found."));
        self.get(name).map(|text| text.parse().ok().filter(|number| *number >= least).ok_or_else(|| wrong(text))).transpose()
    }

    /// An instant; without an offset it is in UTC.
    pub(super) fn instant(&self, name: &str) -> Result<Timestamp, Error> {
        let text = self.get(name).ok_or_else(|| {
            Error::bad(format!(
                "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime: {name}."
            ))
        })?;
        let local = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
        let parsed = text.parse().ok().or_else(|| local().map(|zoned| zoned.timestamp()));
        parsed.ok_or_else(|| {
            Error::new(StatusCode::BAD_REQUEST, "ErrorInvalidParameter", format!("The value '{text}' of parameter '{name}' is invalid."))
        })
    }

    /// The query with `more` in place of what has the same names, for links to further pages.
    pub(super) fn but(&self, more: &[(&str, &str)]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !more.iter().any(|(new, _)| new == name));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept).extend_pairs(more);
        query.finish()
    }
}

/// The values of the `Prefer` headers.
fn preferences(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .filter_map(|one| one.trim().split_once('='))
        .map(|(name, value)| (name, value.trim_matches('"')))
}

/// The zone that `Prefer: outlook.timezone` asks for.
pub(super) fn preferred_zone(headers: &HeaderMap) -> Result<Option<Named>, Error> {
    let wanted = preferences(headers).find(|(name, _)| name.eq_ignore_ascii_case("outlook.timezone"));
    wanted.map(|(_, zone)| Named::find(zone).ok_or_else(|| Error::bad(format!("The time zone '{zone}' is not recognised.")))).transpose()
}

/// The page size that `Prefer: odata.maxpagesize` asks for.
pub(super) fn preferred_size(headers: &HeaderMap) -> Option<usize> {
    preferences(headers).find(|(name, _)| name.eq_ignore_ascii_case("odata.maxpagesize"))?.1.parse().ok().filter(|size| *size > 0)
}

/// A JSON object as a body.
pub(super) fn body(headers: &HeaderMap, bytes: &Bytes) -> Result<Map<String, Value>, Error> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "RequestBodyRead", "The content type of the body is not supported."));
    }
    serde_json::from_slice(bytes).map_err(|_| Error::new(StatusCode::BAD_REQUEST, "BadRequest", "Unable to read JSON request payload."))
}

/// Keeps of `shown` what `$select` names, and the id.
pub(super) fn select(shown: Value, names: Option<&str>, known: &[&str]) -> Result<Value, Error> {
    let (Some(names), Value::Object(shown)) = (names, &shown) else { return Ok(shown) };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Error::new(
            StatusCode::BAD_REQUEST,
            "RequestBroker--ParseUri",
            format!("Could not find a property named '{unknown}'."),
        ));
    }
    let kept = shown.iter().filter(|(name, _)| *name == "id" || name.starts_with('@') || names.contains(&name.as_str()));
    Ok(Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()))
}
