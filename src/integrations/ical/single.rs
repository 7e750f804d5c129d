//! One event, as a calendar server keeps it: not when it takes time, but whether and when it is.

use super::{Event, IcalError, Limits, Zones, lines};
use crate::{model::Instant, time::Zone};

/// The event of an object on a calendar server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleEvent {
    /// Its `UID`.
    pub uid: String,
    /// When it (a series: the first time) starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// Called off.
    pub cancelled: bool,
    /// The reminders that its owner set, as lines of iCalendar: to be kept when the event is written anew.
    pub reminders: String,
}

/// More text than this is no reminder.
const LONGEST: usize = 4096;
/// That a reminder was seen and put away, with what begins so: a moved event is to remind once more.
const SEEN: [&str; 2] = ["ACKNOWLEDGED", "X-MOZ-LASTACK"];

/// The event in `text`, with floating times in `home`; the series itself where there are exceptions from it. `None` when there is no
/// event, or one that does not say what or when it is. Fails as [`super::busy_of`] does.
pub fn single_of(text: impl AsRef<[u8]>, home: &Zone) -> Result<Option<SingleEvent>, IcalError> {
    let calendars = lines::calendars(text.as_ref(), Limits::default().components)?;
    let found = calendars.iter().find_map(|calendar| {
        let mut events = calendar.children.iter().filter(|child| child.name == "VEVENT");
        Some((calendar, events.find(|event| event.first("RECURRENCE-ID").is_none())?))
    });
    let Some((calendar, component)) = found else { return Ok(None) };
    // The zones of the file are followed as far as a booking may be ahead of them.
    let zones = Zones::of(calendar, home, Instant::from_millis(i64::from(u32::MAX) * 1000));
    let read = || {
        let event = Event::read(component, &zones, &mut Vec::new())?;
        Some(SingleEvent {
            uid: event.uid.clone()?,
            start: event.start.instant()?,
            end: event.length.end(event.start.local, &event.start.place)?,
            cancelled: component.word("STATUS").as_deref() == Some("CANCELLED"),
            reminders: reminders_of(&String::from_utf8_lossy(text.as_ref())),
        })
    };
    Ok(read())
}

/// The `VALARM`s of the first event. Left out are those for a fixed time, which would not move along, and those that write to people.
fn reminders_of(text: &str) -> String {
    let (mut kept, mut one, mut events, mut skipping) = (String::new(), None::<String>, 0, false);
    for line in text.lines() {
        let upper = line.trim_end().to_ascii_uppercase();
        match upper.as_str() {
            "BEGIN:VEVENT" => events += 1,
            "BEGIN:VALARM" => one = Some(String::new()),
            _ => {}
        }
        if events > 1 {
            break;
        }
        let Some(block) = &mut one else { continue };
        // A line that begins with a space goes on with the one before.
        skipping = if upper.starts_with([' ', '\t']) { skipping } else { SEEN.iter().any(|name| upper.starts_with(name)) };
        if !skipping {
            block.push_str(line.trim_end());
            block.push_str("\r\n");
        }
        if upper == "END:VALARM" {
            let (block, shown) = (one.take().unwrap_or_default(), kept.len());
            let upper = block.to_ascii_uppercase();
            if !upper.contains("VALUE=DATE-TIME") && !upper.contains("\nATTENDEE") && shown + block.len() <= LONGEST {
                kept.push_str(&block);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &str) -> Option<SingleEvent> {
        let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR");
        single_of(text, &Zone::parse("Europe/Berlin").unwrap()).unwrap()
    }

    #[test]
    fn an_event_is_there_whether_it_takes_time_or_not() {
        let free = of("UID:a@b\nDTSTART;TZID=America/New_York:20261201T040000\nDURATION:PT1H\nTRANSP:TRANSPARENT").unwrap();
        assert_eq!((free.uid.as_str(), free.start.to_rfc3339().as_str(), free.cancelled), ("a@b", "2026-12-01T09:00:00Z", false));
        assert_eq!(free.end.to_rfc3339(), "2026-12-01T10:00:00Z");
        let off = of("UID:a\nDTSTART:20261201T090000\nDTEND:20261201T093000\nSTATUS:cancelled").unwrap();
        assert_eq!((off.start.to_rfc3339().as_str(), off.cancelled), ("2026-12-01T08:00:00Z", true));
        let day = of("UID:a\nDTSTART;VALUE=DATE:20261201").unwrap();
        assert_eq!(day.end.to_rfc3339(), "2026-12-01T23:00:00Z");
        assert_eq!(of("DTSTART:20261201T090000Z"), None);
        assert_eq!(of("UID:a"), None);
        assert_eq!(single_of("<html>", &Zone::utc()), Err(IcalError::NotACalendar));
        assert_eq!(single_of("BEGIN:VCALENDAR\nEND:VCALENDAR", &Zone::utc()), Ok(None));
    }

    #[test]
    fn reminders_are_kept_as_they_are_but_not_as_seen() {
        let alarm = |lines: &str| format!("BEGIN:VALARM\nACTION:DISPLAY\n{lines}\nEND:VALARM");
        let event = |alarms: &[String]| of(&format!("UID:a\nDTSTART:20261201T090000Z\n{}", alarms.join("\n"))).unwrap().reminders;
        let relative = alarm("DESCRIPTION:So\n on\nTRIGGER:-PT15M\nACKNOWLEDGED:20261101T000000Z\n  and on");
        assert_eq!(event(&[relative]), "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:So\r\n on\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n");
        assert_eq!(event(&[alarm("TRIGGER;VALUE=DATE-TIME:20261201T080000Z")]), "");
        assert_eq!(event(&[alarm("TRIGGER:-PT1H\nATTENDEE:mailto:x@y")]), "");
        assert_eq!(event(&[alarm("TRIGGER:-PT1H\nX-LONG:".to_owned().as_str()), alarm(&"x".repeat(LONGEST))]).matches("BEGIN").count(), 1);
        assert_eq!(event(&["BEGIN:VALARM\nTRIGGER:-PT1H".to_owned(), "END:VALARM".to_owned()]).matches("END:VALARM").count(), 1);
    }

    #[test]
    fn a_series_is_meant_where_there_are_exceptions() {
        let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20261208T090000Z\nDTSTART:20261209T090000Z\nEND:VEVENT\n\
            BEGIN:VEVENT\nUID:a\nDTSTART:20261201T090000Z\nDTEND:20261201T100000Z\nRRULE:FREQ=WEEKLY\nEND:VEVENT\nEND:VCALENDAR";
        assert_eq!(single_of(text, &Zone::utc()).unwrap().unwrap().start.to_rfc3339(), "2026-12-01T09:00:00Z");
    }
}
