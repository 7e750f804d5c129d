//! Hours as the coach typed them, and what they mean.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use crate::{
    model::{FieldErrors, Hours, HoursError, Instant, MAX_OVERRIDES, WallTime, Weekday, WeeklyHours, Window},
    time::Zone,
};

/// One row of the editor, as typed. A row with both fields blank is no row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowDraft {
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`; `24:00` is the end of the day.
    pub until: String,
}

/// The week as typed, Monday first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WeeklyHoursDraft(pub [Vec<WindowDraft>; 7]);

/// A date with windows of its own, as typed. No windows: closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverrideDraft {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Its rows.
    pub windows: Vec<WindowDraft>,
}

/// All of a coach's hours, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoursDraft {
    /// An IANA name.
    pub time_zone: String,
    /// The ordinary week.
    pub weekly: WeeklyHoursDraft,
    /// The dates that differ.
    pub overrides: Vec<OverrideDraft>,
}

impl WeeklyHoursDraft {
    /// The week it means; what is wrong is noted under `monday.0.from`, `monday.0.until` and `monday.0`.
    pub(super) fn read(&self, errors: &mut FieldErrors) -> WeeklyHours {
        let mut week = WeeklyHours::default();
        for (day, rows) in Weekday::ALL.into_iter().zip(&self.0) {
            week.0[day as usize] = read_windows(errors, day.as_str(), rows);
        }
        week
    }
}

impl OverrideDraft {
    /// The date and windows it means; what is wrong is noted under `{prefix}date` and `{prefix}windows.0.from`.
    /// `None` when the date cannot stand.
    pub(super) fn read(&self, errors: &mut FieldErrors, prefix: &str, today: NaiveDate) -> Option<(NaiveDate, Vec<Window>)> {
        let field = format!("{prefix}date");
        let date = read_date(errors, &field, &self.date);
        if date.is_some_and(|date| date < today) {
            errors.add(&field, format!("This date is past: today is {today} in your time zone."));
        } else if date.zip(today.checked_add_months(Months::new(24))).is_some_and(|(date, last)| date > last) {
            errors.add(&field, "This date is more than two years ahead.");
        }
        let windows = read_windows(errors, &format!("{prefix}windows"), &self.windows);
        date.map(|date| (date, windows))
    }
}

impl HoursDraft {
    /// The zone and hours it means at `now`. An override of a past date is dropped when it is in `stored`, so that
    /// what was read yesterday can be written today, and is an error otherwise.
    pub(super) fn read(&self, now: Instant, stored: &Hours) -> Result<(Zone, Hours), FieldErrors> {
        let mut errors = FieldErrors::new();
        let zone = Zone::parse(self.time_zone.trim());
        if zone.is_none() {
            errors.add("time_zone", "This is an unknown zone. Use a name such as Europe/Stockholm.");
        }
        let today = zone.as_ref().unwrap_or(&Zone::utc()).date_of(now);
        let weekly = self.weekly.read(&mut errors);
        let mut overrides = BTreeMap::new();
        for (index, draft) in self.overrides.iter().enumerate() {
            if draft.date.trim().parse().is_ok_and(|date: NaiveDate| date < today && stored.overrides.contains_key(&date)) {
                continue;
            }
            let prefix = format!("overrides.{index}.");
            let Some((date, windows)) = draft.read(&mut errors, &prefix, today) else { continue };
            if overrides.insert(date, windows).is_some() {
                errors.add(format!("{prefix}date"), "This date is here twice.");
            }
        }
        if overrides.len() > MAX_OVERRIDES {
            errors.add("overrides", format!("At most {MAX_OVERRIDES} dates can differ from the week."));
        }
        match zone {
            Some(zone) => errors.or((zone, Hours { weekly, overrides })),
            None => Err(errors),
        }
    }
}

/// The date, or a note under `field`.
pub(super) fn read_date(errors: &mut FieldErrors, field: &str, text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    // chrono alone would take `2026-1-2` and a year of five digits.
    let date = text.parse().ok().filter(|date: &NaiveDate| date.to_string() == text);
    if date.is_none() {
        errors.add(field, "This is not a date. Use YYYY-MM-DD, for example 2026-12-08.");
    }
    date
}

/// A day's windows, sorted. Errors carry the place of the row as it was typed, blank rows counted.
fn read_windows(errors: &mut FieldErrors, field: &str, rows: &[WindowDraft]) -> Vec<Window> {
    let (mut windows, mut places) = (Vec::new(), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        if row.from.trim().is_empty() && row.until.trim().is_empty() {
            continue;
        }
        let from = read_time(errors, &format!("{field}.{place}.from"), &row.from);
        let until = read_time(errors, &format!("{field}.{place}.until"), &row.until);
        if let (Some(from), Some(until)) = (from, until) {
            windows.push(Window { from, until });
            places.push(place);
        }
    }
    match HoursError::check(&windows) {
        Ok(sorted) => sorted,
        Err(wrong) => {
            for (index, reason) in wrong {
                errors.add(format!("{field}.{}", places[index]), reason.to_string());
            }
            Vec::new()
        }
    }
}

fn read_time(errors: &mut FieldErrors, field: &str, text: &str) -> Option<WallTime> {
    let time = WallTime::parse(text.trim());
    if time.is_none() {
        errors.add(field, "This is not a time. Use HH:MM, for example 09:30.");
    }
    time
}
