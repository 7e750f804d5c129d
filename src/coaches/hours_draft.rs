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

impl From<&Window> for WindowDraft {
    fn from(window: &Window) -> Self {
        Self { from: window.from.to_string(), until: window.until.to_string() }
    }
}

impl WeeklyHoursDraft {
    /// The week as a form shows it.
    pub fn of(weekly: &WeeklyHours) -> Self {
        Self(weekly.0.each_ref().map(|windows| windows.iter().map(WindowDraft::from).collect()))
    }

    /// The week it means and what is wrong with it, for looking at it before it is saved: a day with something
    /// wrong counts as closed.
    pub fn look(&self) -> (WeeklyHours, FieldErrors) {
        let mut errors = FieldErrors::new();
        let weekly = self.read(&mut errors);
        (weekly, errors)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(from: &str, until: &str) -> WindowDraft {
        WindowDraft { from: from.to_owned(), until: until.to_owned() }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn on(date: &str, windows: Vec<WindowDraft>) -> OverrideDraft {
        OverrideDraft { date: date.to_owned(), windows }
    }

    fn notes(errors: &FieldErrors) -> Vec<(&str, &str)> {
        errors.0.iter().map(|error| (error.field.as_str(), error.message.split_inclusive('.').next().unwrap())).collect()
    }

    #[test]
    fn every_row_that_is_wrong_is_named_where_it_was_typed() {
        let mut draft = WeeklyHoursDraft::default();
        draft.0[0] = vec![row("", " "), row("9", "12:00"), row("09:00", ""), row("13:00", "15:00"), row("14:00", "16:00")];
        draft.0[6] = vec![row("24:00", "24:00"), row("18:00", "17:00")];
        let mut errors = FieldErrors::new();
        draft.read(&mut errors);
        let wanted = [
            ("monday.1.from", "This is not a time."),
            ("monday.2.until", "This is not a time."),
            ("monday.4", "Overlaps the window before it."),
            ("sunday.0", "A window cannot start at 24:00."),
            ("sunday.1", "Ends before it starts."),
        ];
        assert_eq!(notes(&errors), wanted);
    }

    #[test]
    fn a_look_shows_the_days_that_stand_and_reads_back_what_it_wrote() {
        let mut draft = WeeklyHoursDraft::default();
        draft.0[0] = vec![row("09:00", "12:00"), row("20:00", "24:00")];
        draft.0[1] = vec![row("09:00", "08:00")];
        let (weekly, errors) = draft.look();
        assert_eq!((notes(&errors).len(), weekly.0[0].len(), weekly.0[1].len()), (1, 2, 0));
        assert_eq!(WeeklyHoursDraft::of(&weekly).0[0], draft.0[0]);
    }

    #[test]
    fn rows_are_sorted_and_blank_ones_dropped() {
        let mut draft = WeeklyHoursDraft::default();
        draft.0[2] = vec![row("13:00", "24:00"), row("", ""), row(" 09:00 ", "12:00:00")];
        let mut errors = FieldErrors::new();
        let week = draft.read(&mut errors);
        assert_eq!(
            (errors, week.on(Weekday::Wednesday)),
            (FieldErrors::new(), &[9, 13].map(|from| Window::hours(from, [12, 24][usize::from(from == 13)]).unwrap())[..])
        );
    }

    #[test]
    fn an_override_is_of_today_or_later_and_within_two_years() {
        let today = date("2028-02-29");
        for good in ["2028-02-29", " 2028-03-01 ", "2030-02-28"] {
            let mut errors = FieldErrors::new();
            assert!(on(good, Vec::new()).read(&mut errors, "", today).is_some() && errors.0.is_empty(), "{good}");
        }
        for bad in ["2028-02-28", "2030-03-01", "", "2027-02-29", "2028-2-29", "+12028-02-29", "29/02/2028", "<script>"] {
            let mut errors = FieldErrors::new();
            on(bad, Vec::new()).read(&mut errors, "", today);
            assert!(errors.about("date").is_some(), "{bad}");
        }
    }

    #[test]
    fn today_is_the_coachs_and_errors_of_all_parts_come_together() {
        // Already the 8th in Auckland, still the 7th in UTC.
        let now = Instant::parse_rfc3339("2026-12-07T12:00:00Z").unwrap();
        let draft = |zone: &str| HoursDraft {
            time_zone: zone.to_owned(),
            overrides: vec![on("2026-12-07", vec![row("x", "10:00")]), on("2026-12-09", Vec::new()), on("2026-12-09", Vec::new())],
            ..HoursDraft::default()
        };
        let errors = draft("Pacific/Auckland").read(now, &Hours::default()).unwrap_err();
        let wanted = [
            ("overrides.0.date", "This date is past: today is 2026-12-08 in your time zone."),
            ("overrides.0.windows.0.from", "This is not a time."),
            ("overrides.2.date", "This date is here twice."),
        ];
        assert_eq!(notes(&errors), wanted);
        let errors = draft("Mars/Olympus").read(now, &Hours::default()).unwrap_err();
        let wanted = [
            ("time_zone", "This is an unknown zone."),
            ("overrides.0.windows.0.from", "This is not a time."),
            ("overrides.2.date", "This date is here twice."),
        ];
        assert_eq!(notes(&errors), wanted);
    }

    #[test]
    fn what_was_read_yesterday_can_be_written_today() {
        let now = Instant::parse_rfc3339("2026-12-08T12:00:00Z").unwrap();
        let mut stored = Hours::default();
        stored.overrides.insert(date("2026-12-07"), Vec::new());
        let overrides = vec![on("2026-12-07", Vec::new()), on("2026-12-08", Vec::new())];
        let draft = HoursDraft { time_zone: "europe/stockholm".to_owned(), overrides, ..HoursDraft::default() };
        let (zone, hours) = draft.read(now, &stored).unwrap();
        assert_eq!((zone.name(), hours.overrides.into_keys().collect()), ("Europe/Stockholm", vec![date("2026-12-08")]));
    }
}
