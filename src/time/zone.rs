//! Time zones: what an instant reads on a wall clock, and which instant a wall-clock time is.
//!
//! jiff does the arithmetic, on the data built into the program; its types do not leave this file. Dates are
//! chrono's. Outside the years -9999 to 9999 the wall-clock functions return `None`, and those that read an
//! instant answer for the nearest one inside.

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use jiff::{
    Timestamp, civil,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase, TimeZoneTransition},
};

use super::{Interval, zone_names};
use crate::model::{Instant, WallTime};

/// Seconds in a day of 24 hours.
const DAY: i64 = 86_400;
/// `1970-01-01` as chrono counts days.
const EPOCH_DAY: i64 = 719_163;
/// Names in the data that are not a zone a person can be in.
const NOT_PLACES: [&str; 2] = ["Etc/Unknown", "Factory"];

/// A time zone of the IANA data. Cheap to clone; two are equal when their names are.
#[derive(Clone)]
pub struct Zone(TimeZone);

/// What calendar and clock show at an instant in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// The date.
    pub date: NaiveDate,
    /// Whole minutes since 00:00 as the clock shows it, 0 to 1439.
    pub minutes: u16,
    /// Seconds of the minute, 0 to 59.
    pub seconds: u8,
    /// What the clock is ahead of UTC, in seconds (negative: behind).
    pub offset_seconds: i32,
}

/// Which of two instants a wall-clock time means when the clock shows it twice.
#[derive(Clone, Copy)]
enum Fold {
    First,
    Second,
}

impl Zone {
    /// The zone of an IANA name in any case (`europe/lisbon`), old names included. `None` for anything else: an
    /// offset, a POSIX rule, `localtime`, an empty or unknown name. Zones are read once and kept.
    pub fn parse(name: &str) -> Option<Self> {
        let zone = Self(TimeZoneDatabase::bundled().get(name).ok()?);
        (zone.0.iana_name().is_some() && !NOT_PLACES.contains(&zone.name())).then_some(zone)
    }

