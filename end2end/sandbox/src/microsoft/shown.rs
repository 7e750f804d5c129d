//! Events in Graph's words.

use serde_json::{Map, Value, json};

use super::fields::PROPERTIES;
use super::zones::Named;
use crate::core::calendar::{Calendar, Event, Occurrence, Show, When};

/// The names that `$select` may use.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "transactionId",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "iCalUId",
    "reminderMinutesBeforeStart",
    "isReminderOn",
    "hasAttachments",
    "subject",
    "bodyPreview",
    "importance",
    "sensitivity",
    "isAllDay",
    "isCancelled",
    "isOrganizer",
    "responseRequested",
    "seriesMasterId",
    "showAs",
    "type",
    "webLink",
    "onlineMeetingUrl",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "body",
    "start",
    "end",
    "location",
    "attendees",
    "organizer",
    "onlineMeeting",
];

/// How events are to be shown.
#[derive(Debug)]
pub(super) struct Manner<'a> {
    pub(super) calendar: &'a Calendar,
    /// The zone that was asked for.
    pub(super) zone: Option<Named>,
    /// Leaves out bodies and attendees.
    pub(super) basic: bool,
}

/// The entity tag of an event.
pub(super) fn etag(event: &Event) -> String {
    format!("W/\"{}\"", event.revision)
}

impl Manner<'_> {
    /// The event itself.
    pub(super) fn whole(&self, event: &Event) -> Value {
        let kind = if event.rule.is_some() { "seriesMaster" } else { "singleInstance" };
        Value::Object(self.base(event, &event.id, (event.start, event.end), kind))
    }

    /// One time that an event takes place.
    pub(super) fn one(&self, one: &Occurrence<'_>) -> Value {
        let Some(id) = &one.instance else { return self.whole(one.event) };
        let mut shown = self.base(one.event, id, (one.start, one.end), "occurrence");
        shown.insert("seriesMasterId".into(), one.event.id.clone().into());
        Value::Object(shown)
    }

    fn base(&self, event: &Event, id: &str, (start, end): (When, When), kind: &str) -> Map<String, Value> {
        let zone = self.zone.clone().unwrap_or_else(|| Named::of_calendar(&self.calendar.zone));
        let show = if event.tentative && event.show == Show::Busy { Show::Tentative } else { event.show };
        let home = Named::of_calendar(&event.zone).name;
        let shown = json!({
            "@odata.etag": etag(event), "id": id, "type": kind, "seriesMasterId": null,
            "createdDateTime": event.created, "lastModifiedDateTime": event.updated, "changeKey": event.revision.to_string(),
            "originalStartTimeZone": home, "originalEndTimeZone": home, "iCalUId": format!("040000008200E00074C5B7101A82E008{id}"),
            "subject": event.summary, "bodyPreview": "", "body": { "contentType": "html", "content": "" }, "importance": "normal",
            "sensitivity": "normal", "isAllDay": event.start.is_date(), "isCancelled": event.cancelled, "isOrganizer": true, "showAs": show,
            "webLink": format!("https://outlook.office.example/calendar/item/{id}"), "onlineMeetingUrl": null, "isOnlineMeeting": false,
            "onlineMeetingProvider": "unknown", "onlineMeeting": null, "start": zone.written(start), "end": zone.written(end), "attendees": [],
            "location": { "displayName": "" }, "hasAttachments": false, "categories": [], "responseRequested": true, "isReminderOn": true,
            "reminderMinutesBeforeStart": 15, "organizer": { "emailAddress": { "name": self.calendar.name, "address": self.calendar.id } },
        });
        let Value::Object(mut shown) = shown else { return Map::new() };
        let details = event.details.iter().filter(|(name, _)| *name != PROPERTIES);
        shown.extend(details.map(|(name, value)| (name.clone(), value.clone())));
        if self.basic {
            for hidden in ["body", "bodyPreview", "attendees"] {
                shown.remove(hidden);
            }
        }
        shown
    }
}
