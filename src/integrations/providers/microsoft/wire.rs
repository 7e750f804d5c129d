//! Events as Graph words them, as far as they are read.

use chrono::NaiveDateTime;
use serde::Deserialize;

use super::{CallError, Instant};
use crate::integrations::providers::{EventLink, EventState};

/// Graph's `dateTimeTimeZone`: a wall time without offset, and the zone's name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Moment {
    pub(super) date_time: NaiveDateTime,
    time_zone: String,
}

impl Moment {
    /// UTC was asked for; anything else is not understood.
    pub(super) fn instant(&self) -> Option<Instant> {
        let utc = matches!(self.time_zone.as_str(), "UTC" | "Etc/UTC" | "Etc/GMT");
        utc.then(|| Instant::from_millis(self.date_time.and_utc().timestamp_millis()))
    }
}

/// An event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    id: String,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
    start: Moment,
    end: Moment,
    #[serde(default)]
    is_cancelled: bool,
    #[serde(default)]
    is_online_meeting: bool,
    online_meeting: Option<Meeting>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meeting {
    join_url: Option<String>,
}

impl Event {
    /// Graph's id of it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Called off.
    pub(super) const fn is_cancelled(&self) -> bool {
        self.is_cancelled
    }

    /// Whether it is an online meeting, ready or not.
    pub(super) const fn is_meeting(&self) -> bool {
        self.is_online_meeting || self.online_meeting.is_some()
    }

    /// What the site has to know of it; the link is `Unwanted` when it is no online meeting.
    pub(super) fn state(&self) -> Result<EventState, CallError> {
        let instant = |moment: &Moment| moment.instant().ok_or(CallError::BadAnswer("an event without times"));
        let url = self.online_meeting.as_ref().and_then(|meeting| meeting.join_url.as_deref());
        // It is shown to mentees as it is.
        let link = match url.filter(|url| url.starts_with("https://")) {
            Some(url) => EventLink::Made(url.to_owned()),
            None if self.is_meeting() => EventLink::Pending,
            None => EventLink::Unwanted,
        };
        Ok(EventState {
            external_id: self.id.clone(),
            etag: self.etag.clone(),
            start: instant(&self.start)?,
            end: instant(&self.end)?,
            link,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_without_its_address_is_pending() {
        let of = |more: &str| {
            let text = format!(
                r#"{{"id":"A","@odata.etag":"W/\"1\"","start":{{"dateTime":"2027-01-05T10:00:00.0000000","timeZone":"UTC"}},
                    "end":{{"dateTime":"2027-01-05T11:00:00.0000000","timeZone":"UTC"}}{more}}}"#
            );
            serde_json::from_str::<Event>(&text).unwrap().state().unwrap()
        };
        assert_eq!(of(r#","onlineMeeting":null"#).link, EventLink::Unwanted);
        assert_eq!(of(r#","isOnlineMeeting":true,"onlineMeeting":null"#).link, EventLink::Pending);
        let made = of(r#","isOnlineMeeting":true,"onlineMeeting":{"joinUrl":"https://teams.example/x"}"#);
        assert_eq!((made.link, made.etag.as_deref()), (EventLink::Made("https://teams.example/x".into()), Some("W/\"1\"")));
        assert_eq!(of(r#","onlineMeeting":{"joinUrl":"javascript:x"}"#).link, EventLink::Pending);
    }
}
