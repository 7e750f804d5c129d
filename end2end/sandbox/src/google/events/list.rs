//! `events.list`: pages, windows, series expanded or not, and changes since a sync token.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::call::{Caller, Parameters};
use super::super::error::{Answer, Error};

use super::readable;
use super::shown::{Manner, gone};
use crate::core::calendar::{Calendar, Event, Occurrence};
use crate::core::clock::plus;
use crate::core::cursor::{open, seal};
use crate::core::state::App;

const KNOWN: &[&str] = &[
    "alwaysIncludeEmail",
    "iCalUID",
    "maxAttendees",
    "maxResults",
    "orderBy",
    "pageToken",
    "q",
    "showDeleted",
    "showHiddenInvitations",
    "singleEvents",
    "syncToken",
    "timeMax",
    "timeMin",
    "timeZone",
    "updatedMin",
];
const MANY: &[&str] = &["eventTypes", "privateExtendedProperty", "sharedExtendedProperty"];
/// What must not stand beside `syncToken`.
const NOT_WITH_SYNC: &[&str] =
    &["iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin"];
/// Seconds into the future up to which series without end are expanded when no `timeMax` is given.
const HORIZON: i64 = 2 * 366 * 86_400;

/// The list that was asked for, and since when.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sync {
    calendar: String,
    since: u64,
    single: bool,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Page {
    offset: usize,
    request: String,
    /// The revision when the first page was made.
    revision: u64,
}

/// What is listed.
struct Wanted<'a> {
    parameters: &'a Parameters,
    /// Only what changed after this revision.
    since: Option<u64>,
    single: bool,
    deleted: bool,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    updated: Option<Timestamp>,
}

/// Lists events.
pub(in super::super) async fn list(
    State(app): State<App>,
    Path(calendar): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    let now = app.clock.now();
    let world = app.world();
    let caller = Caller::of(&world, &headers, now)?;
    let parameters = Parameters::parse(query.as_deref(), KNOWN, MANY)?;
    let (calendar, view) = readable(&caller, caller.account(&world)?.calendar(&calendar))?;
    let size = parameters.number("maxResults", 1, 2500)?.unwrap_or(250).min(world.switches.page_limit.unwrap_or(usize::MAX)).max(1);
    let wanted = wanted(&parameters, calendar)?;
    let manner = Manner { calendar, view, zone: parameters.get("timeZone"), now };
    let items = items(&wanted, &manner);
    let page = match parameters.get("pageToken") {
        None => Page { offset: 0, request: parameters.unchanging(), revision: calendar.revision },
        Some(token) => open(token)
            .filter(|page: &Page| page.request == parameters.unchanging())
            .ok_or_else(|| Error::parameter("pageToken", "Invalid page token value."))?,
    };
    let end = page.offset.saturating_add(size).min(items.len());
    let mut answer = head(calendar);
    answer.insert("items".into(), items.get(page.offset..end).unwrap_or_default().into());
    if end < items.len() {
        answer.insert("nextPageToken".into(), seal(&Page { offset: end, ..page }).into());
    } else if !NOT_WITH_SYNC.iter().any(|name| !name.starts_with("time") && parameters.get(name).is_some()) {
        let sync = Sync { calendar: calendar.id.clone(), since: page.revision, single: wanted.single, from: wanted.from, to: wanted.to };
        answer.insert("nextSyncToken".into(), seal(&sync).into());
    }
    Ok(Json(Value::Object(answer)))
}

fn head(calendar: &Calendar) -> Map<String, Value> {
    let updated = calendar.events.values().map(|event| event.updated).max().unwrap_or(Timestamp::UNIX_EPOCH);
    let head = json!({ "kind": "calendar#events", "etag": format!("\"{}\"", calendar.revision), "summary": calendar.name, "updated": updated,
                       "timeZone": calendar.zone, "accessRole": calendar.role, "defaultReminders": [] });
    if let Value::Object(head) = head { head } else { Map::new() }
}

