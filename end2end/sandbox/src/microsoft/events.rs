//! Events one by one: create, get, change, delete.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde_json::Value;

use super::calendars::{page, providers};
use super::call::{Caller, Options, READ, WRITE, body, calendar, preferred_zone, select};
use super::error::{Answer, Error};
use super::fields;
use super::shown::{FIELDS, Manner, etag};
use crate::core::calendar::{Calendar, Event, Occurrence, Role, When};
use crate::core::clock::plus;
use crate::core::people::Account;
use crate::core::state::App;
use crate::core::tokens;

/// Creates an event. A transaction id that was used before gives the event it made then; for an event that is another by now, or is
/// deleted, it is refused.
pub(super) async fn create(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    let now = app.clock.now();
    let mut world = app.world();
    let caller = Caller::of(&world, &headers, now, WRITE)?;
    Options::parse(query.as_deref(), &[])?;
    let zone = preferred_zone(&headers)?;
    let body = body(&headers, &bytes)?;
    let account = caller.account_mut(&mut world)?;
    let place = account.calendars.iter().position(|calendar| calendar.id == id).ok_or_else(Error::not_found)?;
    if account.calendars[place].role < Role::Writer {
        return Err(Error::denied());
    }
    if let Some(missing) = ["start", "end"].into_iter().find(|name| !body.contains_key(*name)) {
        return Err(Error::new(
            StatusCode::BAD_REQUEST,
            "ErrorPropertyValidationFailure",
            format!("At least one property failed validation: {missing}."),
        ));
    }
    let mut event = Event::new(format!("AAMkAG{}", tokens::id()), "", When::At(now), When::At(now), "UTC", now);
    fields::apply(&mut event, &body, providers(account, &account.calendars[place]))?;
    if let Some((calendar, before)) = body.get("transactionId").and_then(|id| made_before(account, id)) {
        let same = (&before.summary, before.start, before.end) == (&event.summary, event.start, event.end);
        if before.removed || !same {
            let words = "The TransactionId specified in the request has already been used to create a different event.";
            return Err(Error::new(StatusCode::CONFLICT, "ErrorDuplicateTransactionId", words));
        }
        return Ok((StatusCode::CREATED, Json(Manner { calendar, zone, basic: false }.whole(before))));
    }
    let calendar = &mut account.calendars[place];
    let event = calendar.put(event, now).clone();
    Ok((StatusCode::CREATED, Json(Manner { calendar, zone, basic: false }.whole(&event))))
}

fn made_before<'a>(account: &'a Account, transaction: &Value) -> Option<(&'a Calendar, &'a Event)> {
    let all = account.calendars.iter().flat_map(|calendar| calendar.events.values().map(move |event| (calendar, event)));
    all.into_iter().find(|(_, event)| event.details.get("transactionId") == Some(transaction))
}

/// Lists the events of a calendar, series as such; with a filter those with an extended property.
pub(super) async fn list(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now(), READ)?;
    let options = Options::parse(query.as_deref(), &["$filter", "$select", "$top", "$skip"])?;
    let wanted = options.get("$filter").map(|filter| property(filter).ok_or_else(|| Error::bad("Invalid filter clause."))).transpose()?;
    let calendar = calendar(caller.account(&world)?, &id)?;
    let manner = Manner { calendar, zone: preferred_zone(&headers)?, basic: caller.basic_only() };
    let fits = |event: &&Event| {
        let value = |name: &str| event.details.get(fields::PROPERTIES)?.get(name)?.as_str();
        !event.removed && wanted.is_none_or(|(name, wanted)| value(name) == Some(wanted))
    };
    let all: Result<Vec<Value>, Error> =
        calendar.events.values().filter(fits).map(|event| select(manner.whole(event), options.get("$select"), FIELDS)).collect();
    let limit = world.switches.page_limit.unwrap_or(usize::MAX);
    page(&app.base, &format!("/me/calendars/{id}/events"), &options, all?, limit).map(Json)
}

/// The property and the value that a filter wants: the one form of filter that the sandbox reads.
fn property(filter: &str) -> Option<(&str, &str)> {
    let rest = filter.strip_prefix("singleValueExtendedProperties/Any(ep: ep/id eq '")?;
    let (name, rest) = rest.split_once("' and ep/value eq '")?;
    Some((name, rest.strip_suffix("')")?))
}

/// Where an event is: the number of its calendar, its id, and the begin of the one time meant.
struct Spot {
    calendar: usize,
    event: String,
    begin: Option<Timestamp>,
}

