//! Recurrence rules worked out, on wall-clock times: what instants those are is for the zone to say.
//!
//! A rule is a row of periods (years, weeks, hours ...), every `interval`-th of which is looked at. The work is bounded by
//! a budget, and a rule without a count is entered near the range that is asked for, however long ago it began.

use std::ops::ControlFlow;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};

use super::rule::{Frequency, Rule};

/// What may be spent on the rules of a calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// Days and times that may still be looked at, for all rules together.
    pub(super) work: u32,
    /// Occurrences of one rule, at most.
    pub(super) occurrences: u32,
}

/// The budget ran out before the rule did: what was visited is not all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exhausted;

/// Visits the occurrences of `rule` from `from` to `until`, both included, in order, for a series that starts at `start`. COUNT
/// counts what the rule chooses: whether a start that it would not choose is one of them is undefined (RFC 5545, 3.8.5.3), and the
/// longer series is the safer reading. The rule's own UNTIL is for the visitor, who knows zones.
pub(super) fn occurrences(
    rule: &Rule,
    start: NaiveDateTime,
    (from, until): (NaiveDateTime, NaiveDateTime),
    budget: &mut Budget,
    mut visit: impl FnMut(NaiveDateTime) -> ControlFlow<()>,
) -> Result<(), Exhausted> {
    let rule = &rule.completed(start);
    let mut left = rule.count;
    let mut visited = 0;
    let mut number = if rule.count.is_some() { 0 } else { period_near(rule, start, from) };
    while let Some(period) = Period::of(rule, start, number) {
        if period.begin > until {
            return Ok(());
        }
        let found = candidates(rule, &period, budget)?;
        for at in found.times.into_iter().filter(|at| *at >= start) {
            if left == Some(0) || at > until {
                return Ok(());
            }
            left = left.map(|left| left - 1);
            if rule.count.is_none() && at < from {
                continue;
            }
            visited += 1;
            if visited > budget.occurrences {
                return Err(Exhausted);
            }
            if at >= from && visit(at).is_break() {
                return Ok(());
            }
        }
        number = found.skip_to.map_or(number + 1, |next| period_after(rule, start, next).max(number + 1));
    }
    Ok(())
}

/// One period of a rule.
struct Period {
    begin: NaiveDateTime,
    days: i64,
}

impl Period {
    /// `None` beyond the year 9999.
    fn of(rule: &Rule, start: NaiveDateTime, number: i64) -> Option<Self> {
        let steps = number.checked_mul(rule.interval)?;
        let (begin, days) = match rule.frequency {
            Frequency::Yearly => {
                let first = NaiveDate::from_ymd_opt(year_plus(start.year(), steps)?, 1, 1)?;
                (first.and_time(NaiveTime::MIN), if first.leap_year() { 366 } else { 365 })
            }
            Frequency::Monthly => {
                let month = i64::from(start.month0()).checked_add(steps)?;
                let year = year_plus(start.year(), month.div_euclid(12))?;
                let first = NaiveDate::from_ymd_opt(year, u32::try_from(month.rem_euclid(12)).ok()? + 1, 1)?;
                (first.and_time(NaiveTime::MIN), i64::from(first.num_days_in_month()))
            }
            Frequency::Weekly => (week_of(rule, start.date())?.checked_add_signed(TimeDelta::try_weeks(steps)?)?, 7),
            _ => (first_of(rule.frequency, start).checked_add_signed(step(rule.frequency, steps)?)?, 1),
        };
        (begin.year() <= 9999).then_some(Self { begin, days })
    }
}

struct Found {
    times: Vec<NaiveDateTime>,
    /// Nothing can be found before it.
    skip_to: Option<NaiveDateTime>,
}

