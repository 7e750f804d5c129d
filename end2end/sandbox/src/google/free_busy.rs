//! `freebusy.query`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::call::{Caller, Parameters, body, instant};
use super::error::{Answer, Error};
use super::scopes;
use crate::core::calendar::{Calendar, Show};
use crate::core::state::App;

const FIELDS: &[&str] = &["timeMin", "timeMax", "timeZone", "items", "calendarExpansionMax", "groupExpansionMax"];
/// Most calendars in a query.
const CALENDARS_MAX: usize = 50;
/// Longest range in seconds: 90 days. Google does not document it; Cal.com measured it.
const RANGE_MAX: i64 = 90 * 86_400;

/// Answers when calendars are taken.
pub(super) async fn query(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery, bytes: Bytes) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now())?;
    caller.need(scopes::FREE_BUSY)?;
    Parameters::parse(query.as_deref(), &[], &[])?;
    let body = body(&headers, &bytes, FIELDS)?;
    let (from, to) = (bound(&body, "timeMin")?, bound(&body, "timeMax")?);
    if from >= to {
        return Err(Error::bad("timeRangeEmpty", "The specified time range is empty."));
    }
    if to.as_second() - from.as_second() > RANGE_MAX {
        return Err(Error::bad("timeRangeTooLong", "The requested time range is too long."));
    }
    let zone = match body.get("timeZone").map(|zone| zone.as_str().and_then(|name| TimeZone::get(name).ok())) {
        None => TimeZone::UTC,
        Some(zone) => zone.ok_or_else(|| Error::bad("invalid", "Invalid time zone."))?,
    };
    let most = limit(&body, "calendarExpansionMax", CALENDARS_MAX)?;
    limit(&body, "groupExpansionMax", 100)?;
    let account = caller.account(&world)?;
    let mut calendars = Map::new();
    for (index, id) in items(&body)?.into_iter().enumerate() {
        let failed = |reason: &str| json!({ "errors": [{ "domain": "global", "reason": reason }], "busy": [] });
        let answer = match account.calendar(&id) {
            _ if index >= most => failed("tooManyCalendarsRequested"),
            None => failed("notFound"),
            Some(Calendar { busy_error: Some(reason), .. }) => failed(reason),
            Some(calendar) => json!({ "busy": busy(calendar, from, to, &zone) }),
        };
        calendars.insert(id, answer);
    }
    Ok(Json(
        json!({ "kind": "calendar#freeBusy", "timeMin": written(from, &TimeZone::UTC), "timeMax": written(to, &TimeZone::UTC), "calendars": calendars }),
    ))
}

fn bound(body: &Map<String, Value>, name: &str) -> Result<Timestamp, Error> {
    let value = body.get(name).ok_or_else(|| Error::bad("required", format!("Missing {name} parameter.")))?;
    value
        .as_str()
        .and_then(instant)
        .ok_or_else(|| Error::bad("badRequest", format!("Invalid value for {name}: an instant with an offset is needed.")))
}

fn limit(body: &Map<String, Value>, name: &str, most: usize) -> Result<usize, Error> {
    let Some(value) = body.get(name) else { return Ok(most) };
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok()).filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Error::bad("invalid", format!("Invalid value for {name}: at most {most}.")))
}

fn items(body: &Map<String, Value>) -> Result<Vec<String>, Error> {
    let wrong = || Error::bad("required", "Required: items, a list of objects with an id.");
    let list = body.get("items").and_then(Value::as_array).ok_or_else(wrong)?;
    let id = |item: &Value| item.as_object().filter(|item| item.len() == 1)?.get("id")?.as_str().map(str::to_owned);
    list.iter().map(|item| id(item).ok_or_else(wrong)).collect()
}

/// The merged times at which `calendar` is taken, held within the range asked for.
fn busy(calendar: &Calendar, from: Timestamp, to: Timestamp, zone: &TimeZone) -> Vec<Value> {
    let mut merged: Vec<(Timestamp, Timestamp)> = Vec::new();
    let taken = calendar.occurrences(from, to).into_iter().filter(|one| one.event.stands() && one.event.show != Show::Free);
    for (start, end) in taken.map(|one| (one.span.0.max(from), one.span.1.min(to))).filter(|(start, end)| start < end) {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged.into_iter().map(|(start, end)| json!({ "start": written(start, zone), "end": written(end, zone) })).collect()
}

/// `instant` as Google writes it: `Z` for UTC, otherwise the zone's offset.
pub(super) fn written(instant: Timestamp, zone: &TimeZone) -> String {
    if *zone == TimeZone::UTC {
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    }
    instant.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
