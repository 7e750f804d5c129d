//! Days that people remember, written down by hand, and what is no zone at all.

use chrono::NaiveDate;
use wellmet::model::{Instant, WallTime};
use wellmet::time::{Interval, Zone, tzdata_version};

use super::{at, date, wall, zone};

fn start(name: &str, day: &str, time: &str) -> Instant {
    zone(name).start_of(date(day), wall(time)).unwrap()
}

fn finish(name: &str, day: &str, time: &str) -> Instant {
    zone(name).end_of(date(day), wall(time)).unwrap()
}

fn day(name: &str, day: &str) -> Interval {
    zone(name).day(date(day)).unwrap()
}

fn hours(interval: Interval) -> i64 {
    (interval.end.millis() - interval.start.millis()) / 3_600_000
}

#[test]
fn lisbon_springs_and_falls() {
    // 2026-03-29 01:00 becomes 02:00; 2026-10-25 02:00 becomes 01:00.
    assert_eq!(start("Europe/Lisbon", "2026-03-29", "01:30"), at("2026-03-29T01:00:00Z"));
    assert_eq!(finish("Europe/Lisbon", "2026-03-29", "01:30"), at("2026-03-29T01:00:00Z"));
    assert_eq!(start("Europe/Lisbon", "2026-10-25", "01:30"), at("2026-10-25T00:30:00Z"));
    assert_eq!(finish("Europe/Lisbon", "2026-10-25", "01:30"), at("2026-10-25T01:30:00Z"));
    assert_eq!([hours(day("Europe/Lisbon", "2026-03-29")), hours(day("Europe/Lisbon", "2026-10-25"))], [23, 25]);
}

#[test]
fn calendars_read_skipped_and_repeated_times_by_their_own_rule() {
    // RFC 5545, 3.3.5: 02:30, which New York skips, is half an hour after the gap; 01:30, which it repeats, is the first.
    let read = |day: &str, time: &str| zone("America/New_York").instant_at(format!("{day}T{time}").parse().unwrap()).unwrap();
    assert_eq!(read("2007-03-11", "02:30:00"), at("2007-03-11T07:30:00Z"));
    assert_eq!(read("2007-11-04", "01:30:00"), at("2007-11-04T05:30:00Z"));
    assert_eq!(read("2007-11-04", "02:00:01"), at("2007-11-04T07:00:01Z"));
    assert!(zone("America/New_York").instant_at(chrono::NaiveDateTime::MAX).is_none());
}

#[test]
fn midnight_itself_is_skipped_in_sao_paulo() {
    // 2018-11-04 00:00 became 01:00.
    let midnight = at("2018-11-04T03:00:00Z");
    for time in ["00:00", "00:59", "01:00"] {
        assert_eq!(start("America/Sao_Paulo", "2018-11-04", time), midnight, "{time}");
    }
    assert_eq!(finish("America/Sao_Paulo", "2018-11-03", "24:00"), midnight);
    assert_eq!((day("America/Sao_Paulo", "2018-11-04").start, hours(day("America/Sao_Paulo", "2018-11-04"))), (midnight, 23));
}

#[test]
fn midnight_comes_twice_in_havana() {
    // 2026-11-01 01:00 becomes 00:00: the date begins with the first midnight, the evening before may end with the second.
    assert_eq!(start("America/Havana", "2026-11-01", "00:00"), at("2026-11-01T04:00:00Z"));
    assert_eq!(finish("America/Havana", "2026-10-31", "24:00"), at("2026-11-01T05:00:00Z"));
    assert_eq!([hours(day("America/Havana", "2026-10-31")), hours(day("America/Havana", "2026-11-01"))], [24, 25]);
}

#[test]
fn the_date_falls_back_with_the_clock_in_st_johns() {
    // 2010-11-07 00:01 became 2010-11-06 23:01: the evening that comes again belongs to the 7th.
    let first = at("2010-11-07T02:30:00Z");
    assert_eq!(day("America/St_Johns", "2010-11-07").start, first);
    assert_eq!(day("America/St_Johns", "2010-11-06").end, first);
    assert_eq!(zone("America/St_Johns").date_of(at("2010-11-07T02:31:00Z")), date("2010-11-06"));
}

#[test]
fn apia_never_had_the_30th() {
    let new_day = at("2011-12-30T10:00:00Z");
    assert_eq!(day("Pacific/Apia", "2011-12-30"), Interval { start: new_day, end: new_day });
    assert_eq!(start("Pacific/Apia", "2011-12-30", "15:00"), new_day);
    assert_eq!(finish("Pacific/Apia", "2011-12-29", "24:00"), new_day);
    assert_eq!(start("Pacific/Apia", "2011-12-31", "00:00"), new_day);
}

#[test]
fn two_hours_at_once_in_winamac() {
    // Summer time and a move from Central to Eastern on one night: 2007-03-11 02:00 became 04:00.
    let change = at("2007-03-11T08:00:00Z");
    assert_eq!(start("America/Indiana/Winamac", "2007-03-11", "02:00"), change);
    assert_eq!(finish("America/Indiana/Winamac", "2007-03-11", "03:59"), change);
}