/// What the rule chooses in one period, in order.
fn candidates(rule: &Rule, period: &Period, budget: &mut Budget) -> Result<Found, Exhausted> {
    if rule.frequency > Frequency::Daily
        && let Some(skip_to) = skip(rule, period.begin)
    {
        spend(budget, rule.cost())?;
        return Ok(Found { times: Vec::new(), skip_to: Some(skip_to) });
    }
    let first = period.begin.date();
    let times = times(rule, period.begin);
    let mut found = Vec::new();
    for day in first.iter_days().take(usize::try_from(period.days).unwrap_or(1)) {
        spend(budget, rule.cost())?;
        if rule.frequency > Frequency::Daily || day_matches(rule, day) {
            spend(budget, u32::try_from(times.len()).unwrap_or(u32::MAX))?;
            found.extend(times.iter().map(|time| day.and_time(*time)));
        }
    }
    if !rule.positions.is_empty() {
        let place = |position: &i32| {
            let back = usize::try_from(position.unsigned_abs()).ok()?;
            if *position > 0 { found.get(back - 1) } else { found.get(found.len().checked_sub(back)?) }.copied()
        };
        let mut chosen: Vec<_> = rule.positions.iter().filter_map(place).collect();
        chosen.sort_unstable();
        chosen.dedup();
        found = chosen;
    }
    Ok(Found { times: found, skip_to: None })
}

fn spend(budget: &mut Budget, work: u32) -> Result<(), Exhausted> {
    budget.work = budget.work.checked_sub(work).ok_or(Exhausted)?;
    Ok(())
}

/// For a period shorter than a day that nothing is chosen from: when the next day, hour or minute begins that may be better.
fn skip(rule: &Rule, begin: NaiveDateTime) -> Option<NaiveDateTime> {
    let chosen = |list: &[u32], value| list.is_empty() || list.contains(&value);
    if !day_matches(rule, begin.date()) {
        return Some(begin.date().succ_opt()?.and_time(NaiveTime::MIN));
    }
    if !chosen(&rule.hours, begin.hour()) {
        return begin.with_minute(0)?.with_second(0)?.checked_add_signed(TimeDelta::hours(1));
    }
    if rule.frequency > Frequency::Hourly && !chosen(&rule.minutes, begin.minute()) {
        return begin.with_second(0)?.checked_add_signed(TimeDelta::minutes(1));
    }
    let seconds_fixed = rule.frequency == Frequency::Secondly;
    (seconds_fixed && !chosen(&rule.seconds, begin.second())).then(|| begin.checked_add_signed(TimeDelta::seconds(1)))?
}

/// The times of day in one period: those the rule lists, held to the hour, minute or second that the period itself is.
fn times(rule: &Rule, begin: NaiveDateTime) -> Vec<NaiveTime> {
    let own = |is_period: bool, value: u32, list: &[u32]| if is_period { vec![value] } else { list.to_vec() };
    let hours = own(rule.frequency > Frequency::Daily, begin.hour(), &rule.hours);
    let minutes = own(rule.frequency > Frequency::Hourly, begin.minute(), &rule.minutes);
    let seconds = own(rule.frequency > Frequency::Minutely, begin.second(), &rule.seconds);
    let mut times = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
    for hour in &hours {
        for minute in &minutes {
            times.extend(seconds.iter().filter_map(|second| NaiveTime::from_hms_opt(*hour, *minute, *second)));
        }
    }
    times
}

fn day_matches(rule: &Rule, day: NaiveDate) -> bool {
    let in_year = (signed(day.ordinal()), if day.leap_year() { 366 } else { 365 });
    let in_month = (signed(day.day()), i32::from(day.num_days_in_month()));
    let listed = |list: &[i32], (number, of): (i32, i32)| list.is_empty() || list.contains(&number) || list.contains(&(number - of - 1));
    (rule.months.is_empty() || rule.months.contains(&day.month()))
        && (rule.weeks.is_empty() || rule.frequency != Frequency::Yearly || listed(&rule.weeks, week_number(day, rule.week_start)))
        && listed(&rule.year_days, in_year)
        && listed(&rule.month_days, in_month)
        && weekday_matches(rule, day, in_month, in_year)
}

