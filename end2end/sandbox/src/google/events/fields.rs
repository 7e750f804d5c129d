//! The fields of an event as clients send them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::super::error::Error;
use crate::core::calendar::{Calendar, Event, Show, When, zone};
use crate::core::recur::Rule;

/// The names that a body may have. Those that cannot be written are passed over, so that what was read can be sent back.
pub(super) const KNOWN: &[&str] = &[
    "id",
    "summary",
    "start",
    "end",
    "status",
    "transparency",
    "recurrence",
    "conferenceData",
    "extendedProperties",
    "description",
    "location",
    "colorId",
    "visibility",
    "source",
    "reminders",
    "attendees",
    "sequence",
    "iCalUID",
    "guestsCanModify",
    "guestsCanInviteOthers",
    "guestsCanSeeOtherGuests",
    "anyoneCanAddSelf",
    "eventType",
    "kind",
    "etag",
    "htmlLink",
    "created",
    "updated",
    "creator",
    "organizer",
    "hangoutLink",
    "recurringEventId",
    "originalStartTime",
    "privateCopy",
    "locked",
    "attendeesOmitted",
    "endTimeUnspecified",
];

/// A name, and whether a value has the right type for it.
type Typed = (&'static str, fn(&Value) -> bool);

/// What is stored as it is sent: name, and whether a value has the right type.
const STORED: [Typed; 12] = [
    ("description", Value::is_string),
    ("location", Value::is_string),
    ("colorId", Value::is_string),
    ("visibility", |value| ["default", "public", "private", "confidential"].iter().any(|known| value == known)),
    ("source", is_source),
    ("reminders", Value::is_object),
    ("attendees", is_attendees),
    ("sequence", Value::is_u64),
    ("guestsCanModify", Value::is_boolean),
    ("guestsCanInviteOthers", Value::is_boolean),
    ("guestsCanSeeOtherGuests", Value::is_boolean),
    ("anyoneCanAddSelf", Value::is_boolean),
];

fn is_source(value: &Value) -> bool {
    let url = value.get("url").and_then(Value::as_str);
    url.is_some_and(|url| url.starts_with("http://") || url.starts_with("https://"))
}

fn is_attendees(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(|one| one.get("email").is_some_and(Value::is_string)))
}

fn invalid(what: &str) -> Error {
    Error::bad("invalid", format!("Invalid value for: {what}"))
}

/// Lays `body` over `event`: what is not named stays, `null` removes.
pub(super) fn apply(event: &mut Event, body: &Map<String, Value>, calendar: &Calendar) -> Result<(), Error> {
    for (name, value) in body {
        match name.as_str() {
            "summary" => event.summary = text(value, "summary")?,
            "start" => {
                let (when, zone) = time(value, "start", calendar)?;
                event.start = when;
                event.zone = zone.unwrap_or_else(|| calendar.zone.clone());
            }
            "end" => event.end = time(value, "end", calendar)?.0,
            "status" => status(event, value)?,
            "transparency" => {
                event.show = match value.as_str() {
                    Some("transparent") => Show::Free,
                    Some("opaque") => Show::Busy,
                    None if value.is_null() => Show::Busy,
                    _ => return Err(invalid("transparency")),
                }
            }
            "recurrence" => event.rule = rule(value)?,
            "extendedProperties" => properties(event, value)?,
            _ => store(event, name, value)?,
        }
    }
    let ordered = match (event.start, event.end) {
        (When::At(start), When::At(end)) => start <= end,
        (When::On(start), When::On(end)) => start < end,
        _ => return Err(Error::bad("invalid", "Invalid start time: start and end must either both be date or both be dateTime.")),
    };
    if ordered { Ok(()) } else { Err(Error::bad("timeRangeEmpty", "The specified time range is empty.")) }
}

fn store(event: &mut Event, name: &str, value: &Value) -> Result<(), Error> {
    let Some((_, fits)) = STORED.iter().find(|(known, _)| *known == name) else { return Ok(()) };
    if value.is_null() {
        event.details.remove(name);
        return Ok(());
    }
    if !fits(value) {
        return Err(invalid(name));
    }
    event.details.insert(name.to_owned(), value.clone());
    Ok(())
}

