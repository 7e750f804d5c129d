//! Events as Google words them, as far as they are read.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    CallError,
    events::{ATTEMPT, BOOKING},
    meet::{Conference, link},
};
use crate::{
    integrations::providers::{EventKey, EventState},
    model::Instant,
    time::Zone,
};

/// An event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    id: String,
    etag: Option<String>,
    status: Option<String>,
    start: Option<Moment>,
    end: Option<Moment>,
    hangout_link: Option<String>,
    conference_data: Option<Conference>,
    extended_properties: Option<Extended>,
}

#[derive(Deserialize)]
struct Extended {
    #[serde(default)]
    private: HashMap<String, String>,
}

/// An instant, or a date for events that last whole days.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moment {
    date_time: Option<String>,
    date: Option<NaiveDate>,
}

impl Moment {
    /// A date is taken for one of UTC: whatever the zone, it is not the time that a booking has.
    fn instant(&self) -> Option<Instant> {
        match (&self.date_time, self.date) {
            (Some(text), _) => Instant::parse_rfc3339(text),
            (None, Some(date)) => Zone::utc().day(date).map(|day| day.start),
            (None, None) => None,
        }
    }
}

impl Event {
    /// Deleted, or called off.
    pub(super) fn is_cancelled(&self) -> bool {
        self.status.as_deref() == Some("cancelled")
    }

    /// Whether it was made for `key`.
    pub(super) fn is_of(&self, key: EventKey) -> bool {
        let Some(Extended { private }) = &self.extended_properties else { return false };
        private.get(BOOKING).is_some_and(|booking| booking == key.booking.as_str())
            && private.get(ATTEMPT).is_some_and(|attempt| *attempt == key.attempt.to_string())
    }

    /// What the site has to know of it; the link is `Unwanted` when it has none.
    pub(super) fn state(&self) -> Result<EventState, CallError> {
        let instant =
            |moment: &Option<Moment>| moment.as_ref().and_then(Moment::instant).ok_or(CallError::BadAnswer("an event without times"));
        Ok(EventState {
            external_id: self.id.clone(),
            etag: self.etag.clone(),
            start: instant(&self.start)?,
            end: instant(&self.end)?,
            link: link(self.conference_data.as_ref(), self.hangout_link.as_deref()),
        })
    }
}