fn weekday_matches(rule: &Rule, day: NaiveDate, in_month: (i32, i32), in_year: (i32, i32)) -> bool {
    // "The second Monday" is one of the month, or of the year where a yearly rule names no months.
    let within = match rule.frequency {
        Frequency::Monthly => Some(in_month),
        Frequency::Yearly if !rule.weeks.is_empty() => None,
        Frequency::Yearly => Some(if rule.months.is_empty() { in_year } else { in_month }),
        _ => None,
    };
    let nth_matches = |nth: i32| match (nth, within) {
        (0, _) | (_, None) => true,
        (nth, Some((number, _))) if nth > 0 => (number - 1) / 7 + 1 == nth,
        (nth, Some((number, of))) => (of - number) / 7 + 1 == -nth,
    };
    rule.weekdays.is_empty()
        || rule.weekdays.iter().any(|(nth, weekday)| *weekday == day.weekday().num_days_from_monday() && nth_matches(*nth))
}

/// The number of the week that `day` is in, and how many that week's year has. Week 1 is the first with at least four days in
/// its year (ISO 8601, with weeks that start where the rule says).
fn week_number(day: NaiveDate, week_start: Weekday) -> (i32, i32) {
    let fourth = signed(day.weekday().days_since(week_start));
    // The year of a week is the year of its fourth day.
    let Some(fourth) = day.checked_add_signed(TimeDelta::days(i64::from(3 - fourth))) else { return (1, 52) };
    let days = if fourth.leap_year() { 366 } else { 365 };
    let number = (signed(fourth.ordinal()) - 1) / 7;
    let left = (days - signed(fourth.ordinal())) / 7;
    (number + 1, number + 1 + left)
}

/// A period at or before which nothing can lie in a range that begins at `from`.
fn period_near(rule: &Rule, start: NaiveDateTime, from: NaiveDateTime) -> i64 {
    let units = match rule.frequency {
        Frequency::Yearly => i64::from(from.year()) - i64::from(start.year()),
        Frequency::Monthly => (i64::from(from.year()) - i64::from(start.year())) * 12 + i64::from(from.month()) - i64::from(start.month()),
        Frequency::Weekly => (from - start).num_weeks(),
        Frequency::Daily => (from - start).num_days(),
        Frequency::Hourly => (from - start).num_hours(),
        Frequency::Minutely => (from - start).num_minutes(),
        Frequency::Secondly => (from - start).num_seconds(),
    };
    ((units - 1) / rule.interval - 1).max(0)
}

/// The first period of at most a day that begins at or after `next`.
fn period_after(rule: &Rule, start: NaiveDateTime, next: NaiveDateTime) -> i64 {
    let seconds = (next - first_of(rule.frequency, start)).num_seconds().max(0);
    let each = step(rule.frequency, rule.interval).map_or(1, |step| step.num_seconds()).max(1);
    seconds / each + i64::from(seconds % each > 0)
}

/// The beginning of the day, hour, minute or second that `start` is in.
fn first_of(frequency: Frequency, start: NaiveDateTime) -> NaiveDateTime {
    let (hour, minute, second) = (start.hour(), start.minute(), start.second());
    let time = match frequency {
        Frequency::Hourly => NaiveTime::from_hms_opt(hour, 0, 0),
        Frequency::Minutely => NaiveTime::from_hms_opt(hour, minute, 0),
        Frequency::Secondly => NaiveTime::from_hms_opt(hour, minute, second),
        _ => None,
    };
    start.date().and_time(time.unwrap_or(NaiveTime::MIN))
}

fn step(frequency: Frequency, steps: i64) -> Option<TimeDelta> {
    match frequency {
        Frequency::Hourly => TimeDelta::try_hours(steps),
        Frequency::Minutely => TimeDelta::try_minutes(steps),
        Frequency::Secondly => TimeDelta::try_seconds(steps),
        _ => TimeDelta::try_days(steps),
    }
}

fn week_of(rule: &Rule, day: NaiveDate) -> Option<NaiveDateTime> {
    let into = TimeDelta::days(i64::from(day.weekday().days_since(rule.week_start)));
    Some(day.checked_sub_signed(into)?.and_time(NaiveTime::MIN))
}

fn year_plus(year: i32, years: i64) -> Option<i32> {
    i32::try_from(i64::from(year).checked_add(years)?).ok()
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
