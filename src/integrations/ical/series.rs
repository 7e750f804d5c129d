//! Events of one UID put together: a series, its exceptions and what takes the place of single occurrences.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::ControlFlow,
};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::{
    Note,
    event::{Event, Length, Mark, Start},
    expand::{Budget, occurrences},
    rule::Rule,
    spans::Spans,
    values::Written,
    zones::{Place, Zones, from_utc},
};

/// Zones are at most 14 hours from UTC, and two of them 26 from each other: days enough to look too far.
const MARGIN: TimeDelta = TimeDelta::days(2);

/// Overrides of one series that say something about all that follows, at most.
const MAX_FOLLOWING: usize = 100;

/// Adds the time that a calendar's events take.
pub(super) fn add_events(events: Vec<Event>, zones: &Zones, budget: &mut Budget, spans: &mut Spans) {
    let mut named: HashMap<String, Vec<Event>> = HashMap::new();
    let mut order = Vec::new();
    for event in events {
        match event.uid.clone() {
            None => add_group(vec![event], zones, budget, spans),
            Some(uid) => named
                .entry(uid)
                .or_insert_with_key(|uid| {
                    order.push(uid.clone());
                    Vec::new()
                })
                .push(event),
        }
    }
    for uid in order {
        if let Some(group) = named.remove(&uid) {
            add_group(group, zones, budget, spans);
        }
    }
}

fn add_group(group: Vec<Event>, zones: &Zones, budget: &mut Budget, spans: &mut Spans) {
    let (overrides, masters): (Vec<_>, Vec<_>) = group.into_iter().partition(|event| event.replaces.is_some());
    let overrides = newest(overrides, |event| event.replaces.map(|replaces| replaces.mark));
    for over in overrides.iter().filter(|over| over.busy) {
        // Counted wherever it was moved to, whether or not its series is here.
        spans.add(over.start.instant(), over.length.end(over.start.local, &over.start.place));
    }
    let replaced = overrides.iter().filter_map(|over| over.replaces);
    let (replaced, replaced_days) = replaced.map(|replaces| (replaces.mark, replaces.day)).unzip();
    let mut following: Vec<_> = overrides.iter().filter(|over| over.replaces.is_some_and(|replaces| replaces.following)).collect();
    if following.len() > MAX_FOLLOWING {
        following.truncate(MAX_FOLLOWING);
        spans.note(Note::TooMuch);
    }
    for master in &newest(masters, |_| None) {
        let place = &master.start.place;
        let mut futures: Vec<_> = following.iter().filter_map(|over| Future::of(over, place)).collect();
        futures.sort_by_key(|future| future.from);
        let without = master.without.iter().copied().collect();
        Series { master, zones, without, replaced: &replaced, replaced_days: &replaced_days, futures }.add(budget, spans);
    }
}

/// Of the events with the same key, those of the highest SEQUENCE and newest DTSTAMP. Equals all stay: neither is
/// known to be the old one, and taken time must not be lost.
fn newest(events: Vec<Event>, key: impl Fn(&Event) -> Option<Mark>) -> Vec<Event> {
    let mut best: HashMap<Option<Mark>, (i64, String)> = HashMap::new();
    for event in &events {
        let best = best.entry(key(event)).or_insert_with(|| event.version.clone());
        if *best < event.version {
            best.clone_from(&event.version);
        }
    }
    events.into_iter().filter(|event| best.get(&key(event)) == Some(&event.version)).collect()
}

struct Series<'a> {
    master: &'a Event,
    zones: &'a Zones,
    without: HashSet<Mark>,
    replaced: &'a HashSet<Mark>,
    /// For whole days.
    replaced_days: &'a HashSet<NaiveDate>,
    /// Sorted by where they begin.
    futures: Vec<Future<'a>>,
}

/// An override of an occurrence and of all after it.
struct Future<'a> {
    from: NaiveDateTime,
    shift: TimeDelta,
    event: &'a Event,
}

