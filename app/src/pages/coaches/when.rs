//! The days a mentee would like to meet on.

use chrono::{Datelike, Days, NaiveDate};
use wellmet::{
    bookings::FOUND_AHEAD_DAYS,
    model::{FieldErrors, Instant},
    time::{Interval, Zone, words},
};

use super::Search;

/// Nobody can be booked further ahead.
const FURTHEST: Days = Days::new(730);
const SPAN: Days = Days::new(FOUND_AHEAD_DAYS.unsigned_abs() - 1);

/// Days asked for, both included, in order, none of them over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    first: NaiveDate,
    last: NaiveDate,
}

impl Wanted {
    /// The days of `search`; `None` when it asks for none. One end alone is enough.
    ///
    /// # Errors
    /// What is wrong with `free_from` or `free_until`.
    pub(super) fn of(search: &Search, today: NaiveDate) -> Result<Option<Self>, FieldErrors> {
        if !search.has_days() {
            return Ok(None);
        }
        let mut errors = FieldErrors::new();
        let mut date = |field: &str, text: &str| {
            let read = text.parse::<NaiveDate>().ok();
            if read.is_none() && !text.is_empty() {
                errors.add(field, format!("Write a day like this: {today}."));
            }
            read
        };
        let (first, last) = (date("free_from", &search.free_from), date("free_until", &search.free_until));
        errors.or(())?;
        let first = first.map_or(today, |first| first.max(today));
        let last = last.unwrap_or_else(|| first.checked_add_days(SPAN).unwrap_or(first));
        let mut errors = FieldErrors::new();
        if today.checked_add_days(FURTHEST).is_some_and(|furthest| first > furthest) {
            errors.add("free_from", "Choose a day within the next two years.");
        } else if last < today {
            errors.add("free_until", "This day is over. Choose today or a later one.");
        } else if last < first {
            errors.add("free_until", "The last day comes before the first.");
        } else if first.checked_add_days(SPAN).is_none_or(|furthest| last > furthest) {
            errors.add("free_until", format!("Look at {FOUND_AHEAD_DAYS} days at most."));
        }
        errors.or(Some(Self { first, last }))
    }

    /// From now until the end of this week, Sunday included.
    pub(super) fn this_week(today: NaiveDate) -> Self {
        Self { first: today, last: sunday(today) }
    }

    /// From Monday to Sunday.
    pub(super) fn next_week(today: NaiveDate) -> Self {
        let monday = sunday(today).succ_opt().unwrap_or(today);
        Self { first: monday, last: sunday(monday) }
    }

    /// A search for these days.
    pub(super) fn put(self, search: &mut Search) {
        search.free_from = self.first.to_string();
        search.free_until = self.last.to_string();
    }

    /// The instants of these days in `zone` that are not over.
    pub(super) fn interval(self, zone: &Zone, now: Instant) -> Option<Interval> {
        let (first, last) = (zone.day(self.first)?, zone.day(self.last)?);
        Some(Interval { start: first.start.max(now), end: last.end })
    }

    /// `on Tuesday 8 December`, `between Mon 7 Dec and Sun 13 Dec`.
    pub(super) fn words(self) -> String {
        if self.first == self.last {
            return format!("on {}", words::day_and_month(self.first));
        }
        format!("between {} and {}", words::short_date(self.first), words::short_date(self.last))
    }
}

fn sunday(date: NaiveDate) -> NaiveDate {
    let left = 6 - u64::from(date.weekday().num_days_from_monday());
    date.checked_add_days(Days::new(left)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(from: &str, until: &str) -> Result<Option<Wanted>, Vec<String>> {
        let search = Search { free_from: from.to_owned(), free_until: until.to_owned(), ..Search::default() };
        Wanted::of(&search, day("2026-12-03")).map_err(|errors| errors.0.into_iter().map(|error| error.field).collect())
    }

    fn days(first: &str, last: &str) -> Wanted {
        Wanted { first: day(first), last: day(last) }
    }

    #[test]
    fn one_end_is_enough_and_the_past_begins_today() {
        assert_eq!(of("", ""), Ok(None));
        assert_eq!(of("2026-12-08", "2026-12-08"), Ok(Some(days("2026-12-08", "2026-12-08"))));
        assert_eq!(of("2026-12-08", ""), Ok(Some(days("2026-12-08", "2027-03-09"))));
        assert_eq!(of("", "2026-12-08"), Ok(Some(days("2026-12-03", "2026-12-08"))));
        assert_eq!(of("2020-01-01", "2026-12-08"), Ok(Some(days("2026-12-03", "2026-12-08"))));
        assert_eq!(of("2026-12-08", "2027-03-09"), Ok(Some(days("2026-12-08", "2027-03-09"))));
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(of("soon", "2026-13-01"), Err(vec!["free_from".to_owned(), "free_until".to_owned()]));
        for (from, until, field) in [
            ("2029-01-01", "", "free_from"),
            ("+262142-12-31", "", "free_from"),
            ("", "2026-12-02", "free_until"),
            ("", "-9999-12-02", "free_until"),
            ("2026-12-08", "2026-12-07", "free_until"),
            ("2026-12-08", "2027-03-10", "free_until"),
            ("", "9999-12-31", "free_until"),
        ] {
            assert_eq!(of(from, until), Err(vec![field.to_owned()]), "{from} {until}");
        }
    }

    #[test]
    fn weeks_end_on_sunday() {
        let thursday = day("2026-12-03");
        assert_eq!(Wanted::this_week(thursday).words(), "between Thu 3 Dec and Sun 6 Dec");
        assert_eq!(Wanted::this_week(day("2026-12-06")).words(), "on Sunday 6 December");
        assert_eq!(Wanted::next_week(thursday).words(), "between Mon 7 Dec and Sun 13 Dec");
    }
}
