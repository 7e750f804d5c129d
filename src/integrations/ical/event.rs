//! One `VEVENT`, read: when, how long, how often, and whether it takes time at all.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::{
    Note,
    lines::{Component, Property},
    rule::Rule,
    values::{Lasting, Period, Until, Written},
    zones::{Place, Zones, from_utc},
};
use crate::model::Instant;

/// A start in its zone. Whole days start at their midnight.
#[derive(Clone)]
pub(super) struct Start {
    pub(super) local: NaiveDateTime,
    pub(super) place: Place,
    pub(super) whole_day: bool,
}

/// How long each occurrence lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// By the clock on the wall, as it follows from two times: from ten to six stays so in the night the clocks change. (RFC
    /// 5545, 3.8.5.3 would have such nights last as long as the first; calendars do not show them so.)
    Wall(TimeDelta),
    /// As a duration says: days by the calendar, the rest by a stopwatch.
    Exact(Lasting),
}

/// An event, master or override.
pub(super) struct Event {
    pub(super) uid: Option<String>,
    /// `SEQUENCE` and `DTSTAMP`: the higher is the newer.
    pub(super) version: (i64, String),
    pub(super) start: Start,
    pub(super) length: Length,
    pub(super) rules: Vec<Rule>,
    /// `RDATE`, with the length of those that are periods.
    pub(super) extra: Vec<(Start, Option<Length>)>,
    /// `EXDATE`.
    pub(super) without: Vec<Mark>,
    /// `RECURRENCE-ID`: which occurrence this takes the place of.
    pub(super) replaces: Option<Replaces>,
    /// Takes time: neither cancelled nor transparent (RFC 4791, 7.10; tentative is busy).
    pub(super) busy: bool,
}

/// What an override takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replaces {
    pub(super) mark: Mark,
    /// The date as written: what counts for a series of whole days.
    pub(super) day: NaiveDate,
    /// And of all that follow.
    pub(super) following: bool,
}

/// Names an occurrence: by its start, or by its day where only a date is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    At(Instant),
    On(NaiveDate),
}

impl Event {
    /// Reads an event; what it says wrongly is noted. `None` if it does not say when it is.
    pub(super) fn read(component: &Component, zones: &Zones, notes: &mut Vec<Note>) -> Option<Self> {
        let property = component.first("DTSTART")?;
        let start = Start::read(Written::parse(&property.value, property)?, property, zones, None, notes);
        let length = read_length(component, &start, zones, notes)?;
        let mut rules = Vec::new();
        for property in component.all("RRULE") {
            match Rule::parse(&property.value) {
                Some(rule) => rules.push(rule),
                None => notes.push(Note::UnreadableRule),
            }
        }
        let mut event = Self {
            uid: component.first("UID").map(|property| property.value.trim().to_owned()).filter(|uid| !uid.is_empty()),
            version: (
                component.word("SEQUENCE").and_then(|number| number.parse().ok()).unwrap_or(0),
                component.word("DTSTAMP").unwrap_or_default(),
            ),
            start,
            length,
            rules,
            extra: Vec::new(),
            without: Vec::new(),
            replaces: None,
            busy: component.word("STATUS").as_deref() != Some("CANCELLED") && component.word("TRANSP").as_deref() != Some("TRANSPARENT"),
        };
        event.read_dates(component, zones, notes);
        event.read_replaces(component, zones, notes);
        Some(event)
    }

    fn read_dates(&mut self, component: &Component, zones: &Zones, notes: &mut Vec<Note>) {
        for property in component.all("RDATE") {
            for item in property.value.split(',') {
                match self.read_extra(item, property, zones, notes) {
                    Some(extra) => self.extra.push(extra),
                    None => notes.push(Note::UnreadableTime),
                }
            }
        }
        for property in component.all("EXDATE") {
            for item in property.value.split(',') {
                // An exception that cannot be read takes nothing away: the time stays taken.
                self.without.extend(Mark::read(item, property, &self.start, self.start.whole_day, zones, notes));
            }
        }
    }

    fn read_extra(&self, item: &str, property: &Property, zones: &Zones, notes: &mut Vec<Note>) -> Option<(Start, Option<Length>)> {
        let Some(period) = Period::parse(item) else {
            let written = Written::parse(item, property)?;
            return Some((Start::read(written, property, zones, Some(&self.start), notes), None));
        };
        let start = Start::read(period.start, property, zones, Some(&self.start), notes);
        let length = match period.until {
            Until::After(lasting) => Length::Exact(lasting),
            Until::At(end) => between(&start, &Start::read(end, property, zones, Some(&self.start), notes))?,
        };
        Some((start, Some(length)))
    }

    fn read_replaces(&mut self, component: &Component, zones: &Zones, notes: &mut Vec<Note>) {
        let Some(property) = component.first("RECURRENCE-ID") else { return };
        let following = property.parameter_is("RANGE", "THISANDFUTURE");
        // The series may be of times though this is a whole day, and the other way round.
        let mark = Mark::read(&property.value, property, &self.start, false, zones, notes);
        let day = Written::parse(&property.value, property).map(Written::date);
        let replaces = mark.zip(day).map(|(mark, day)| Replaces { mark, day, following });
        if replaces.is_none() {
            notes.push(Note::UnreadableTime);
        }
        // One that cannot be read stands for some occurrence all the same, and the series keeps that one too.
        let nothing = Replaces { mark: Mark::On(NaiveDate::MIN), day: NaiveDate::MIN, following: false };
        self.replaces = Some(replaces.unwrap_or(nothing));
    }
}

