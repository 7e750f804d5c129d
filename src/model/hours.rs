//! A coach's hours as the coach writes them: wall-clock windows, per weekday and per date.
//!
//! Nothing here knows a zone: what instants a window means is for [`crate::time`].

use std::{collections::BTreeMap, fmt};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::FieldErrors;

/// At most so many windows in one day.
pub const MAX_WINDOWS_A_DAY: usize = 12;
/// At most so many dates may have an override of their own.
pub const MAX_OVERRIDES: usize = 400;

/// A time on the wall clock, in minutes after midnight, 00:00 to 24:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WallTime(u16);

impl WallTime {
    /// 00:00.
    pub const MIDNIGHT: Self = Self(0);
    /// 24:00: the end of the day.
    pub const END_OF_DAY: Self = Self(1440);

    /// From minutes after midnight; `None` beyond 1440.
    pub const fn from_minutes(minutes: u16) -> Option<Self> {
        if minutes <= 1440 { Some(Self(minutes)) } else { None }
    }

    /// Minutes after midnight, 0 to 1440.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Reads `HH:MM` (two digits each, seconds `:00` allowed as browsers may send them); `24:00` is the end of the day.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(":00").filter(|rest| rest.len() == 5).unwrap_or(text);
        let (hours, minutes) = text.split_once(':')?;
        let number = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok()).flatten();
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        (minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0))).then_some(Self(hours * 60 + minutes))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for WallTime {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a time is HH:MM, for example 09:30")
    }
}

impl From<WallTime> for String {
    fn from(time: WallTime) -> Self {
        time.to_string()
    }
}

/// A stretch of one day's wall clock, `from` before `until`. `until` may be 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    /// When it opens.
    pub from: WallTime,
    /// When it closes.
    pub until: WallTime,
}

impl Window {
    /// A window of whole hours, for demos and tests: `Window::hours(9, 17)`. `None` unless `from < until <= 24`.
    pub fn hours(from: u16, until: u16) -> Option<Self> {
        let window = Self { from: WallTime::from_minutes(from * 60)?, until: WallTime::from_minutes(until * 60)? };
        (window.from < window.until).then_some(window)
    }
}

/// A day of the week, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// The week, Monday first.
    pub const ALL: [Self; 7] = [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// The weekday of `date`.
    pub fn of(date: NaiveDate) -> Self {
        Self::ALL[date.weekday().num_days_from_monday() as usize]
    }

    /// `monday` to `sunday`, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// `Monday` to `Sunday`, as shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    /// The weekday of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.as_str() == word)
    }
}

/// The windows of each weekday, Monday first, each day sorted and free of overlaps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyHours(pub [Vec<Window>; 7]);

impl WeeklyHours {
    /// The windows of `day`.
    pub fn on(&self, day: Weekday) -> &[Window] {
        &self.0[day as usize]
    }
}

/// One date whose windows replace the weekly ones. No windows: closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateOverride {
    /// The date in the coach's zone.
    pub date: NaiveDate,
    /// Its windows, sorted and free of overlaps.
    pub windows: Vec<Window>,
}

/// A coach's hours: the week, and the dates that differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// The ordinary week.
    pub weekly: WeeklyHours,
    /// The dates that differ.
    #[serde(default)]
    pub overrides: BTreeMap<NaiveDate, Vec<Window>>,
}

impl Hours {
    /// The windows of `date`, and whether they come from an override.
    pub fn on(&self, date: NaiveDate) -> (&[Window], bool) {
        match self.overrides.get(&date) {
            Some(windows) => (windows, true),
            None => (self.weekly.on(Weekday::of(date)), false),
        }
    }
}

/// Why a day's windows cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Until is not after from.
    #[error("Ends before it starts. Past midnight? Let it end at midnight and go on from 00:00 on the next day.")]
    EndsBeforeStart,
    /// Two windows of a day share time.
    #[error("Overlaps the window before it.")]
    Overlaps,
    /// More than [`MAX_WINDOWS_A_DAY`].
    #[error("At most 12 windows fit in a day.")]
    TooMany,
    /// 24:00 can end a window only.
    #[error("A window cannot start at 24:00.")]
    StartsAtEndOfDay,
}

impl HoursError {
    /// Sorts a day's windows and checks them. The index is the position of the offender as it was given.
    ///
    /// # Errors
    /// Every offender with its reason.
    pub fn check(windows: &[Window]) -> Result<Vec<Window>, Vec<(usize, Self)>> {
        let mut wrong = Vec::new();
        let mut order: Vec<usize> = (0..windows.len()).collect();
        order.sort_by_key(|&i| windows[i]);
        for (place, &i) in order.iter().enumerate() {
            let window = windows[i];
            if i >= MAX_WINDOWS_A_DAY {
                wrong.push((i, Self::TooMany));
            } else if window.from == WallTime::END_OF_DAY {
                wrong.push((i, Self::StartsAtEndOfDay));
            } else if window.until <= window.from {
                wrong.push((i, Self::EndsBeforeStart));
            } else if place > 0 && windows[order[place - 1]].until > window.from {
                wrong.push((i, Self::Overlaps));
            }
        }
        if wrong.is_empty() {
            Ok(order.into_iter().map(|i| windows[i]).collect())
        } else {
            wrong.sort_by_key(|(i, _)| *i);
            Err(wrong)
        }
    }

    /// As [`HoursError::check`], with errors noted under `{field}.{index}`; what is returned then is empty.
    pub fn check_into(errors: &mut FieldErrors, field: &str, windows: &[Window]) -> Vec<Window> {
        match Self::check(windows) {
            Ok(sorted) => sorted,
            Err(wrong) => {
                for (index, reason) in wrong {
                    errors.add(format!("{field}.{index}"), reason.to_string());
                }
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, until: &str) -> Window {
        Window { from: WallTime::parse(from).unwrap(), until: WallTime::parse(until).unwrap() }
    }

    #[test]
    fn reads_times() {
        assert_eq!(WallTime::parse("24:00"), Some(WallTime::END_OF_DAY));
        assert_eq!(WallTime::parse("09:30:00").unwrap().to_string(), "09:30");
        for bad in ["", "9:30", "24:01", "25:00", "12:60", "aa:bb", "12", "+1:00", "09:30:01"] {
            assert_eq!(WallTime::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn sorts_and_names_what_is_wrong() {
        let day = [window("14:00", "18:00"), window("09:00", "12:00"), window("12:00", "14:00")];
        assert_eq!(HoursError::check(&day).unwrap()[0], window("09:00", "12:00"));
        let day = [window("09:00", "12:00"), window("11:00", "13:00"), window("16:00", "15:00")];
        assert_eq!(HoursError::check(&day), Err(vec![(1, HoursError::Overlaps), (2, HoursError::EndsBeforeStart)]));
    }

    #[test]
    fn an_override_replaces_the_day() {
        let date = NaiveDate::from_ymd_opt(2026, 12, 7).unwrap();
        let mut hours = Hours::default();
        hours.weekly.0[0] = vec![window("09:00", "12:00")];
        assert_eq!(hours.on(date), (&[window("09:00", "12:00")][..], false));
        hours.overrides.insert(date, Vec::new());
        assert_eq!(hours.on(date), (&[][..], true));
    }
}
