//! A coach's hours as they are sent and answered, and what is wrong with them by the names they were sent under.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wellmet::{
    coaches::{HoursDraft, OverrideDraft, WindowDraft},
    model::{FieldErrors, Hours, WallTime, Weekday},
    time::Zone,
};

use crate::api::shapes::ZoneName;

/// When a coach can be booked, on the coach's own clock.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Availability)]
pub(super) struct HoursShape {
    /// The coach's zone: all times and dates here are on its clock.
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// The windows of the ordinary week, in any order; on no weekday more than 12, and none over another.
    #[schema(max_items = 84)]
    weekly: Vec<WeeklyWindow>,
    /// The dates that differ from the week, each once. Dates that are over are left out of answers.
    #[schema(max_items = 400)]
    overrides: Vec<OverrideShape>,
}

/// A weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Weekday)]
enum WeekdayShape {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl WeekdayShape {
    const ALL: [Self; 7] = [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];
}

/// A stretch of a weekday.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WeeklyWindow {
    /// The weekday.
    #[schema(example = "monday")]
    weekday: WeekdayShape,
    /// When it opens: `HH:MM`.
    #[schema(min_length = 5, max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    from: String,
    /// When it closes, after `from`: `HH:MM`; `24:00` is the end of the day.
    #[schema(min_length = 5, max_length = 5, pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "12:00")]
    until: String,
}

/// A date with windows of its own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DateOverride)]
struct OverrideShape {
    /// The date: today or later, at most two years ahead.
    #[schema(format = Date, example = "2026-12-24")]
    date: String,
    /// Its windows, instead of the weekday's. None: closed.
    #[schema(max_items = 12)]
    windows: Vec<WindowShape>,
}

/// A stretch of a date.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Window)]
struct WindowShape {
    /// When it opens: `HH:MM`.
    #[schema(min_length = 5, max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "10:00")]
    from: String,
    /// When it closes, after `from`: `HH:MM`; `24:00` is the end of the day.
    #[schema(min_length = 5, max_length = 5, pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "14:00")]
    until: String,
}

impl HoursShape {
    /// `hours` in `zone`.
    pub(super) fn of(hours: &Hours, zone: &Zone) -> Self {
        let days = WeekdayShape::ALL.into_iter().zip(Weekday::ALL);
        let weekly = days.flat_map(|(weekday, day)| {
            let windows = hours.weekly.on(day).iter();
            windows.map(move |window| WeeklyWindow { weekday, from: window.from.to_string(), until: window.until.to_string() })
        });
        let overrides = hours.overrides.iter().map(|(date, windows)| OverrideShape {
            date: date.to_string(),
            windows: windows.iter().map(|window| WindowShape { from: window.from.to_string(), until: window.until.to_string() }).collect(),
        });
        Self { time_zone: zone.name().to_owned(), weekly: weekly.collect(), overrides: overrides.collect() }
    }

    /// For the service, and where each row of it came from.
    ///
    /// # Errors
    /// Times and dates that are not written as they should be. What they mean is for the service to judge.
    pub(super) fn read(self) -> Result<(HoursDraft, Rows), FieldErrors> {
        let mut errors = FieldErrors::new();
        let (mut draft, mut rows) = (HoursDraft { time_zone: self.time_zone, ..HoursDraft::default() }, Rows::default());
        for (place, window) in self.weekly.into_iter().enumerate() {
            let day = window.weekday as usize;
            draft.weekly.0[day].push(row(&mut errors, &format!("weekly.{place}"), window.from, window.until));
            rows.0[day].push(place);
        }
        for (place, on) in self.overrides.into_iter().enumerate() {
            let field = format!("overrides.{place}");
            if on.date.trim() != on.date {
                errors.add(format!("{field}.date"), "This is not a date. Use YYYY-MM-DD, for example 2026-12-08.");
            }
            let windows = on.windows.into_iter().enumerate();
            let windows = windows.map(|(place, window)| row(&mut errors, &format!("{field}.windows.{place}"), window.from, window.until));
            draft.overrides.push(OverrideDraft { date: on.date, windows: windows.collect() });
        }
        errors.or((draft, rows))
    }
}

fn row(errors: &mut FieldErrors, field: &str, from: String, until: String) -> WindowDraft {
    let read = |text: &str| WallTime::parse(text).filter(|_| text.len() == 5);
    if read(&from).is_none_or(|from| from == WallTime::END_OF_DAY) {
        errors.add(format!("{field}.from"), "A time is wanted, 00:00 to 23:59.");
    }
    if read(&until).is_none() {
        errors.add(format!("{field}.until"), "A time is wanted, 00:00 to 24:00.");
    }
    WindowDraft { from, until }
}

/// Which place in `weekly` each row of each weekday had.
#[derive(Debug, Default)]
pub(super) struct Rows([Vec<usize>; 7]);

impl Rows {
    /// The service's field names as they were sent: `tuesday.0` is `weekly.3`.
    pub(super) fn renamed(&self, mut errors: FieldErrors) -> FieldErrors {
        for error in &mut errors.0 {
            if let Some(name) = self.name(&error.field) {
                error.field = name;
            }
        }
        errors
    }

    fn name(&self, field: &str) -> Option<String> {
        if field == "date" {
            return Some("overrides".to_owned());
        }
        let mut parts = field.splitn(3, '.');
        let day = Weekday::parse(parts.next()?)?;
        let row: usize = parts.next()?.parse().ok()?;
        let place = self.0[day as usize].get(row)?;
        // What is wrong with a window as a whole is said of its end, which is compared with everything before it.
        Some(format!("weekly.{place}.{}", parts.next().unwrap_or("until")))
    }
}
