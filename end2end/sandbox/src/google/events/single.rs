//! `events.get` and `events.delete`.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::super::call::{Caller, Parameters};
use super::super::error::{Answer, Error};
use super::shown::Manner;
use super::{matches, readable, writable};
use crate::core::calendar::{Calendar, Event, Occurrence};
use crate::core::clock::plus;
use crate::core::state::App;

/// The values of `sendUpdates`.
pub(super) const SEND_UPDATES: &[&str] = &["all", "externalOnly", "none"];

/// The time of a series that `id` names, when it names one.
fn instance<'a>(calendar: &Calendar, event: &'a Event, id: &str, now: Timestamp) -> Option<Occurrence<'a>> {
    calendar.expand(event, plus(now, 10 * 366 * 86_400)).into_iter().find(|one| one.instance.as_deref() == Some(id))
}

/// The event `id`, or the series that `id` names a time of.
fn find<'a>(calendar: &'a Calendar, id: &str) -> Option<&'a Event> {
    calendar.events.get(id).or_else(|| calendar.events.get(id.rsplit_once('_')?.0).filter(|event| event.rule.is_some()))
}

/// Gives one event. A deleted one is still there, as cancelled.
pub(in super::super) async fn get(
    State(app): State<App>,
    Path((calendar, id)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    let now = app.clock.now();
    let world = app.world();
    let caller = Caller::of(&world, &headers, now)?;
    let parameters = Parameters::parse(query.as_deref(), &["alwaysIncludeEmail", "maxAttendees", "timeZone"], &[])?;
    let (calendar, view) = readable(&caller, caller.account(&world)?.calendar(&calendar))?;
    let event = find(calendar, &id).ok_or_else(Error::not_found)?;
    let manner = Manner { calendar, view, zone: parameters.get("timeZone"), now };
    if event.id == id {
        return Ok(Json(manner.whole(event)));
    }
    let one = instance(calendar, event, &id, now).ok_or_else(Error::not_found)?;
    Ok(Json(manner.one(&one)))
}

/// Deletes an event, or one time of a series. The second time it is gone.
pub(in super::super) async fn delete(
    State(app): State<App>,
    Path((calendar, id)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Error> {
    let now = app.clock.now();
    let mut world = app.world();
    let caller = Caller::of(&world, &headers, now)?;
    let parameters = Parameters::parse(query.as_deref(), &["sendNotifications", "sendUpdates"], &[])?;
    parameters.choice("sendUpdates", SEND_UPDATES)?;
    let calendar = writable(&caller, caller.account_mut(&mut world)?.calendar_mut(&calendar))?;
    let mut event = find(calendar, &id).cloned().ok_or_else(Error::not_found)?;
    if !event.stands() {
        return Err(Error::new(StatusCode::GONE, "deleted", "Resource has been deleted"));
    }
    matches(&headers, &event)?;
    if event.id == id {
        event.removed = true;
    } else {
        let begin = instance(calendar, &event, &id, now).map(|one| one.span.0);
        let begin = begin.ok_or_else(|| Error::new(StatusCode::GONE, "deleted", "Resource has been deleted"))?;
        event.except.insert(begin);
    }
    calendar.put(event, now);
    Ok(StatusCode::NO_CONTENT)
}
