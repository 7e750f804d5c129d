//! A zone as the file itself describes it (RFC 5545, 3.6.5): the last resort for names that nobody knows.

use std::ops::ControlFlow;

use chrono::{Datelike, NaiveDateTime, TimeDelta};

use super::{
    expand::{Budget, occurrences},
    lines::Component,
    rule::Rule,
    values::{Written, read_offset},
    zones::{from_utc, utc},
};
use crate::model::Instant;

/// More changes than any zone has had since 1601, two a year.
const MAX_CHANGES: usize = 2_000;

/// The offsets of a zone, change by change.
#[derive(Debug)]
pub(super) struct Observances {
    before: i64,
    changes: Vec<Change>,
}

#[derive(Debug, Clone, Copy)]
struct Change {
    at: Instant,
    /// The first wall-clock time that is read with the new offset.
    from: NaiveDateTime,
    offset: i64,
}

impl Observances {
    /// Works out a `VTIMEZONE` until a year after `end`. `None` if it says nothing usable, or more than zones say.
    pub(super) fn read(definition: &Component, end: Instant, budget: &mut Budget) -> Option<Self> {
        let end = utc(end)?.checked_add_signed(TimeDelta::days(366))?;
        let mut found: Vec<(Change, i64)> = Vec::new();
        for part in definition.children.iter().filter(|part| matches!(part.name.as_str(), "STANDARD" | "DAYLIGHT")) {
            found.extend(observance(part, end, budget)?);
            if found.len() > MAX_CHANGES {
                return None;
            }
        }
        found.sort_by_key(|(change, _)| change.at);
        let before = found.first()?.1;
        let mut changes: Vec<_> = found.into_iter().map(|(change, _)| change).collect();
        // In order by the wall clock too, as they are in zones that make sense, so that both can be searched.
        for n in 1..changes.len() {
            if let [before, change] = &mut changes[n - 1..=n] {
                change.from = change.from.max(before.from);
            }
        }
        Some(Self { before, changes })
    }

    /// The instant of a wall-clock time.
    pub(super) fn instant(&self, local: NaiveDateTime) -> Option<Instant> {
        let offset = self.offset_after(self.changes.partition_point(|change| change.from <= local));
        Some(from_utc(local.checked_sub_signed(TimeDelta::try_seconds(offset)?)?))
    }

    /// What the clock is ahead of UTC at `at`, in seconds.
    pub(super) fn offset_seconds(&self, at: Instant) -> i64 {
        self.offset_after(self.changes.partition_point(|change| change.at <= at))
    }

    /// The offset when so many changes have passed.
    fn offset_after(&self, passed: usize) -> i64 {
        passed.checked_sub(1).and_then(|last| self.changes.get(last)).map_or(self.before, |change| change.offset)
    }
}

/// The changes that one `STANDARD` or `DAYLIGHT` makes, each with the offset before it.
fn observance(part: &Component, end: NaiveDateTime, budget: &mut Budget) -> Option<Vec<(Change, i64)>> {
    let offset = |name| part.first(name).and_then(|property| read_offset(&property.value));
    let (before, after) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
    let Written::Wall(start) = Written::read(&part.first("DTSTART")?.value)? else { return None };
    let mut onsets = vec![start];
    for property in part.all("RDATE") {
        onsets.extend(property.value.split(',').filter_map(|item| match Written::read(item) {
            Some(Written::Wall(at)) => Some(at),
            _ => None,
        }));
    }
    for property in part.all("RRULE") {
        let rule = Rule::parse(&property.value)?;
        let last = rule.until.map(|until| match until {
            Written::Utc(at) => at.checked_add_signed(TimeDelta::seconds(before)).unwrap_or(at),
            Written::Wall(at) => at,
            Written::Day(day) => day.and_time(chrono::NaiveTime::MIN) + TimeDelta::days(1),
        });
        let collected = occurrences(&rule, start, (start, end), budget, |at| {
            if last.is_some_and(|last| at > last) {
                return ControlFlow::Break(());
            }
            onsets.push(at);
            ControlFlow::Continue(())
        });
        collected.ok()?;
    }
    onsets.retain(|onset| (1..=9998).contains(&onset.year()));
    let change = |onset: NaiveDateTime| {
        let at = from_utc(onset.checked_sub_signed(TimeDelta::seconds(before))?);
        // The onset is written with the old offset. Times in the gap that follows are read with the old one too; times that
        // come twice mean the first, which ends at the onset.
        let from = onset.checked_add_signed(TimeDelta::seconds((after - before).max(0)))?;
        Some((Change { at, from, offset: after }, before))
    };
    Some(onsets.into_iter().filter_map(change).collect())
}

#[cfg(test)]
mod tests {
    use super::super::lines::calendars;
    use super::*;

    fn budget() -> Budget {
        Budget { work: 400_000, occurrences: 2_000 }
    }

    fn berlin_of_windows() -> Observances {
        let text = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Mine\n\
            BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n\
            BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n\
            END:VTIMEZONE\nEND:VCALENDAR";
        let calendar = calendars(text.as_bytes(), 10).unwrap().remove(0);
        Observances::read(&calendar.children[0], Instant::parse_rfc3339("2027-06-01T00:00:00Z").unwrap(), &mut budget()).unwrap()
    }

    #[test]
    fn agrees_with_the_zone_it_describes() {
        let (mine, berlin) = (berlin_of_windows(), crate::time::Zone::parse("Europe/Berlin").unwrap());
        let start = NaiveDateTime::parse_from_str("2026-01-01T00:15:00", "%Y-%m-%dT%H:%M:%S").unwrap();
        for halves in 0..17_520 {
            let local = start + TimeDelta::minutes(30 * halves);
            assert_eq!(mine.instant(local), berlin.instant_at(local), "{local}");
            let at = from_utc(local);
            assert_eq!(mine.offset_seconds(at), i64::from(berlin.offset_seconds(at)), "{local}Z");
        }
    }

    #[test]
    fn nonsense_is_no_zone() {
        for part in [
            "",
            "BEGIN:STANDARD\nEND:STANDARD\n",
            "BEGIN:STANDARD\nDTSTART:20260101T000000\nTZOFFSETFROM:x\nTZOFFSETTO:+0100\nEND:STANDARD\n",
        ] {
            let text = format!("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\n{part}END:VTIMEZONE\nEND:VCALENDAR");
            let calendar = calendars(text.as_bytes(), 10).unwrap().remove(0);
            assert!(Observances::read(&calendar.children[0], Instant::from_millis(0), &mut budget()).is_none(), "{part}");
        }
    }
}