fn instance<'a>(calendar: &Calendar, event: &'a Event, id: &str, now: Timestamp) -> Option<Occurrence<'a>> {
    calendar.expand(event, plus(now, 10 * 366 * 86_400)).into_iter().find(|one| one.instance.as_deref() == Some(id))
}

/// Finds what a path names, in the calendar it names or in all.
fn find(account: &Account, path: &HashMap<String, String>, now: Timestamp) -> Result<Spot, Error> {
    let id = path.get("event").ok_or_else(Error::not_found)?;
    let meant = |calendar: &Calendar| path.get("calendar").is_none_or(|wanted| *wanted == calendar.id);
    for (index, calendar) in account.calendars.iter().enumerate().filter(|(_, calendar)| meant(calendar)) {
        if calendar.events.get(id).is_some_and(|event| !event.removed) {
            return Ok(Spot { calendar: index, event: id.clone(), begin: None });
        }
        let series = id.rsplit_once('_').and_then(|(series, _)| calendar.events.get(series)).filter(|event| !event.removed);
        if let Some(one) = series.and_then(|event| instance(calendar, event, id, now)) {
            return Ok(Spot { calendar: index, event: one.event.id.clone(), begin: Some(one.span.0) });
        }
    }
    Err(Error::not_found())
}

/// Gives one event.
pub(super) async fn get(
    State(app): State<App>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    let now = app.clock.now();
    let world = app.world();
    let caller = Caller::of(&world, &headers, now, READ)?;
    let options = Options::parse(query.as_deref(), &["$select"])?;
    let account = caller.account(&world)?;
    let spot = find(account, &path, now)?;
    let calendar = &account.calendars[spot.calendar];
    let manner = Manner { calendar, zone: preferred_zone(&headers)?, basic: caller.basic_only() };
    let event = calendar.events.get(&spot.event).ok_or_else(Error::not_found)?;
    let one = spot.begin.and_then(|_| instance(calendar, event, path.get("event")?, now));
    let shown = one.map_or_else(|| manner.whole(event), |one| manner.one(&one));
    select(shown, options.get("$select"), FIELDS).map(Json)
}

/// Refuses when `If-Match` names another state of the event.
fn matches(headers: &HeaderMap, event: &Event) -> Result<(), Error> {
    let Some(wanted) = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    if wanted == "*" || wanted == etag(event) {
        return Ok(());
    }
    let words = "The change key passed in the request does not match the current change key for the item.";
    Err(Error::new(StatusCode::PRECONDITION_FAILED, "ErrorIrresolvableConflict", words))
}

/// Changes the fields that the body names.
pub(super) async fn patch(
    State(app): State<App>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    bytes: Bytes,
) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let caller = Caller::of(&world, &headers, now, WRITE)?;
    Options::parse(query.as_deref(), &[])?;
    let zone = preferred_zone(&headers)?;
    let body = body(&headers, &bytes)?;
    let account = caller.account_mut(&mut world)?;
    let spot = find(account, &path, now)?;
    let allowed = providers(account, &account.calendars[spot.calendar]);
    let calendar = &mut account.calendars[spot.calendar];
    let mut event = calendar.events.get(&spot.event).cloned().ok_or_else(Error::not_found)?;
    if calendar.role < Role::Writer {
        return Err(Error::denied());
    }
    if spot.begin.is_some() {
        return Err(Error::bad("The sandbox changes whole series only."));
    }
    if body.contains_key("transactionId") {
        return Err(Error::bad("The transactionId of an event cannot be changed."));
    }
    matches(&headers, &event)?;
    fields::apply(&mut event, &body, allowed)?;
    let event = calendar.put(event, now).clone();
    Ok(Json(Manner { calendar, zone, basic: false }.whole(&event)))
}

/// Deletes an event, or one time of a series. The second time it is not found.
pub(super) async fn delete(
    State(app): State<App>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Error> {
    let now = app.clock.now();
    let mut world = app.world();
    let caller = Caller::of(&world, &headers, now, WRITE)?;
    Options::parse(query.as_deref(), &[])?;
    let account = caller.account_mut(&mut world)?;
    let spot = find(account, &path, now)?;
    let calendar = &mut account.calendars[spot.calendar];
    if calendar.role < Role::Writer {
        return Err(Error::denied());
    }
    let mut event = calendar.events.get(&spot.event).cloned().ok_or_else(Error::not_found)?;
    matches(&headers, &event)?;
    match spot.begin {
        Some(begin) => {
            event.except.insert(begin);
        }
        None => event.removed = true,
    }
    calendar.put(event, now);
    Ok(StatusCode::NO_CONTENT)
}