    /// UTC.
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The IANA name in its usual case, such as `Europe/Lisbon`.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The names to offer in a picker, sorted: `Area/City` as they are called today, and `UTC`. Old names,
    /// which [`Zone::parse`] still reads, are left out.
    pub fn all_names() -> &'static [&'static str] {
        zone_names::offered()
    }

    /// The instant at which something starts that starts at `time` on `date`. A time that the clock skips means
    /// the first instant after the gap; one that it shows twice means the first. 24:00 is 00:00 of the next date.
    /// `None` outside the years -9999 to 9999.
    pub fn start_of(&self, date: NaiveDate, time: WallTime) -> Option<Instant> {
        self.instant(date, time, Fold::First)
    }

    /// The instant at which something ends that ends at `time` on `date`: as [`Zone::start_of`], but a time that
    /// the clock shows twice means the second.
    pub fn end_of(&self, date: NaiveDate, time: WallTime) -> Option<Instant> {
        self.instant(date, time, Fold::Second)
    }

    /// The instant of a wall-clock time as iCalendar counts (RFC 5545, 3.3.5): one that the clock shows twice means the
    /// first, one that it skips is read with the offset before the gap, so it lies as far after the gap as it was
    /// written into it. Calendars say something else here than hours do, see [`Zone::start_of`].
    /// `None` outside the years -9999 to 9999.
    pub fn instant_at(&self, local: NaiveDateTime) -> Option<Instant> {
        let time = local.time();
        let part = |number: u32| i8::try_from(number).ok();
        let time = civil::Time::new(part(time.hour())?, part(time.minute())?, part(time.second())?, 0).ok()?;
        let found = self.0.to_ambiguous_timestamp(civil_date(local.date())?.to_datetime(time));
        Some(instant(found.compatible().ok()?))
    }

    /// The instants that belong to `date`: from the first that carries it until the first that carries a later
    /// one. Days never overlap and leave nothing out: where the clock goes back over midnight, the repeated
    /// end of the old date belongs to the new one. Empty for a date that the zone skipped altogether.
    /// `None` outside the years -9999 to 9999.
    pub fn day(&self, date: NaiveDate) -> Option<Interval> {
        let start = self.start_of(date, WallTime::MIDNIGHT)?;
        Some(Interval { start, end: self.start_of(date, WallTime::END_OF_DAY)? })
    }

    /// What calendar and clock show at `at`.
    pub fn local(&self, at: Instant) -> Local {
        let at = stamp(at);
        let offset_seconds = self.0.to_offset(at).seconds();
        let shown = at.as_second() + i64::from(offset_seconds);
        let second_of_day = shown.rem_euclid(DAY);
        Local {
            date: date_of_day(shown.div_euclid(DAY)),
            minutes: u16::try_from(second_of_day / 60).unwrap_or(0),
            seconds: u8::try_from(second_of_day % 60).unwrap_or(0),
            offset_seconds,
        }
    }

    /// The date at `at`.
    pub fn date_of(&self, at: Instant) -> NaiveDate {
        self.local(at).date
    }

    /// The date at `at`, and an instant after `at` until which it surely stays that date: so a walk through
    /// time asks once a day, not once an instant.
    pub(crate) fn date_until(&self, at: Instant) -> (NaiveDate, Instant) {
        let at = stamp(at);
        let offset = i64::from(self.0.to_offset(at).seconds());
        let day = (at.as_second() + offset).div_euclid(DAY);
        let midnight = (day + 1) * DAY - offset;
        let change = self.0.following(at).next().map_or(midnight, |change| change.timestamp().as_second());
        (date_of_day(day), Instant::from_millis(midnight.min(change) * 1000))
    }

    /// The clock at `at`, as `HH:MM`.
    pub fn wall(&self, at: Instant) -> String {
        let minutes = self.local(at).minutes;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// What the clock is ahead of UTC at `at`, in seconds (negative: behind).
    pub fn offset_seconds(&self, at: Instant) -> i32 {
        self.0.to_offset(stamp(at)).seconds()
    }

    /// The offset at `at` as people write it: `UTC+5:30`, `UTC+0`, `UTC-3`.
    pub fn utc_offset_label(&self, at: Instant) -> String {
        let offset = self.offset_seconds(at);
        let sign = if offset < 0 { '-' } else { '+' };
        let seconds = offset.unsigned_abs();
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (hours, 0, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes, 0) => format!("UTC{sign}{hours}:{minutes:02}"),
            (hours, minutes, seconds) => format!("UTC{sign}{hours}:{minutes:02}:{seconds:02}"),
        }
    }

    /// The instants in `from..until` at which the offset changes, in order.
    pub fn transitions(&self, from: Instant, until: Instant) -> Vec<Instant> {
        let before = stamp(Instant::from_millis(from.millis().saturating_sub(1)));
        let changes = self.0.following(before).take_while(|change| instant(change.timestamp()) < until);
        changes.filter(|change| self.changes_offset(change)).map(|change| instant(change.timestamp())).collect()
    }

    /// Some entries of the data change only the name or the summer flag.
    fn changes_offset(&self, change: &TimeZoneTransition<'_>) -> bool {
        let before = stamp(Instant::from_millis(change.timestamp().as_millisecond() - 1));
        self.0.to_offset(before) != change.offset()
    }

    fn instant(&self, date: NaiveDate, time: WallTime, fold: Fold) -> Option<Instant> {
        let found = self.0.to_ambiguous_timestamp(civil_of(date, time)?);
        let at = match (found.offset(), fold) {
            (AmbiguousOffset::Gap { .. }, _) => self.end_of_gap(found.earlier().ok()?, found.later().ok()?),
            (_, Fold::First) => found.earlier().ok()?,
            (_, Fold::Second) => found.later().ok()?,
        };
        Some(instant(at))
    }

    /// The change that opened a gap, between an instant before it and one at or after it. Found by halving, because
    /// jiff 0.2's list of preceding changes is an hour out where the data's table meets its rule for the
    /// years to come (America/Indiana/Winamac, March 2007). At most 17 steps, on the day of a change only.
    fn end_of_gap(&self, before: Timestamp, after: Timestamp) -> Timestamp {
        let offset = self.0.to_offset(before);
        let (mut before, mut after) = (before.as_second(), after.as_second());
        while after - before > 1 {
            let middle = i64::midpoint(before, after);
            let changed = Timestamp::from_second(middle).is_ok_and(|at| self.0.to_offset(at) != offset);
            (before, after) = if changed { (before, middle) } else { (middle, after) };
        }
        stamp(Instant::from_millis(after * 1000))
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}
impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The whole second at or before `at`, held inside the years that jiff knows. Offsets change on whole seconds, so
/// nothing is lost by rounding down; rounding towards 1970, as jiff does, would be wrong before it.
fn stamp(at: Instant) -> Timestamp {
    let second = at.millis().div_euclid(1000);
    let edge = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(second).unwrap_or(edge)
}

fn instant(at: Timestamp) -> Instant {
    Instant::from_millis(at.as_millisecond())
}

fn civil_of(date: NaiveDate, time: WallTime) -> Option<civil::DateTime> {
    let (date, minutes) = if time == WallTime::END_OF_DAY { (date.succ_opt()?, 0) } else { (date, time.minutes()) };
    let time = civil::Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()?;
    Some(civil_date(date)?.to_datetime(time))
}

fn civil_date(date: NaiveDate) -> Option<civil::Date> {
    let year = i16::try_from(date.year()).ok()?;
    civil::Date::new(year, i8::try_from(date.month()).ok()?, i8::try_from(date.day()).ok()?).ok()
}

/// The date that is `day` days after 1970-01-01.
fn date_of_day(day: i64) -> NaiveDate {
    // Every caller's instant went through `stamp`, so the year has four digits and chrono has the date.
    i32::try_from(day + EPOCH_DAY).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(NaiveDate::MAX)
}
