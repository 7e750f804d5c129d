//! Event types, schedules and bookings, as far as writing bookings needs them. Harsher than the description where that leaves things
//! open: a moved booking does not keep its metadata, a schedule's day ends at midnight, unknown body fields are refused.

mod effect;
mod event_types;
mod list;
mod one;
mod schedules;
pub(crate) mod state;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde_json::Value;

use super::answer::Failure;
use super::auth::{Needs, caller};
use crate::core::state::{App, World};
pub(super) use one::{call_off, move_to};

/// The routes below `/v2`.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/schedules", get(schedules::list).post(schedules::create))
        .route("/event-types", get(event_types::list).post(event_types::create))
        .route("/bookings", get(list::list).post(one::create))
        .route("/bookings/{uid}", get(one::show))
        .route("/bookings/{uid}/cancel", post(one::cancel))
        .route("/bookings/{uid}/reschedule", post(one::reschedule))
}

/// Refuses unless the header names `version`: another one leads to another controller, which is not here.
fn version(headers: &HeaderMap, version: &str) -> Result<(), Failure> {
    let named = headers.get("cal-api-version").and_then(|value| value.to_str().ok());
    if named == Some(version) { Ok(()) } else { Err(Failure::missing(format!("Cannot find the route in version {named:?}"))) }
}

/// The user who calls, with `scope`.
fn owner(world: &mut World, headers: &HeaderMap, scope: &'static str, now: Timestamp) -> Result<i64, Failure> {
    caller(world, headers, Needs { scope: Some(scope), bearer_only: false }, now).map(|caller| caller.user)
}

/// For routes that anyone may use who knows a uid: no credential will do, a wrong one will not.
fn anyone(world: &mut World, headers: &HeaderMap, now: Timestamp) -> Result<(), Failure> {
    let shown = ["authorization", "x-cal-client-id", "x-cal-secret-key"].iter().any(|name| headers.contains_key(*name));
    if shown { caller(world, headers, Needs::default(), now).map(drop) } else { Ok(()) }
}

/// Refuses names that are not `known`.
fn only(body: &Value, known: &[&str]) -> Result<(), Failure> {
    let unknown = body.as_object().and_then(|object| object.keys().find(|name| !known.contains(&name.as_str())));
    unknown.map_or(Ok(()), |name| Err(Failure::invalid(name, "whitelistValidation", "should not exist", body)))
}

/// A text of the body.
fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Failure> {
    let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| Failure::invalid(name, "isString", "must be a string", body))
}

/// An instant of the body or of a query: UTC, without an offset.
fn instant(target: &Value, name: &str) -> Result<Timestamp, Failure> {
    let at = text(target, name)?;
    let parsed = at.ends_with('Z').then(|| at.parse().ok()).flatten();
    parsed.ok_or_else(|| Failure::invalid(name, "isDateString", "must be a valid ISO 8601 date string in UTC", target))
}