impl Start {
    /// Gives a written time its zone. A time without one is in `series`' zone, else in the calendar's.
    fn read(written: Written, property: &Property, zones: &Zones, series: Option<&Self>, notes: &mut Vec<Note>) -> Self {
        let own = || series.filter(|series| !series.whole_day).map_or_else(|| zones.home(), |series| series.place.clone());
        match written {
            Written::Day(day) => match series.filter(|series| !series.whole_day) {
                // A bare date in a series of times means the series' time on that date.
                Some(series) => Self { local: day.and_time(series.local.time()), place: series.place.clone(), whole_day: false },
                None => Self { local: day.and_time(NaiveTime::MIN), place: zones.home(), whole_day: true },
            },
            Written::Utc(local) => Self { local, place: Place::Known(crate::time::Zone::utc()), whole_day: false },
            Written::Wall(local) => {
                let place = match property.parameter("TZID") {
                    None => own(),
                    Some(name) => zones.named(name).unwrap_or_else(|| {
                        notes.push(Note::UnknownZone);
                        own()
                    }),
                };
                Self { local, place, whole_day: false }
            }
        }
    }

    /// Where it is on the line of time.
    pub(super) fn instant(&self) -> Option<Instant> {
        self.place.instant(self.local)
    }
}

impl Mark {
    /// Reads an `EXDATE` or `RECURRENCE-ID`; a time without a zone is in that of `start`.
    fn read(item: &str, property: &Property, start: &Start, by_day: bool, zones: &Zones, notes: &mut Vec<Note>) -> Option<Self> {
        let written = Written::parse(item, property)?;
        if by_day || matches!(written, Written::Day(_)) {
            return Some(Self::On(written.date()));
        }
        Start::read(written, property, zones, Some(start), notes).instant().map(Self::At)
    }
}

impl Length {
    /// The instant at which an occurrence ends that starts at `local` in `place`.
    pub(super) fn end(self, local: NaiveDateTime, place: &Place) -> Option<Instant> {
        match self {
            Self::Wall(length) => {
                let start = place.instant(local)?;
                if place.local(start)? != local {
                    // The start fell into a gap and moved; the end moves with it, or nothing would be left of short ones.
                    return from_instant(start, length);
                }
                place.instant(local.checked_add_signed(length)?)
            }
            Self::Exact(Lasting { days, seconds }) => from_instant(place.instant(local.checked_add_signed(days)?)?, seconds),
        }
    }

    /// About how long that is, never less.
    pub(super) fn at_most(self) -> TimeDelta {
        match self {
            Self::Wall(length) => length,
            Self::Exact(Lasting { days, seconds }) => days + seconds,
        }
    }
}

fn from_instant(start: Instant, by: TimeDelta) -> Option<Instant> {
    start.millis().checked_add(by.num_milliseconds()).map(Instant::from_millis)
}

/// `DTEND`, `DURATION`, or what their absence means (RFC 5545, 3.6.1). `None` if it is written but cannot be read.
fn read_length(component: &Component, start: &Start, zones: &Zones, notes: &mut Vec<Note>) -> Option<Length> {
    let day = TimeDelta::days(1);
    if let Some(property) = component.first("DTEND") {
        let mut end = Start::read(Written::parse(&property.value, property)?, property, zones, None, notes);
        if property.parameter("TZID").is_none() && matches!(Written::read(&property.value), Some(Written::Wall(_))) && !start.whole_day {
            end.place = start.place.clone();
        }
        let length = between(start, &end)?;
        return Some(match length {
            Length::Wall(length) if start.whole_day && length < day => Length::Wall(day),
            Length::Wall(length) if length < TimeDelta::zero() => {
                notes.push(Note::UnreadableTime);
                Length::Wall(TimeDelta::zero())
            }
            length => length,
        });
    }
    if let Some(property) = component.first("DURATION") {
        let lasting = Lasting::parse(&property.value)?;
        if start.whole_day {
            return Some(Length::Wall(TimeDelta::days((lasting.days + lasting.seconds).num_days()).max(day)));
        }
        return Some(Length::Exact(lasting));
    }
    Some(Length::Wall(if start.whole_day { day } else { TimeDelta::zero() }))
}

/// What the clock at the start shows between two times.
fn between(start: &Start, end: &Start) -> Option<Length> {
    let end_there = start.place.local(end.instant()?)?;
    // In the same zone the written time counts: it may be one that the clock skips.
    let end_there = if same_place(&start.place, &end.place) { end.local } else { end_there };
    Some(Length::Wall(end_there - start.local))
}

fn same_place(one: &Place, other: &Place) -> bool {
    match (one, other) {
        (Place::Known(one), Place::Known(other)) => one == other,
        (Place::Embedded(one), Place::Embedded(other)) => std::rc::Rc::ptr_eq(one, other),
        _ => false,
    }
}

/// The instant of a UTC time as written.
pub(super) fn utc_instant(written: Written, zones: &Zones) -> Option<Instant> {
    match written {
        Written::Utc(at) => Some(from_utc(at)),
        Written::Wall(at) => zones.home().instant(at),
        Written::Day(day) => zones.home().instant(day.and_time(NaiveTime::MIN)),
    }
}