impl Series<'_> {
    fn add(&self, budget: &mut Budget, spans: &mut Spans) {
        let master = self.master;
        if !master.busy && self.futures.iter().all(|future| !future.event.busy) {
            return;
        }
        let Some((from, until)) = self.range(spans) else { return };
        let mut starts = BTreeSet::new();
        if (from..=until).contains(&master.start.local) {
            starts.insert(master.start.local);
        }
        for rule in &master.rules {
            let mut left = budget.occurrences;
            let complete = occurrences(rule, master.start.local, (from, until), budget, |at| {
                left = left.saturating_sub(1);
                if left == 0 || self.is_after(rule, at) {
                    return ControlFlow::Break(());
                }
                starts.insert(at);
                ControlFlow::Continue(())
            });
            if complete.is_err() || left == 0 {
                spans.note(Note::TooMuch);
            }
        }
        for local in starts {
            self.add_one(local, &master.start.place, master.length, spans);
        }
        for (start, length) in &master.extra {
            self.add_one(start.local, &start.place, length.unwrap_or(master.length), spans);
        }
    }

    /// The wall-clock times at which an occurrence must start to be of interest.
    fn range(&self, spans: &Spans) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let place = &self.master.start.place;
        let lengths = self.futures.iter().map(|future| future.event.length.at_most());
        let length = lengths.fold(self.master.length.at_most(), TimeDelta::max).max(TimeDelta::zero());
        let shift = self.futures.iter().map(|future| future.shift.abs()).max().unwrap_or_default();
        let from = place.local(spans.window.start)?.checked_sub_signed(MARGIN)?.checked_sub_signed(shift)?;
        let until = place.local(spans.window.end)?.checked_add_signed(MARGIN)?.checked_add_signed(shift)?;
        Some((from.checked_sub_signed(length).unwrap_or(NaiveDateTime::MIN), until))
    }

    fn add_one(&self, local: NaiveDateTime, place: &Place, length: Length, spans: &mut Spans) {
        let Some(start) = place.instant(local) else { return };
        let gone = |mark| self.without.contains(&mark) || self.replaced.contains(&mark);
        let day_gone = self.master.start.whole_day && self.replaced_days.contains(&local.date());
        if day_gone || gone(Mark::At(start)) || gone(Mark::On(local.date())) {
            return;
        }
        let Some(future) = self.futures.iter().rfind(|future| future.from <= local) else {
            if self.master.busy {
                spans.add(Some(start), length.end(local, place));
            }
            return;
        };
        let Event { start: Start { place, .. }, length, busy, .. } = future.event;
        if let Some(local) = local.checked_add_signed(future.shift).filter(|_| *busy) {
            spans.add(place.instant(local), length.end(local, place));
        }
    }

    /// Whether an occurrence lies after the rule's UNTIL, which is itself included.
    fn is_after(&self, rule: &Rule, local: NaiveDateTime) -> bool {
        let start = &self.master.start;
        match rule.until {
            None => false,
            Some(Written::Day(day)) => local.date() > day,
            Some(Written::Wall(until)) if start.whole_day => local.date() > until.date(),
            Some(Written::Wall(until)) => local > until,
            Some(Written::Utc(until)) if start.whole_day => {
                // Some write the last day as its midnight in UTC, some as the instant it begins at.
                let there = self.zones.home().local(from_utc(until)).unwrap_or(until);
                local.date() > until.max(there).date()
            }
            Some(Written::Utc(until)) => start.place.instant(local).is_none_or(|at| at > from_utc(until)),
        }
    }
}

impl<'a> Future<'a> {
    fn of(event: &'a Event, place: &Place) -> Option<Self> {
        let from = match event.replaces.filter(|replaces| replaces.following)?.mark {
            Mark::At(at) => place.local(at)?,
            Mark::On(day) => day.and_time(chrono::NaiveTime::MIN),
        };
        let replaced = if event.start.whole_day { from.date().and_time(chrono::NaiveTime::MIN) } else { from };
        Some(Self { from, shift: event.start.local - replaced, event })
    }
}
