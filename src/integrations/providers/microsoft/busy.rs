use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;

use super::{Access, BusyAsk, CalendarBusy, CallError, Microsoft, error::of_calendar, wire::Moment};
use crate::{
    integrations::providers::{Busy, CalendarToRead, mark::compared},
    time::{Interval, Zone},
};

/// An all-day event belongs to dates. The server finds it by the day in UTC, which reaches up to 14 hours further than
/// the day in any zone; so much more is asked for on both sides.
const DAYS_DIFFER: Duration = Duration::from_hours(14);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    start: Moment,
    end: Moment,
    show_as: Option<String>,
    #[serde(default)]
    is_cancelled: bool,
    #[serde(default)]
    is_all_day: bool,
}

impl Microsoft {
    /// Calendar by calendar. What is wrong with one makes that one unknown; what is wrong with the account ends it.
    pub(super) async fn views(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        let mut known = Vec::with_capacity(ask.calendars.len());
        for calendar in ask.calendars {
            let busy = match self.view(with, ask.window, calendar).await {
                Ok(spans) => compared(calendar, spans),
                Err(error @ (CallError::Gone | CallError::NotOurs | CallError::Refused(_) | CallError::BadAnswer(_))) => {
                    Busy::Unknown(error)
                }
                Err(error) => return Err(error),
            };
            known.push(CalendarBusy { calendar: calendar.id, busy });
        }
        Ok(known)
    }

    async fn view(&self, with: &Access<'_>, window: Interval, calendar: &CalendarToRead) -> Result<Vec<Interval>, CallError> {
        let (start, end) = ((window.start - DAYS_DIFFER).to_rfc3339(), (window.end + DAYS_DIFFER).to_rfc3339());
        let query = [
            ("startDateTime", start.as_str()),
            ("endDateTime", end.as_str()),
            ("$select", "start,end,showAs,isCancelled,isAllDay"),
            ("$top", "500"),
        ];
        let first = self.address(&["me", "calendars", &calendar.external_id, "calendarView"], &query)?;
        let events: Vec<Event> = self.pages(with, first, of_calendar).await?;
        let taken = events.iter().filter(|event| takes_time(event));
        let spans = taken.map(|event| span(event, &calendar.zone).ok_or(CallError::BadAnswer("an event without sense")));
        // An event without length takes no time.
        Ok(spans.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|span| span.start < span.end).collect())
    }
}

/// Cancelled and free events take none, nor does working elsewhere: it says where, not that. Anything else does, also
/// what Graph may add.
fn takes_time(event: &Event) -> bool {
    !event.is_cancelled && !matches!(event.show_as.as_deref(), Some("free" | "workingElsewhere"))
}

/// When an event is. One that lasts all day is about dates, and those are the calendar's own zone's.
fn span(event: &Event, zone: &Zone) -> Option<Interval> {
    let midnight = |moment: &Moment| moment.date_time.time() == NaiveTime::MIN;
    let (start, end) = if event.is_all_day && midnight(&event.start) && midnight(&event.end) {
        let day = |date: NaiveDate| zone.day(date).map(|day| day.start);
        (day(event.start.date_time.date())?, day(event.end.date_time.date())?)
    } else {
        (event.start.instant()?, event.end.instant()?)
    };
    (start <= end).then_some(Interval { start, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;

    fn event(start: &str, end: &str, more: &str) -> Event {
        let moment = |time: &str| format!(r#"{{"dateTime":"{time}","timeZone":"UTC"}}"#);
        serde_json::from_str(&format!(r#"{{"start":{},"end":{}{more}}}"#, moment(start), moment(end))).unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_time_without_offset_is_utc_as_asked() {
        let timed = event("2027-01-05T10:00:00.0000000", "2027-01-05T10:30:00.0000000", r#","showAs":"busy","@odata.etag":"x""#);
        let zone = Zone::parse("America/New_York").unwrap();
        assert_eq!(span(&timed, &zone), Some(Interval { start: at("2027-01-05T10:00:00Z"), end: at("2027-01-05T10:30:00Z") }));
    }

    #[test]
    fn a_day_is_the_calendars_own_day() {
        let day = event("2027-01-05T00:00:00.0000000", "2027-01-06T00:00:00.0000000", r#","isAllDay":true"#);
        let zone = Zone::parse("America/New_York").unwrap();
        assert_eq!(span(&day, &zone), Some(Interval { start: at("2027-01-05T05:00:00Z"), end: at("2027-01-06T05:00:00Z") }));
    }

    #[test]
    fn what_shows_as_free_takes_no_time_and_what_is_not_known_does() {
        let shown = |word: &str| takes_time(&event("2027-01-05T10:00:00", "2027-01-05T11:00:00", &format!(r#","showAs":"{word}""#)));
        for taken in ["busy", "tentative", "oof", "unknown", "somethingNew"] {
            assert!(shown(taken), "{taken}");
        }
        assert!(!shown("free") && !shown("workingElsewhere"));
        assert!(!takes_time(&event("2027-01-05T10:00:00", "2027-01-05T11:00:00", r#","isCancelled":true"#)));
        assert!(takes_time(&event("2027-01-05T10:00:00", "2027-01-05T11:00:00", "")));
    }

    #[test]
    fn another_zone_than_asked_for_is_not_guessed_at() {
        let body = r#"{"start":{"dateTime":"2027-01-05T10:00:00","timeZone":"Customized Time Zone"},"end":{"dateTime":"2027-01-05T11:00:00","timeZone":"UTC"}}"#;
        assert_eq!(span(&serde_json::from_str(body).unwrap(), &Zone::utc()), None);
    }
}
