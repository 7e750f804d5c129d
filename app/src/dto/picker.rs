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
    /// Somebody has taken it while it was shown: it keeps its place, and cannot be had.
    #[serde(default)]
    pub taken: bool,
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

    /// This picture, brought up to date by `newer`: the same month and day, asked for again. With `in_use` somebody is about to press one
    /// of the times: none moves, those that are gone stay where they are as taken, and those that have come are only counted.
    pub fn caught_up(&self, mut newer: Self, in_use: bool) -> CaughtUp {
        let same_day = |one: &DayView, other: &DayView| one.date == other.date;
        let (Some(old), Some(new)) = (&self.day, newer.day.as_mut().filter(|new| self.day.as_ref().is_some_and(|old| same_day(old, new))))
        else {
            let changed = self.day != newer.day || self.month.count != newer.month.count;
            return CaughtUp { view: newer, changed, more: 0 };
        };
        let free = |day: &DayView| day.cells().filter(|cell| !cell.taken).map(|cell| cell.start.clone()).collect::<Vec<_>>();
        let (before, now) = (free(old), free(new));
        let mut more = 0;
        if in_use {
            let shown: Vec<_> = old.cells().map(|cell| &cell.start).collect();
            more = u32::try_from(now.iter().filter(|start| !shown.contains(start)).count()).unwrap_or(u32::MAX);
            new.parts = old.parts.clone();
            for cell in new.parts.iter_mut().flat_map(|part| &mut part.times) {
                cell.taken = !now.contains(&cell.start);
            }
        }
        CaughtUp { view: newer, changed: before != now, more }
    }

    /// Whether the time `start` is shown as taken, or not any more.
    pub fn is_taken(&self, start: &str) -> bool {
        self.day.iter().flat_map(DayView::cells).find(|cell| cell.start == start).is_none_or(|cell| cell.taken)
    }

    /// What a screen reader is told when the picture changes: `5 times on Tuesday 8 December`.
    pub fn announcement(&self) -> String {
        match &self.day {
            Some(day) => format!("{} on {}", times(day.count), day.label),
            None => format!("{} in {}", times(self.month.count), self.month.label),
        }
    }
}

impl DayView {
    fn cells(&self) -> impl Iterator<Item = &TimeCell> {
        self.parts.iter().flat_map(|part| &part.times)
    }
}

/// A picture that was brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtUp {
    /// What to show.
    pub view: PickerView,
    /// Whether other times than before can be had on the shown day.
    pub changed: bool,
    /// How many times can be had that are not shown.
    pub more: u32,
}

/// `no free times`, `1 time`, `5 times`.
pub fn times(count: u32) -> String {
    match count {
        0 => "No free times".to_owned(),
        1 => "1 time".to_owned(),
        more => format!("{more} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday with these times.
    fn tuesday(starts: &[&str]) -> PickerView {
        let cell = |start: &&str| TimeCell { start: (*start).to_owned(), label: (*start).to_owned(), offset: None, taken: false };
        let times: Vec<_> = starts.iter().map(cell).collect();
        let count = u32::try_from(times.len()).unwrap();
        let day = DayView {
            date: "2026-12-08".into(),
            label: "Tuesday 8 December".into(),
            count,
            parts: vec![DayPart { label: "Morning".into(), times }],
            clock_change: None,
        };
        let month = MonthView { key: "2026-12".into(), label: "December 2026".into(), previous: None, next: None, weeks: vec![], count };
        let source = PickerSource::Book { coach: "maya".into(), kind: "hour".into() };
        let (path, action, zone) = (String::new(), String::new(), "UTC".to_owned());
        PickerView { source, path, action, zone, month, day: Some(day), next: None, calendar: None }
    }

    fn shown(view: &PickerView) -> Vec<(&str, bool)> {
        view.day.iter().flat_map(DayView::cells).map(|cell| (cell.start.as_str(), cell.taken)).collect()
    }

    #[test]
    fn times_that_somebody_is_about_to_press_keep_their_places() {
        let caught = tuesday(&["09:00", "10:00", "12:00"]).caught_up(tuesday(&["10:00", "11:00", "12:00"]), true);
        assert_eq!(shown(&caught.view), [("09:00", true), ("10:00", false), ("12:00", false)]);
        assert_eq!((caught.changed, caught.more, caught.view.day.as_ref().unwrap().count), (true, 1, 3));
        // Free again, and the other one taken: as it was.
        let again = caught.view.caught_up(tuesday(&["09:00", "10:00", "12:00"]), true);
        assert_eq!(shown(&again.view), [("09:00", false), ("10:00", false), ("12:00", false)]);
        assert_eq!((again.changed, again.more), (true, 0));
        let same = again.view.caught_up(tuesday(&["09:00", "10:00", "12:00"]), true);
        assert_eq!((same.changed, same.more), (false, 0));
    }

    #[test]
    fn without_anybody_at_them_times_come_and_go() {
        let caught = tuesday(&["09:00", "10:00"]).caught_up(tuesday(&["10:00", "11:00"]), false);
        assert_eq!((shown(&caught.view), caught.changed, caught.more), (vec![("10:00", false), ("11:00", false)], true, 0));
    }

    #[test]
    fn another_day_is_shown_as_it_is() {
        let mut other = tuesday(&["09:00"]);
        other.day.as_mut().unwrap().date = "2026-12-09".into();
        let caught = tuesday(&["09:00"]).caught_up(other.clone(), true);
        assert_eq!((caught.view, caught.changed), (other, true));
    }
}