fn wanted<'a>(parameters: &'a Parameters, calendar: &Calendar) -> Result<Wanted<'a>, Error> {
    let single = parameters.flag("singleEvents")?;
    let deleted = parameters.flag("showDeleted")?;
    parameters.flag("showHiddenInvitations")?;
    if parameters.choice("orderBy", &["startTime", "updated"])? == Some("startTime") && !single {
        return Err(Error::bad("badRequest", "The requested ordering is not available for the particular query."));
    }
    let (from, to) = (parameters.instant("timeMin")?, parameters.instant("timeMax")?);
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(Error::bad("timeRangeEmpty", "The specified time range is empty."));
    }
    let updated = parameters.instant("updatedMin")?;
    let Some(token) = parameters.get("syncToken") else {
        return Ok(Wanted { parameters, since: None, single, deleted, from, to, updated });
    };
    if let Some(name) = NOT_WITH_SYNC.iter().find(|name| parameters.get(name).is_some()) {
        return Err(Error::bad("badRequest", format!("Sync token cannot be used with {name}.")));
    }
    let sync: Sync = open(token)
        .filter(|sync: &Sync| sync.calendar == calendar.id)
        .ok_or_else(|| Error::parameter("syncToken", "Invalid sync token value."))?;
    if sync.since < calendar.sync_floor {
        return Err(Error::full_sync());
    }
    if sync.single != single {
        return Err(Error::bad("badRequest", "Sync token was made with another value of singleEvents."));
    }
    Ok(Wanted { parameters, since: Some(sync.since), single, deleted: true, from: sync.from, to: sync.to, updated })
}

impl Wanted<'_> {
    fn takes(&self, event: &Event) -> bool {
        let property = |kind: &str, pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            event.details.get("extendedProperties").and_then(|all| all.get(kind)?.get(name)?.as_str()) == Some(value)
        };
        let found = |text: &str| {
            let text = text.to_lowercase();
            let place = |name: &str| event.details.get(name).and_then(Value::as_str).unwrap_or("").to_lowercase();
            event.summary.to_lowercase().contains(&text) || place("description").contains(&text) || place("location").contains(&text)
        };
        self.since.is_none_or(|since| event.revision > since)
            && (self.deleted || event.stands())
            && self.updated.is_none_or(|updated| event.updated >= updated)
            && self.parameters.get("iCalUID").is_none_or(|uid| uid == format!("{}@google.example", event.id))
            && self.parameters.get("q").is_none_or(found)
            && self.parameters.all("privateExtendedProperty").all(|pair| property("private", pair))
            && self.parameters.all("sharedExtendedProperty").all(|pair| property("shared", pair))
    }

    fn within(&self, one: &Occurrence<'_>) -> bool {
        self.to.is_none_or(|to| one.span.0 < to) && self.from.is_none_or(|from| one.span.1 > from)
    }
}

/// All that is wanted, in order.
fn items(wanted: &Wanted<'_>, manner: &Manner<'_>) -> Vec<Value> {
    let calendar = manner.calendar;
    let horizon = wanted.to.unwrap_or_else(|| plus(manner.now, HORIZON));
    let mut found: Vec<(Timestamp, Timestamp, Value)> = Vec::new();
    for event in calendar.events.values().filter(|event| wanted.takes(event)) {
        let all = calendar.expand(event, horizon);
        let inside: Vec<&Occurrence<'_>> = all.iter().filter(|one| wanted.within(one)).collect();
        let begin = all.first().map_or(Timestamp::MIN, |one| one.span.0);
        let syncing = wanted.since.is_some();
        if inside.is_empty() && syncing {
            // It moved out of the window that the client has, or never was in it.
            found.push((begin, event.updated, gone(event, &event.id)));
        } else if syncing && !event.stands() && !wanted.single {
            found.push((begin, event.updated, gone(event, &event.id)));
        } else if wanted.single {
            found.extend(inside.iter().map(|one| {
                let id = one.instance.as_deref().unwrap_or(&event.id);
                let shown = if syncing && !event.stands() { gone(event, id) } else { manner.one(one) };
                (one.span.0, event.updated, shown)
            }));
        } else if !inside.is_empty() {
            found.push((begin, event.updated, manner.whole(event)));
        }
        if syncing && event.stands() {
            let missing = event.except.iter().map(|begin| format!("{}_{}", event.id, begin.strftime("%Y%m%dT%H%M%SZ")));
            found.extend(missing.map(|id| (begin, event.updated, gone(event, &id))));
        }
    }
    match wanted.parameters.get("orderBy") {
        Some("updated") => found.sort_by_key(|entry| entry.1),
        _ => found.sort_by_key(|entry| entry.0),
    }
    found.into_iter().map(|entry| entry.2).collect()
}
