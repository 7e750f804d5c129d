//! `calendarList.list` and `calendarList.get`.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::{Caller, Parameters};
use super::error::{Answer, Error};

use super::scopes;
use crate::core::calendar::{Calendar, Role};
use crate::core::cursor::{open, seal};
use crate::core::state::App;

const KNOWN: &[&str] = &["maxResults", "minAccessRole", "pageToken", "showDeleted", "showHidden", "syncToken"];

#[derive(Serialize, Deserialize)]
struct Page {
    offset: usize,
    request: String,
}

/// The calendars that a client has seen.
#[derive(Serialize, Deserialize)]
struct Seen {
    list: Vec<String>,
}

/// Lists the account's calendars.
pub(super) async fn list(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now())?;
    caller.need(scopes::CALENDAR_LIST)?;
    let parameters = Parameters::parse(query.as_deref(), KNOWN, &[])?;
    let size = parameters.number("maxResults", 1, 250)?.unwrap_or(100).min(world.switches.page_limit.unwrap_or(usize::MAX)).max(1);
    let least = parameters
        .choice("minAccessRole", &["freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"])?
        .map_or(Role::FreeBusyReader, role);
    let (hidden, _) = (parameters.flag("showHidden")?, parameters.flag("showDeleted")?);
    let account = caller.account(&world)?;
    let all: Vec<String> = account.calendars.iter().map(|calendar| calendar.id.clone()).collect();
    let seen = seen(&parameters, &all)?;
    let entries: Vec<Value> = account
        .calendars
        .iter()
        .filter(|calendar| calendar.role >= least && (hidden || !calendar.hidden) && !seen.contains(&calendar.id))
        .map(entry)
        .collect();
    let offset = match parameters.get("pageToken") {
        None => 0,
        Some(token) => {
            let page: Option<Page> = open(token).filter(|page: &Page| page.request == parameters.unchanging());
            page.ok_or_else(|| Error::parameter("pageToken", "Invalid page token value."))?.offset
        }
    };
    let end = offset.saturating_add(size).min(entries.len());
    let mut answer = Map::new();
    answer.insert("kind".into(), "calendar#calendarList".into());
    answer.insert("etag".into(), format!("\"p{}\"", all.len()).into());
    answer.insert("items".into(), entries.get(offset..end).unwrap_or_default().into());
    if end < entries.len() {
        answer.insert("nextPageToken".into(), seal(&Page { offset: end, request: parameters.unchanging() }).into());
    } else {
        answer.insert("nextSyncToken".into(), seal(&Seen { list: all }).into());
    }
    Ok(Json(Value::Object(answer)))
}

/// Gives one calendar of the account.
pub(super) async fn get(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now())?;
    caller.need(scopes::CALENDAR_LIST)?;
    Parameters::parse(query.as_deref(), &[], &[])?;
    Ok(Json(entry(caller.account(&world)?.calendar(&id).ok_or_else(Error::not_found)?)))
}

/// The calendars that a sync token leaves out. One that is gone asks for a full sync.
fn seen(parameters: &Parameters, all: &[String]) -> Result<Vec<String>, Error> {
    let Some(token) = parameters.get("syncToken") else { return Ok(Vec::new()) };
    if parameters.get("minAccessRole").is_some() {
        return Err(Error::parameter("syncToken", "Sync token cannot be used with minAccessRole."));
    }
    let seen: Seen = open(token).ok_or_else(|| Error::parameter("syncToken", "Invalid sync token value."))?;
    if seen.list.iter().all(|id| all.contains(id)) { Ok(seen.list) } else { Err(Error::full_sync()) }
}

fn role(name: &str) -> Role {
    match name {
        "owner" => Role::Owner,
        "writer" | "writerWithoutPrivateAccess" => Role::Writer,
        "reader" => Role::Reader,
        _ => Role::FreeBusyReader,
    }
}

fn entry(calendar: &Calendar) -> Value {
    let solutions: &[&str] = if calendar.meetings { &["hangoutsMeet"] } else { &[] };
    let mut entry = json!({
        "kind": "calendar#calendarListEntry",
        "etag": format!("\"{}\"", calendar.revision),
        "id": calendar.id,
        "summary": calendar.name,
        "timeZone": calendar.zone,
        "accessRole": calendar.role,
        "defaultReminders": [],
        "conferenceProperties": { "allowedConferenceSolutionTypes": solutions },
    });
    if let Some(entry) = entry.as_object_mut() {
        // Google leaves these out when they are false.
        for (name, value) in [("primary", calendar.primary), ("hidden", calendar.hidden), ("selected", !calendar.hidden)] {
            if value {
                entry.insert(name.into(), true.into());
            }
        }
    }
    entry
}
