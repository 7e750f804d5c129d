//! Where the clock changes next.

use crate::{model::Instant, time::Zone};

/// A place to coach from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home {
    pub(super) zone: &'static str,
    pub(super) place: &'static str,
}

/// On both sides of the equator and with changes on different dates, so that one of them is rarely far: the longest wait
/// is from early November to March, four months and a half.
const HOMES: [Home; 6] = [
    Home { zone: "Europe/Dublin", place: "Dublin" },
    Home { zone: "America/Denver", place: "Denver" },
    Home { zone: "America/Santiago", place: "Santiago de Chile" },
    Home { zone: "Africa/Cairo", place: "Cairo" },
    Home { zone: "Africa/Casablanca", place: "Casablanca" },
    Home { zone: "Australia/Lord_Howe", place: "Lord Howe Island" },
];

/// How far ahead a change is looked for, in days.
const LOOK_AHEAD: i64 = 366;

/// The home whose clock changes soonest after `now`; the first of the list should none change in a year.
pub(super) fn home(now: Instant) -> Home {
    let change = |home: &Home| {
        let changes = Zone::parse(home.zone)?.transitions(now, now.plus_minutes(LOOK_AHEAD * 24 * 60));
        changes.first().copied()
    };
    let changing = HOMES.iter().filter_map(|home| Some((change(home)?, home)));
    changing.min_by_key(|(at, _)| *at).map_or(HOMES[0], |(_, home)| *home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_clock_changes_within_the_horizon_whatever_the_day() {
        let mut day = Instant::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        while day < Instant::parse_rfc3339("2030-01-01T00:00:00Z").unwrap() {
            let zone = Zone::parse(home(day).zone).unwrap();
            assert_eq!(zone.transitions(day, day.plus_minutes(140 * 24 * 60)).len().min(1), 1, "{day:?} {zone}");
            day = day.plus_minutes(24 * 60);
        }
    }
}
