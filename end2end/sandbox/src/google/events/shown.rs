//! Events in Google's words.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::free_busy::written;
use super::{View, conference, etag};
use crate::core::calendar::{Calendar, Event, Occurrence, Show, When, zone};

/// How events are to be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) view: View,
    /// The zone of the answer, when not the calendar's.
    pub(super) zone: Option<&'a str>,
    pub(super) now: Timestamp,
}

impl Manner<'_> {
    fn time(&self, when: When, event: &Event) -> Value {
        match when {
            When::On(date) => json!({ "date": date.to_string() }),
            When::At(at) => json!({ "dateTime": written(at, &zone(self.zone.unwrap_or(&self.calendar.zone))), "timeZone": event.zone }),
        }
    }

    /// The event itself: for a series, its first time and its rule.
    pub(super) fn whole(&self, event: &Event) -> Value {
        let mut shown = self.base(event, &event.id, event.start, event.end);
        if let Some(rule) = &event.rule {
            shown.insert("recurrence".into(), json!([format!("RRULE:{}", rule.text())]));
        }
        Value::Object(shown)
    }

    /// One time that an event takes place.
    pub(super) fn one(&self, one: &Occurrence<'_>) -> Value {
        let Some(id) = &one.instance else { return self.whole(one.event) };
        let mut shown = self.base(one.event, id, one.start, one.end);
        shown.insert("recurringEventId".into(), one.event.id.clone().into());
        shown.insert("originalStartTime".into(), self.time(one.start, one.event));
        Value::Object(shown)
    }

    fn base(&self, event: &Event, id: &str, start: When, end: When) -> Map<String, Value> {
        let status = if !event.stands() {
            "cancelled"
        } else if event.tentative {
            "tentative"
        } else {
            "confirmed"
        };
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| {
            shown.insert(name.to_owned(), value);
        };
        put("kind", "calendar#event".into());
        put("etag", etag(event).into());
        put("id", id.into());
        put("status", status.into());
        put("start", self.time(start, event));
        put("end", self.time(end, event));
        put("eventType", "default".into());
        if event.show == Show::Free {
            put("transparency", "transparent".into());
        }
        if self.view == View::Times {
            put("visibility", "private".into());
            return shown;
        }
        put("summary", event.summary.clone().into());
        put("created", event.created.to_string().into());
        put("updated", event.updated.to_string().into());
        put("htmlLink", format!("https://calendar.google.example/event?eid={id}").into());
        put("iCalUID", format!("{}@google.example", event.id).into());
        put("sequence", 0.into());
        put("organizer", json!({ "email": self.calendar.id, "self": true }));
        put("creator", json!({ "email": self.calendar.id, "self": true }));
        put("reminders", json!({ "useDefault": true }));
        for (name, value) in &event.details {
            if name != conference::KEY {
                put(name, value.clone());
            }
        }
        conference::show(event, self.now, &mut shown);
        shown
    }
}

/// What is left of an event, or of one time of a series, that does not stand any more.
pub(super) fn gone(event: &Event, id: &str) -> Value {
    let mut shown = json!({ "kind": "calendar#event", "etag": etag(event), "id": id, "status": "cancelled" });
    if let (Some(shown), true) = (shown.as_object_mut(), id != event.id) {
        shown.insert("recurringEventId".into(), event.id.clone().into());
    }
    shown
}
