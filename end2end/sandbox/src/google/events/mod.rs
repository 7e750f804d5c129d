//! `events`: list, get, insert, patch, update, delete.

mod conference;
mod fields;
pub(super) mod list;
mod shown;
pub(super) mod single;
pub(super) mod write;

use axum::http::{HeaderMap, StatusCode, header};

use super::call::Caller;
use super::error::Error;
use super::scopes::{READ_ALL, READ_OWNED, READ_TIMES, WRITE_ALL, WRITE_OWNED};
use crate::core::calendar::{Calendar, Event, Role};

/// How much of events is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// Everything.
    Full,
    /// When they are, not what they are.
    Times,
}

/// What of `calendar` the caller may see; `None` stands for a calendar that is not there.
fn readable<'a>(caller: &Caller, calendar: Option<&'a Calendar>) -> Result<(&'a Calendar, View), Error> {
    if ![READ_ALL, READ_OWNED, READ_TIMES].iter().any(|allowed| caller.has(allowed)) {
        return Err(Error::scope());
    }
    let calendar = calendar.ok_or_else(Error::not_found)?;
    let full = caller.has(READ_ALL) || (caller.has(READ_OWNED) && calendar.role == Role::Owner);
    match (full, calendar.role) {
        (true, Role::FreeBusyReader) => Ok((calendar, View::Times)),
        (true, _) => Ok((calendar, View::Full)),
        (false, _) if caller.has(READ_TIMES) => Ok((calendar, View::Times)),
        (false, _) => Err(Error::scope()),
    }
}

/// Refuses unless the caller may change events of `calendar`.
fn writable<'a>(caller: &Caller, calendar: Option<&'a mut Calendar>) -> Result<&'a mut Calendar, Error> {
    if !caller.has(WRITE_ALL) && !caller.has(WRITE_OWNED) {
        return Err(Error::scope());
    }
    let calendar = calendar.ok_or_else(Error::not_found)?;
    if calendar.role < Role::Writer {
        return Err(Error::new(StatusCode::FORBIDDEN, "requiredAccessLevel", "You need to have writer access to this calendar."));
    }
    if !caller.has(WRITE_ALL) && calendar.role != Role::Owner {
        return Err(Error::scope());
    }
    Ok(calendar)
}

/// The entity tag of an event.
fn etag(event: &Event) -> String {
    format!("\"{}\"", event.revision)
}

/// Refuses when `If-Match` names another state of the event.
fn matches(headers: &HeaderMap, event: &Event) -> Result<(), Error> {
    let Some(wanted) = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    if wanted == "*" || wanted.split(',').any(|tag| tag.trim() == etag(event)) {
        return Ok(());
    }
    Err(Error::new(StatusCode::PRECONDITION_FAILED, "conditionNotMet", "Precondition Failed"))
}
