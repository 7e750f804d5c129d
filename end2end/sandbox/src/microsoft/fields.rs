//! The fields of an event as clients send them.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::error::Error;
use super::zones::Moment;
use crate::core::calendar::{Event, Show, When};
use crate::core::tokens;

/// A name, and whether a value has the right type for it.
type Typed = (&'static str, fn(&Value) -> bool);

/// What is stored as it is sent: name, and whether a value has the right type.
const STORED: [Typed; 12] = [
    ("body", |value| ["text", "html", "Text", "HTML"].iter().any(|kind| value["contentType"] == *kind) && value["content"].is_string()),
    ("location", |value| value["displayName"].is_string()),
    ("attendees", |value| value.as_array().is_some_and(|all| all.iter().all(|one| one["emailAddress"]["address"].is_string()))),
    ("sensitivity", |value| ["normal", "personal", "private", "confidential"].iter().any(|known| value == known)),
    ("importance", |value| ["low", "normal", "high"].iter().any(|known| value == known)),
    ("categories", Value::is_array),
    ("isReminderOn", Value::is_boolean),
    ("reminderMinutesBeforeStart", Value::is_i64),
    ("responseRequested", Value::is_boolean),
    ("allowNewTimeProposals", Value::is_boolean),
    ("hideAttendees", Value::is_boolean),
    ("transactionId", Value::is_string),
];

/// Names that are looked at elsewhere.
const ELSEWHERE: &[&str] = &["start", "end", "isAllDay", "isOnlineMeeting", "onlineMeetingProvider"];
/// Where extended properties are kept among an event's details. They are not shown.
pub(super) const PROPERTIES: &str = "sandboxProperties";

fn invalid(what: &str) -> Error {
    Error::new(StatusCode::BAD_REQUEST, "ErrorPropertyValidationFailure", format!("At least one property failed validation: {what}."))
}

/// Lays `body` over `event`. `providers` are the online meeting providers of the calendar.
pub(super) fn apply(event: &mut Event, body: &Map<String, Value>, providers: &[&str]) -> Result<(), Error> {
    for (name, value) in body {
        match name.as_str() {
            "subject" => value.as_str().ok_or_else(|| invalid(name))?.clone_into(&mut event.summary),
            "showAs" => {
                event.show = serde_json::from_value::<Show>(value.clone()).map_err(|_| invalid(name))?;
                event.tentative = event.show == Show::Tentative;
            }
            "singleValueExtendedProperties" => properties(event, value)?,
            known if ELSEWHERE.contains(&known) => {}
            _ => {
                let Some((_, fits)) = STORED.iter().find(|(known, _)| known == name) else {
                    let words = format!("The property '{name}' does not exist on type 'microsoft.graph.event', or cannot be written.");
                    return Err(Error::new(StatusCode::BAD_REQUEST, "RequestBodyRead", words));
                };
                if !fits(value) {
                    return Err(invalid(name));
                }
                event.details.insert(name.clone(), value.clone());
            }
        }
    }
    times(event, body)?;
    // A text without the part that Teams wrote into it is the end of the meeting.
    let link = event.details.get("onlineMeeting").and_then(|meeting| meeting["joinUrl"].as_str());
    let text = body.get("body").and_then(|body| body["content"].as_str());
    if let (Some(link), Some(text)) = (link, text)
        && !text.contains(link)
    {
        for name in ["isOnlineMeeting", "onlineMeetingProvider", "onlineMeeting"] {
            event.details.remove(name);
        }
    }
    meeting(event, body, providers)
}

/// Lays extended properties over those of `event`: `String {set} Name what`, and a value.
fn properties(event: &mut Event, value: &Value) -> Result<(), Error> {
    let wrong = || invalid("singleValueExtendedProperties");
    let mut kept = event.details.get(PROPERTIES).and_then(Value::as_object).cloned().unwrap_or_default();
    for one in value.as_array().ok_or_else(wrong)? {
        let id = one["id"].as_str().filter(|id| is_property(id)).ok_or_else(wrong)?;
        kept.insert(id.to_owned(), one["value"].as_str().ok_or_else(wrong)?.into());
    }
    event.details.insert(PROPERTIES.into(), Value::Object(kept));
    Ok(())
}

/// `String {guid} Name what`.
fn is_property(id: &str) -> bool {
    let rest = id.strip_prefix("String {").and_then(|rest| rest.split_once("} Name "));
    rest.is_some_and(|(guid, name)| {
        let parts: Vec<usize> = guid.split('-').map(str::len).collect();
        parts == [8, 4, 4, 4, 12] && guid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) && !name.is_empty()
    })
}

fn times(event: &mut Event, body: &Map<String, Value>) -> Result<(), Error> {
    let read = |name: &str| body.get(name).map(|value| Moment::read(value).ok_or_else(|| invalid(name))).transpose();
    let (start, end) = (read("start")?, read("end")?);
    let all_day = match body.get("isAllDay") {
        None => event.start.is_date(),
        Some(value) => value.as_bool().ok_or_else(|| invalid("isAllDay"))?,
    };
    if all_day != event.start.is_date() && (start.is_none() || end.is_none()) {
        return Err(invalid("isAllDay without start and end"));
    }
    let when = |moment: &Moment| {
        if !all_day {
            return Ok(When::At(moment.at));
        }
        moment.date().map(When::On).ok_or_else(|| Error::bad("The start and end of an all-day event need to be set to midnight."))
    };
    if let Some(start) = &start {
        event.start = when(start)?;
        start.zone.zone.iana_name().unwrap_or("UTC").clone_into(&mut event.zone);
    }
    if let Some(end) = &end {
        event.end = when(end)?;
    }
    if let (true, Some(start), Some(end)) = (all_day, &start, &end)
        && start.zone.name != end.zone.name
    {
        return Err(Error::bad("The start and end of an all-day event need to be in the same time zone."));
    }
    let ordered = match (event.start, event.end) {
        (When::At(start), When::At(end)) => start <= end,
        (When::On(start), When::On(end)) => start < end,
        _ => false,
    };
    if ordered { Ok(()) } else { Err(invalid("end before start")) }
}

/// An online meeting is made when the calendar allows its provider, and otherwise silently not. Once made it stays.
fn meeting(event: &mut Event, body: &Map<String, Value>, providers: &[&str]) -> Result<(), Error> {
    let wanted = match body.get("isOnlineMeeting") {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| invalid("isOnlineMeeting"))?,
    };
    let provider = match body.get("onlineMeetingProvider") {
        None => providers.first().copied().unwrap_or("unknown"),
        Some(value) => value.as_str().ok_or_else(|| invalid("onlineMeetingProvider"))?,
    };
    if !wanted || provider != "teamsForBusiness" || !providers.contains(&provider) || event.details.contains_key("onlineMeeting") {
        return Ok(());
    }
    let link = format!("https://teams.microsoft.example/l/meetup-join/{}", tokens::id());
    event.details.insert("isOnlineMeeting".into(), true.into());
    event.details.insert("onlineMeetingProvider".into(), provider.into());
    event.details.insert("onlineMeeting".into(), json!({ "joinUrl": link }));
    let text = event.details.get("body").and_then(|body| body["content"].as_str()).unwrap_or("");
    let text = format!("<html><body>{text}<div>Microsoft Teams meeting: {link}</div></body></html>");
    event.details.insert("body".into(), json!({ "contentType": "html", "content": text }));
    Ok(())
}