#[test]
fn half_and_three_quarter_hours() {
    // Lord Howe moves by 30 minutes; Pyongyang moved by 30 in 2018, at 23:30; Nepal moved by 15 in 1986.
    assert_eq!(start("Australia/Lord_Howe", "2026-10-04", "02:15"), at("2026-10-03T15:30:00Z"));
    assert_eq!(start("Australia/Lord_Howe", "2026-04-05", "01:45"), at("2026-04-04T14:45:00Z"));
    assert_eq!(finish("Australia/Lord_Howe", "2026-04-05", "01:45"), at("2026-04-04T15:15:00Z"));
    assert_eq!(start("Asia/Pyongyang", "2018-05-04", "23:45"), at("2018-05-04T15:00:00Z"));
    assert_eq!(day("Asia/Pyongyang", "2018-05-05").start, at("2018-05-04T15:00:00Z"));
    assert_eq!(start("Asia/Kathmandu", "1986-01-01", "00:05"), at("1985-12-31T18:30:00Z"));
    assert_eq!(start("Asia/Kathmandu", "2026-05-01", "09:00"), at("2026-05-01T03:15:00Z"));
    assert_eq!(zone("Asia/Kathmandu").utc_offset_label(at("2026-05-01T00:00:00Z")), "UTC+5:45");
}

#[test]
fn offsets_and_clocks_are_written_as_people_do() {
    let noon = at("2026-01-15T12:00:00Z");
    let written = |name| (zone(name).wall(noon), zone(name).utc_offset_label(noon));
    assert_eq!(written("Europe/Lisbon"), ("12:00".into(), "UTC+0".into()));
    assert_eq!(written("Asia/Kolkata"), ("17:30".into(), "UTC+5:30".into()));
    assert_eq!(written("America/Sao_Paulo"), ("09:00".into(), "UTC-3".into()));
    assert_eq!(zone("Africa/Monrovia").utc_offset_label(at("1971-01-01T00:00:00Z")), "UTC-0:44:30");
}

#[test]
fn names_are_read_in_any_case_and_junk_is_not() {
    for (asked, name) in [
        ("europe/lisbon", "Europe/Lisbon"),
        ("AMERICA/ARGENTINA/BUENOS_AIRES", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
        ("asia/calcutta", "Asia/Calcutta"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ] {
        assert_eq!(Zone::parse(asked).map(|zone| zone.name().to_owned()).as_deref(), Some(name));
    }
    for junk in [
        "",
        " ",
        "Europe",
        "Europe/",
        "Europe/Lisbon ",
        "Europe/Lisboa",
        "+01:00",
        "-03",
        "UTC+1",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "Etc/Unknown",
        "etc/unknown",
        "Factory",
        "localtime",
        "posixrules",
        "posix/Europe/Lisbon",
        "../../etc/passwd",
        "Europe/Lisbon\0",
        "é",
    ] {
        assert_eq!(Zone::parse(junk), None, "{junk:?}");
    }
    assert_eq!(Zone::parse("UTC"), Some(Zone::utc()));
    assert_ne!(zone("Europe/Lisbon"), zone("Europe/London"));
}

#[test]
fn pickers_offer_places_by_todays_names() {
    let names = Zone::all_names();
    assert!(names.is_sorted() && names.len() > 410, "{}", names.len());
    for name in ["UTC", "Europe/Kyiv", "Asia/Kolkata", "Europe/Amsterdam", "America/Argentina/Buenos_Aires", "Arctic/Longyearbyen"] {
        assert!(names.contains(&name), "{name}");
    }
    for name in ["GB", "EST5EDT", "Etc/UTC", "US/Eastern", "Europe/Kiev", "Asia/Calcutta", "America/Buenos_Aires", "Australia/NSW"] {
        assert!(!names.contains(&name), "{name}");
    }
    for name in names {
        assert_eq!(zone(name).name(), *name);
    }
    assert!(tzdata_version() >= "2026", "{}", tzdata_version());
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for name in ["UTC", "Europe/Lisbon", "Pacific/Apia", "America/St_Johns"] {
        let zone = zone(name);
        for date in [NaiveDate::MIN, NaiveDate::MAX, date("-9999-01-01"), date("9999-12-31"), date("+10000-01-01")] {
            for time in [WallTime::MIDNIGHT, wall("12:00"), WallTime::END_OF_DAY] {
                // Either an answer near the date or none: what matters is that there is no panic.
                for told in [zone.start_of(date, time), zone.end_of(date, time)].into_iter().flatten() {
                    let away = zone.date_of(told).signed_duration_since(date).num_days();
                    assert!(away.abs() <= 1, "{name} {date} {time} is {told:?}");
                }
            }
            if let Some(day) = zone.day(date) {
                assert!(day.start < day.end);
            }
        }
        assert_eq!(zone.start_of(NaiveDate::MAX, wall("12:00")), None);
        for millis in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
            let at = Instant::from_millis(millis);
            assert_eq!(zone.local(at).date, zone.date_of(at));
            assert!(!zone.wall(at).is_empty() && !zone.utc_offset_label(at).is_empty());
        }
        assert!(zone.transitions(Instant::from_millis(i64::MAX - 1), Instant::from_millis(i64::MAX)).is_empty());
        assert!(zone.transitions(Instant::from_millis(i64::MIN), Instant::from_millis(i64::MIN + 1)).is_empty());
    }
}

#[test]
fn half_a_second_before_1970_is_still_1969() {
    // Rounding towards 1970 instead of down would show the next second.
    let local = zone("UTC").local(Instant::from_millis(-500));
    assert_eq!((local.date, local.minutes, local.seconds), (date("1969-12-31"), 1439, 59));
}
