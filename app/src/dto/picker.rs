//! What the slot picker shows. Every time and label is decided on the server: the browser only draws.

use serde::{Deserialize, Serialize};

/// Whose times, for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickerSource {
    /// To book a coach's session type, both by path segment.
    Book {
        /// The coach.
        coach: String,
        /// The session type.
        kind: String,
    },
    /// To move a booking.
    Move {
        /// Its id.
        booking: String,
    },
}

/// A month and one of its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickerView {
    /// What is picked for.
    pub source: PickerSource,
    /// The page's path, for links.
    pub path: String,
    /// Where a chosen time is posted.
    pub action: String,
    /// The zone that all times are shown in.
    pub zone: String,
    /// The month.
    pub month: MonthView,
    /// The chosen day; `None` when the month has nothing and none was chosen.
    pub day: Option<DayView>,
    /// The next time on offer after what is shown.
    pub next: Option<NextFree>,
    /// What is to be said of a coach's calendar that cannot be read.
    pub calendar: Option<String>,
}

/// A month as a sheet of weeks, Monday first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthView {
    /// `2026-12`.
    pub key: String,
    /// `December 2026`.
    pub label: String,
    /// The month before, if there may be times: key and label.
    pub previous: Option<(String, String)>,
    /// The month after, likewise.
    pub next: Option<(String, String)>,
    /// Seven cells each; `None` outside the month.
    pub weeks: Vec<Vec<Option<DayCell>>>,
    /// How many times in all.
    pub count: u32,
}

/// A day on the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCell {
    /// `2026-12-08`.
    pub date: String,
    /// 8.
    pub number: u32,
    /// `Tuesday 8 December`.
    pub label: String,
    /// How many times are free.
    pub count: u32,
    /// Whether it is today in the shown zone.
    pub today: bool,
}

/// The times of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayView {
    /// `2026-12-08`.
    pub date: String,
    /// `Tuesday 8 December`.
    pub label: String,
    /// How many times.
    pub count: u32,
    /// Morning, afternoon, evening, whichever have any.
    pub parts: Vec<DayPart>,
    /// A sentence when the clock changes on that day.
    pub clock_change: Option<String>,
}

/// A part of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayPart {
    /// `Morning`.
    pub label: String,
    /// Its times.
    pub times: Vec<TimeCell>,
}

/// A time that can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeCell {
    /// The instant, RFC 3339 in UTC: what is posted.
    pub start: String,
    /// `09:00`.
    pub label: String,
    /// `UTC+1`, where a day has the same wall time twice.
    pub offset: Option<String>,
}

/// The next time on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextFree {
    /// `Wed 9 Dec, 09:00`.
    pub label: String,
    /// Its month's key.
    pub month: String,
    /// Its date.
    pub date: String,
}

impl PickerView {
    /// The address of this page for another month or day.
    pub fn link(&self, month: &str, date: Option<&str>) -> String {
        let day = date.map(|date| format!("&day={date}")).unwrap_or_default();
        format!("{}?month={month}{day}&tz={}", self.path, self.zone)
    }

    /// What a screen reader is told when the picture changes: `5 times on Tuesday 8 December`.
    pub fn announcement(&self) -> String {
        match &self.day {
            Some(day) => format!("{} on {}", times(day.count), day.label),
            None => format!("{} in {}", times(self.month.count), self.month.label),
        }
    }
}

/// `no free times`, `1 time`, `5 times`.
pub fn times(count: u32) -> String {
    match count {
        0 => "No free times".to_owned(),
        1 => "1 time".to_owned(),
        more => format!("{more} times"),
    }
}
