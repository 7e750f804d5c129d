//! `events.insert`, `events.patch` and `events.update`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::call::{self, Caller, Parameters};
use super::super::error::{Answer, Error};
use super::fields::{self, KNOWN};
use super::shown::Manner;
use super::single::SEND_UPDATES;
use super::{View, conference, matches, writable};
use crate::core::calendar::{Calendar, Event};
use crate::core::people::Account;
use crate::core::state::{App, Switches};
use crate::core::tokens;

const PARAMETERS: &[&str] =
    &["alwaysIncludeEmail", "conferenceDataVersion", "maxAttendees", "sendNotifications", "sendUpdates", "supportsAttachments"];

/// A request to change something, taken apart.
struct Change {
    body: Map<String, Value>,
    /// Whether conference data is heeded.
    conferences: bool,
}

impl Change {
    fn read(headers: &HeaderMap, query: Option<&str>, bytes: &Bytes) -> Result<Self, Error> {
        let parameters = Parameters::parse(query, PARAMETERS, &[])?;
        parameters.choice("sendUpdates", SEND_UPDATES)?;
        let conferences = parameters.choice("conferenceDataVersion", &["0", "1"])? == Some("1");
        Ok(Self { body: call::body(headers, bytes, KNOWN)?, conferences })
    }

    /// Lays the request over `event`.
    fn apply(&self, event: &mut Event, calendar: &Calendar, used: &[String], switches: &Switches, now: Timestamp) -> Result<(), Error> {
        fields::apply(event, &self.body, calendar)?;
        match self.body.get("conferenceData") {
            Some(data) if self.conferences => conference::take(event, data, calendar, used, switches, now),
            _ => Ok(()),
        }
    }
}

/// The conference request ids that the account has used.
fn used(account: &Account) -> Vec<String> {
    account.calendars.iter().flat_map(|calendar| calendar.events.values()).filter_map(conference::request_id).collect()
}

/// Stores `event` and shows it.
fn answer(calendar: &mut Calendar, event: Event, before: Option<&str>, now: Timestamp) -> Json<Value> {
    let event = calendar.put(event, now).clone();
    let mut shown = Manner { calendar, view: View::Full, zone: None, now }.whole(&event);
    conference::just_asked(&mut shown, &event, before);
    Json(shown)
}

/// Inserts an event, under the client's id if it has one. Ids of deleted events stay taken.
pub(in super::super) async fn insert(
    State(app): State<App>,
    Path(calendar): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    bytes: Bytes,
) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let caller = Caller::of(&world, &headers, now)?;
    let change = Change::read(&headers, query.as_deref(), &bytes)?;
    let switches = world.switches.clone();
    let account = caller.account_mut(&mut world)?;
    let used = used(account);
    let calendar = writable(&caller, account.calendar_mut(&calendar))?;
    let id = match change.body.get("id") {
        None | Some(Value::Null) => tokens::id(),
        Some(id) => chosen(id)?,
    };
    if change.body.contains_key("id") && change.body.contains_key("iCalUID") {
        return Err(Error::bad("invalid", "Send id or iCalUID, not both."));
    }
    let part = |name: &str| change.body.get(name).ok_or_else(|| Error::bad("required", format!("Missing {name} time.")));
    let (start, end) = (fields::time(part("start")?, "start", calendar)?, fields::time(part("end")?, "end", calendar)?);
    let mut event = Event::new(id, "", start.0, end.0, &calendar.zone, now);
    change.apply(&mut event, calendar, &used, &switches, now)?;
    if calendar.events.contains_key(&event.id) {
        return Err(Error::new(StatusCode::CONFLICT, "duplicate", "The requested identifier already exists."));
    }
    Ok(answer(calendar, event, None, now))
}

/// An id that a client chose: 5 to 1024 characters of base32hex, lower case.
fn chosen(id: &Value) -> Result<String, Error> {
    let fits = |id: &&str| (5..=1024).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'v').contains(&byte));
    id.as_str().filter(fits).map(str::to_owned).ok_or_else(|| Error::bad("invalid", "Invalid resource id value."))
}

/// Changes the fields that the body names.
pub(in super::super) async fn patch(
    State(app): State<App>,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    bytes: Bytes,
) -> Answer {
    change(&app, &path, &headers, query.as_deref(), &bytes, |event, _| Ok(event))
}

/// Replaces the event by the body.
pub(in super::super) async fn update(
    State(app): State<App>,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    bytes: Bytes,
) -> Answer {
    change(&app, &path, &headers, query.as_deref(), &bytes, |event, body| {
        if let Some(missing) = ["start", "end"].into_iter().find(|name| !body.contains_key(*name)) {
            return Err(Error::bad("required", format!("Missing {missing} time.")));
        }
        let meeting = event.details.get(conference::KEY).cloned();
        let mut fresh = Event::new(event.id, "", event.start, event.end, &event.zone, event.created);
        fresh.details.extend(meeting.map(|meeting| (conference::KEY.to_owned(), meeting)));
        Ok(fresh)
    })
}

fn change(
    app: &App,
    (calendar, id): &(String, String),
    headers: &HeaderMap,
    query: Option<&str>,
    bytes: &Bytes,
    basis: impl FnOnce(Event, &Map<String, Value>) -> Result<Event, Error>,
) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let caller = Caller::of(&world, headers, now)?;
    let change = Change::read(headers, query, bytes)?;
    let switches = world.switches.clone();
    let account = caller.account_mut(&mut world)?;
    let used = used(account);
    let calendar = writable(&caller, account.calendar_mut(calendar))?;
    let event = calendar.events.get(id).cloned().ok_or_else(Error::not_found)?;
    if !event.stands() {
        return Err(Error::new(StatusCode::FORBIDDEN, "forbidden", "The event was deleted."));
    }
    matches(headers, &event)?;
    if change.body.get("id").is_some_and(|named| named != id) {
        return Err(Error::bad("invalid", "Invalid resource id value."));
    }
    let meeting = conference::request_id(&event);
    let mut event = basis(event, &change.body)?;
    change.apply(&mut event, calendar, &used, &switches, now)?;
    Ok(answer(calendar, event, meeting.as_deref(), now))
}
