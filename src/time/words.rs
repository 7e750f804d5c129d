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
