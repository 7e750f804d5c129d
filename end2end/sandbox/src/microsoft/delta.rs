//! `calendarView/delta`: the window, and then what changed in it.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::{Caller, Options, READ, calendar, preferred_size, preferred_zone};
use super::error::{Answer, Error};
use super::shown::Manner;
use super::view::window;
use crate::core::calendar::Calendar;
use crate::core::cursor::{open, seal};
use crate::core::state::App;

const KNOWN: &[&str] = &["startDateTime", "endDateTime", "$deltatoken", "$skiptoken"];

/// Where a client stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    calendar: String,
    from: Timestamp,
    to: Timestamp,
    /// What changed up to this revision is known; `None` for the first round.
    since: Option<u64>,
    /// The revision when the round began.
    until: u64,
    offset: usize,
}

/// The first round, the next page of a round, or the changes since a round.
pub(super) async fn delta(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now(), READ)?;
    let options = Options::parse(query.as_deref(), KNOWN)?;
    let calendar = calendar(caller.account(&world)?, &id)?;
    let place = place(&options, calendar)?;
    let manner = Manner { calendar, zone: preferred_zone(&headers)?, basic: caller.basic_only() };
    let items = items(&place, &manner);
    let size = preferred_size(&headers).unwrap_or(50).min(world.switches.page_limit.unwrap_or(usize::MAX)).max(1);
    let end = place.offset.saturating_add(size).min(items.len());
    let (name, token) = if end < items.len() {
        (("@odata.nextLink", "$skiptoken"), Place { offset: end, ..place.clone() })
    } else {
        (("@odata.deltaLink", "$deltatoken"), Place { since: Some(place.until), offset: 0, ..place.clone() })
    };
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name.1, &seal(&token)).finish();
    let mut answer = Map::new();
    answer.insert("value".into(), items.get(place.offset..end).unwrap_or_default().into());
    answer.insert(name.0.into(), format!("{}/microsoft/v1.0/me/calendars/{id}/calendarView/delta?{query}", app.base).into());
    Ok(Json(Value::Object(answer)))
}

fn place(options: &Options, calendar: &Calendar) -> Result<Place, Error> {
    let Some(token) = options.get("$deltatoken").or_else(|| options.get("$skiptoken")) else {
        let (from, to) = window(options)?;
        return Ok(Place { calendar: calendar.id.clone(), from, to, since: None, until: calendar.revision, offset: 0 });
    };
    let place: Option<Place> = open(token).filter(|place: &Place| place.calendar == calendar.id);
    let mut place = place.ok_or_else(|| Error::bad("Badly formed token."))?;
    if place.until < calendar.sync_floor {
        return Err(Error::new(StatusCode::GONE, "syncStateNotFound", "The sync state is not found; start a full synchronisation."));
    }
    if options.get("$deltatoken").is_some() {
        place.until = calendar.revision;
    }
    Ok(place)
}

fn removed(id: &str) -> Value {
    json!({ "id": id, "@removed": { "reason": "deleted" } })
}

fn items(place: &Place, manner: &Manner<'_>) -> Vec<Value> {
    let calendar = manner.calendar;
    let inside = calendar.occurrences(place.from, place.to);
    let Some(since) = place.since else { return inside.iter().filter(|one| !one.event.removed).map(|one| manner.one(one)).collect() };
    let mut found = Vec::new();
    for event in calendar.events.values().filter(|event| event.revision > since) {
        let mut seen = false;
        for one in inside.iter().filter(|one| one.event.id == event.id) {
            seen = true;
            found.push(if event.removed { removed(one.instance.as_deref().unwrap_or(&event.id)) } else { manner.one(one) });
        }
        if !seen {
            found.push(removed(&event.id));
        }
        found.extend(event.except.iter().map(|begin| removed(&format!("{}_{}", event.id, begin.strftime("%Y%m%dT%H%M%SZ")))));
    }
    found
}
