//! Dates, times and spans in English words.

use chrono::{Datelike, NaiveDate};

use super::Zone;
use crate::model::{Instant, Weekday};

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

fn month(date: NaiveDate) -> &'static str {
    MONTHS[date.month0() as usize]
}

fn weekday(date: NaiveDate) -> &'static str {
    Weekday::of(date).label()
}

/// `Tuesday 8 December 2026`.
pub fn long_date(date: NaiveDate) -> String {
    format!("{} {}", day_and_month(date), date.year())
}

/// `Tuesday 8 December`.
pub fn day_and_month(date: NaiveDate) -> String {
    format!("{} {} {}", weekday(date), date.day(), month(date))
}

/// `Tue 8 Dec`.
pub fn short_date(date: NaiveDate) -> String {
    // Three ASCII letters are in every name.
    format!("{} {} {}", &weekday(date)[..3], date.day(), &month(date)[..3])
}

/// `December 2026`.
pub fn month_and_year(date: NaiveDate) -> String {
    format!("{} {}", month(date), date.year())
}

/// How long something takes: `60 minutes`, `90 minutes`, `2 hours`, `1 hour 45 minutes`. A session is known by
/// its minutes, so hours only come in above 90.
pub fn span_minutes(minutes: u32) -> String {
    if minutes <= 90 { count(minutes.into(), "minute") } else { hours_and_minutes(minutes.into()) }
}

/// From `start` to `end` on the clock of `zone`, with date and offset:
/// `Tuesday 8 December 2026, 13:00–14:00 (Europe/Lisbon, UTC+0)`. The second date is named when it differs, and so is
/// the second offset when the clock changes in between.
pub fn when(zone: &Zone, start: Instant, end: Instant) -> String {
    let (first, last) = (zone.date_of(start), zone.date_of(end));
    let (opens, closes) = (zone.wall(start), zone.wall(end));
    // Ending at the stroke of midnight is still the same evening.
    let same_day = first == last || (first.succ_opt() == Some(last) && closes == "00:00");
    let until = if same_day { format!("–{closes}") } else { format!(" – {}, {closes}", long_date(last)) };
    let (before, after) = (zone.utc_offset_label(start), zone.utc_offset_label(end));
    let offset = if before == after { before } else { format!("{before}, then {after}") };
    format!("{}, {opens}{until} ({}, {offset})", long_date(first), zone.name())
}

/// How far `to` lies from `from`, in the largest unit that fits, rounded down: `in 3 days`, `in 40 seconds`, `2 hours ago`;
/// `now` within a second.
pub fn distance(from: Instant, to: Instant) -> String {
    let seconds = to.millis().abs_diff(from.millis()) / 1000;
    let span = match seconds {
        0 => return "now".to_owned(),
        1..60 => count(seconds, "second"),
        60..3600 => count(seconds / 60, "minute"),
        3600..86_400 => count(seconds / 3600, "hour"),
        _ => count(seconds / 86_400, "day"),
    };
    if to > from { format!("in {span}") } else { format!("{span} ago") }
}

/// How the coach's clock stands to the mentee's at `at`: `one hour ahead`, `5 hours 30 minutes behind`, `same time`.
pub fn zone_difference(coach: &Zone, mentee: &Zone, at: Instant) -> String {
    let seconds = i64::from(coach.offset_seconds(at)) - i64::from(mentee.offset_seconds(at));
    let span = match seconds.unsigned_abs() / 60 {
        0 => return "same time".to_owned(),
        60 => "one hour".to_owned(),
        minutes => hours_and_minutes(minutes),
    };
    format!("{span} {}", if seconds > 0 { "ahead" } else { "behind" })
}

fn hours_and_minutes(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => count(minutes, "minute"),
        (hours, 0) => count(hours, "hour"),
        (hours, minutes) => format!("{} {}", count(hours, "hour"), count(minutes, "minute")),
    }
}

fn count(number: u64, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn dates_are_written_out() {
        let date = NaiveDate::from_ymd_opt(2026, 12, 8).unwrap();
        assert_eq!(long_date(date), "Tuesday 8 December 2026");
        assert_eq!(day_and_month(date), "Tuesday 8 December");
        assert_eq!(short_date(date), "Tue 8 Dec");
        assert_eq!(month_and_year(date), "December 2026");
        for edge in [NaiveDate::MIN, NaiveDate::MAX] {
            assert!(!long_date(edge).is_empty() && !short_date(edge).is_empty());
        }
    }

    #[test]
    fn spans_turn_to_hours_above_ninety_minutes() {
        let spans = [1, 60, 90, 91, 120, 150, 1440].map(span_minutes);
        assert_eq!(spans, ["1 minute", "60 minutes", "90 minutes", "1 hour 31 minutes", "2 hours", "2 hours 30 minutes", "24 hours"]);
    }

    #[test]
    fn a_session_names_its_zone_and_what_changes_in_it() {
        let lisbon = Zone::parse("Europe/Lisbon").unwrap();
        let words = |start, end| when(&lisbon, at(start), at(end));
        assert_eq!(words("2026-12-08T13:00:00Z", "2026-12-08T14:00:00Z"), "Tuesday 8 December 2026, 13:00–14:00 (Europe/Lisbon, UTC+0)");
        assert_eq!(words("2026-12-08T23:00:00Z", "2026-12-09T00:00:00Z"), "Tuesday 8 December 2026, 23:00–00:00 (Europe/Lisbon, UTC+0)");
        assert_eq!(
            words("2026-12-08T23:30:00Z", "2026-12-09T00:30:00Z"),
            "Tuesday 8 December 2026, 23:30 – Wednesday 9 December 2026, 00:30 (Europe/Lisbon, UTC+0)"
        );
        assert_eq!(
            words("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            "Sunday 25 October 2026, 01:30–01:30 (Europe/Lisbon, UTC+1, then UTC+0)"
        );
        assert!(!when(&lisbon, Instant::from_millis(i64::MIN), Instant::from_millis(i64::MAX)).is_empty());
    }

    #[test]
    fn distances_use_the_largest_unit_that_fits() {
        let now = at("2026-12-08T12:00:00Z");
        let told = [0, 40, 60, 119, 7200, 86_399, 86_400, 3 * 86_400, -1, -2 * 86_400]
            .map(|s| distance(now, Instant::from_millis(now.millis() + s * 1000)));
        assert_eq!(
            told,
            [
                "now",
                "in 40 seconds",
                "in 1 minute",
                "in 1 minute",
                "in 2 hours",
                "in 23 hours",
                "in 1 day",
                "in 3 days",
                "1 second ago",
                "2 days ago"
            ]
        );
        assert!(distance(Instant::from_millis(i64::MIN), Instant::from_millis(i64::MAX)).starts_with("in "));
    }

    #[test]
    fn zones_are_compared_from_where_the_mentee_is() {
        let (winter, zone) = (at("2026-12-08T12:00:00Z"), |name| Zone::parse(name).unwrap());
        let told = |coach, mentee| zone_difference(&zone(coach), &zone(mentee), winter);
        assert_eq!(told("Europe/Stockholm", "Europe/Lisbon"), "one hour ahead");
        assert_eq!(told("Europe/Lisbon", "Europe/London"), "same time");
        assert_eq!(told("Europe/Lisbon", "Asia/Kolkata"), "5 hours 30 minutes behind");
        assert_eq!(told("Asia/Kathmandu", "Asia/Kolkata"), "15 minutes ahead");
    }
}