fn text(value: &Value, name: &str) -> Result<String, Error> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        _ => Err(invalid(name)),
    }
}

fn status(event: &mut Event, value: &Value) -> Result<(), Error> {
    (event.tentative, event.removed) = match value.as_str() {
        Some("confirmed") => (false, false),
        Some("tentative") => (true, false),
        Some("cancelled") => (event.tentative, true),
        _ => return Err(invalid("status")),
    };
    Ok(())
}

/// `{date}` or `{dateTime, timeZone}`; a `dateTime` without an offset needs the zone.
pub(super) fn time(value: &Value, name: &str, calendar: &Calendar) -> Result<(When, Option<String>), Error> {
    let wrong = || Error::bad("invalid", format!("Invalid {name} time."));
    let object = value.as_object().ok_or_else(wrong)?;
    if object.keys().any(|key| !["date", "dateTime", "timeZone"].contains(&key.as_str())) {
        return Err(wrong());
    }
    let part = |key: &str| match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(wrong),
    };
    let named = part("timeZone")?;
    if named.is_some_and(|named| TimeZone::get(named).is_err()) {
        return Err(Error::bad("invalid", format!("Invalid time zone definition for {name} time.")));
    }
    let when = match (part("date")?, part("dateTime")?) {
        (Some(date), None) => When::On(date.parse::<Date>().map_err(|_| wrong())?),
        (None, Some(text)) => match (text.parse::<jiff::Timestamp>(), named) {
            (Ok(at), _) => When::At(at),
            (Err(_), Some(named)) => {
                let local = text.parse::<DateTime>().map_err(|_| wrong())?;
                When::At(local.to_zoned(zone(named)).map_err(|_| wrong())?.timestamp())
            }
            (Err(_), None) => return Err(Error::bad("required", format!("Missing time zone definition for {name} time."))),
        },
        _ => return Err(wrong()),
    };
    Ok((when, named.map(str::to_owned).or_else(|| Some(calendar.zone.clone()))))
}

fn rule(value: &Value) -> Result<Option<Rule>, Error> {
    let Some(list) = value.as_array() else { return if value.is_null() { Ok(None) } else { Err(invalid("recurrence")) } };
    match list.as_slice() {
        [] => Ok(None),
        [Value::String(text)] if text.starts_with("RRULE:") => {
            Rule::parse(text).map(Some).map_err(|why| Error::bad("invalid", format!("Invalid recurrence rule: {why}")))
        }
        _ => Err(Error::bad("invalid", "The sandbox takes one RRULE.")),
    }
}

/// Google's limits: a longer key is dropped and a longer value cut, both silently; too many are refused.
fn properties(event: &mut Event, value: &Value) -> Result<(), Error> {
    const KEY_MAX: usize = 44;
    const VALUE_MAX: usize = 1024;
    const COUNT_MAX: usize = 300;
    const BYTES_MAX: usize = 32 * 1024;
    if value.is_null() {
        event.details.remove("extendedProperties");
        return Ok(());
    }
    let wrong = || invalid("extendedProperties");
    let mut all = event.details.get("extendedProperties").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    for (kind, given) in value.as_object().ok_or_else(wrong)? {
        if kind != "private" && kind != "shared" {
            return Err(wrong());
        }
        let mut kept = all.get(kind).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
        for (key, value) in given.as_object().ok_or_else(wrong)? {
            match value {
                Value::Null => {
                    kept.remove(key);
                }
                Value::String(text) if key.len() <= KEY_MAX => {
                    kept.insert(key.clone(), text.chars().take(VALUE_MAX).collect::<String>().into());
                }
                Value::String(_) => {}
                _ => return Err(wrong()),
            }
        }
        let bytes: usize = kept.iter().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum();
        if kept.len() > COUNT_MAX || bytes > BYTES_MAX {
            return Err(Error::bad("invalid", "Too many extended properties."));
        }
        all.insert(kind.clone(), Value::Object(kept));
    }
    event.details.insert("extendedProperties".into(), Value::Object(all));
    Ok(())
}
