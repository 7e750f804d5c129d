//! Writing iCalendar text (RFC 5545): events with instants in UTC, so that no time zone has to be told.

use std::time::Duration;

use chrono::DateTime;

use crate::model::Instant;

/// What a calendar text is for (RFC 5546).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To be looked at; nobody is asked anything.
    Publish,
    /// To be put into the reader's calendar, or brought up to date there.
    Request,
    /// To be taken out of it.
    Cancel,
}

impl Method {
    /// The word of the text, which the `method` of its media type has to repeat (RFC 6047, 2.4).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Whether an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStatus {
    /// Agreed.
    Confirmed,
    /// Asked for.
    Tentative,
    /// Called off.
    Cancelled,
}

/// Somebody with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party<'a> {
    /// How people call them.
    pub name: &'a str,
    /// Their mail address, without a name.
    pub email: &'a str,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventText<'a> {
    /// The same for life, unlike that of any other event anywhere.
    pub uid: &'a str,
    /// Rises with every change that others have to learn of.
    pub sequence: i64,
    /// When this text was made (with a method), or the event last changed (without).
    pub stamp: Instant,
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// What calendars show.
    pub summary: &'a str,
    /// What they show when one looks closer; plain text. May be empty.
    pub description: &'a str,
    /// Where it is. May be empty.
    pub location: &'a str,
    /// A page about it.
    pub url: Option<&'a str>,
    /// Whether it stands.
    pub status: EventStatus,
    /// Who invites.
    pub organizer: Option<Party<'a>>,
    /// Who is invited. They have agreed already: nobody is asked for an answer.
    pub attendee: Option<Party<'a>>,
}

/// A calendar of `events`, with CRLF and folded lines. `name` is what subscribers see.
pub fn calendar_text(method: Option<Method>, name: Option<&str>, events: &[EventText<'_>]) -> String {
    let mut text = Text::begun();
    if let Some(method) = method {
        text.line("METHOD", method.as_str());
    }
    if let Some(name) = name {
        text.line("X-WR-CALNAME", &escaped(name));
    }
    text.ended(events)
}

/// A calendar of `events` to subscribe to, by the name of `name`, which programs may read again every `refresh` (RFC 7986, 5.7, and what
/// programs understood before it). The same events are the same text.
pub fn subscription_text(name: &str, refresh: Duration, events: &[EventText<'_>]) -> String {
    let mut text = Text::begun();
    let minutes = refresh.as_secs().div_ceil(60).max(1);
    let every = if minutes.is_multiple_of(60) { format!("PT{}H", minutes / 60) } else { format!("PT{minutes}M") };
    text.line("NAME", &escaped(name));
    text.line("X-WR-CALNAME", &escaped(name));
    text.line("REFRESH-INTERVAL;VALUE=DURATION", &every);
    text.line("X-PUBLISHED-TTL", &every);
    text.ended(events)
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn begun() -> Self {
        let mut text = Self::default();
        text.line("BEGIN", "VCALENDAR");
        text.line("VERSION", "2.0");
        text.line("PRODID", "-//Wellmet//Wellmet//EN");
        text.line("CALSCALE", "GREGORIAN");
        text
    }

    fn ended(mut self, events: &[EventText<'_>]) -> String {
        for event in events {
            self.event(event);
        }
        self.line("END", "VCALENDAR");
        self.0
    }

    /// One line, folded so that none is longer than 75 octets (RFC 5545, 3.1), never inside a character.
    fn line(&mut self, name: &str, value: &str) {
        let mut width = 0;
        for character in name.chars().chain([':']).chain(value.chars()) {
            if width + character.len_utf8() > 75 {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(character);
            width += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    fn event(&mut self, event: &EventText<'_>) {
        self.line("BEGIN", "VEVENT");
        self.line("UID", &escaped(event.uid));
        self.line("SEQUENCE", &event.sequence.to_string());
        self.line("DTSTAMP", &utc(event.stamp));
        self.line("DTSTART", &utc(event.start));
        self.line("DTEND", &utc(event.end));
        self.line("SUMMARY", &escaped(event.summary));
        for (name, value) in [("DESCRIPTION", event.description), ("LOCATION", event.location)] {
            if !value.is_empty() {
                self.line(name, &escaped(value));
            }
        }
        if let Some(url) = event.url {
            self.line("URL", &one_line(url));
        }
        self.line(
            "STATUS",
            match event.status {
                EventStatus::Confirmed => "CONFIRMED",
                EventStatus::Tentative => "TENTATIVE",
                EventStatus::Cancelled => "CANCELLED",
            },
        );
        self.line("TRANSP", if event.status == EventStatus::Cancelled { "TRANSPARENT" } else { "OPAQUE" });
        if let Some(party) = event.organizer {
            self.line(&format!("ORGANIZER;CN={}", quoted(party.name)), &mailto(party));
        }
        if let Some(party) = event.attendee {
            let name = format!("ATTENDEE;CN={};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE", quoted(party.name));
            self.line(&name, &mailto(party));
        }
        self.line("END", "VEVENT");
    }
}

fn mailto(party: Party<'_>) -> String {
    format!("mailto:{}", one_line(party.email))
}

/// `20260512T090000Z`.
fn utc(at: Instant) -> String {
    let at = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A TEXT value (RFC 5545, 3.3.11). Control characters have no place in one.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push(' '),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A quoted parameter value (RFC 5545, 3.2): it cannot hold a quotation mark.
fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('"', "'"))
}

fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event<'a>(summary: &'a str, description: &'a str) -> EventText<'a> {
        EventText {
            uid: "01J@wellmet",
            sequence: 2,
            stamp: Instant::from_millis(1_700_000_000_000),
            start: Instant::from_millis(1_700_003_600_000),
            end: Instant::from_millis(1_700_007_200_000),
            summary,
            description,
            location: "",
            url: Some("https://example.org/x"),
            status: EventStatus::Confirmed,
            organizer: Some(Party { name: "A \"B\"\r\nX: y", email: "coach@example.org" }),
            attendee: None,
        }
    }

    #[test]
    fn no_line_is_longer_than_75_octets_and_unfolding_gives_the_text_back() {
        let long = "Ein schöner Spaziergang, und 😀 dann; mehr\\ davon. ".repeat(9);
        let text = calendar_text(Some(Method::Request), None, &[event(&long, "a\nb")]);
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains(&format!("SUMMARY:{}\r\n", escaped(&long))), "{unfolded}");
        assert!(unfolded.contains("DESCRIPTION:a\\nb\r\n") && unfolded.contains("METHOD:REQUEST\r\n"));
        assert!(unfolded.contains("DTSTART:20231114T231320Z\r\n"), "{unfolded}");
    }

    #[test]
    fn what_people_type_adds_no_line() {
        let text = calendar_text(None, Some("x\r\nMETHOD:CANCEL"), &[event("s\r\nATTENDEE:mailto:x@y", "")]);
        let unfolded = text.replace("\r\n ", "");
        assert!(!unfolded.contains("\r\nMETHOD") && !unfolded.contains("\r\nATTENDEE") && !unfolded.contains("\r\nX: y"), "{unfolded}");
        assert!(unfolded.contains("ORGANIZER;CN=\"A 'B'X: y\":mailto:coach@example.org"), "{unfolded}");
    }
}
