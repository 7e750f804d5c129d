//! Calendars and events as the sandbox stores them; each provider words them its own way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::recur::Rule;

/// A begin or an end: an instant, or a date for events that last whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum When {
    /// An instant.
    At(Timestamp),
    /// The beginning of a date in the calendar's zone.
    On(Date),
}

impl When {
    /// The instant this is in `zone`.
    pub(crate) fn instant(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::On(date) => midnight(date, zone),
        }
    }

    /// Whether it names a date, not an instant.
    pub(crate) fn is_date(self) -> bool {
        matches!(self, Self::On(_))
    }
}

fn midnight(date: Date, zone: &TimeZone) -> Timestamp {
    date.to_zoned(zone.clone()).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

/// The zone called `name`; UTC when there is none.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// What an account may do with a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Role {
    /// Sees when it is taken, not by what.
    FreeBusyReader,
    /// Sees everything, changes nothing.
    Reader,
    /// Changes events.
    Writer,
    /// Owns it.
    Owner,
}

/// How an event shows to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Show {
    /// Takes the time.
    Busy,
    /// Leaves the time free.
    Free,
    /// Takes the time, perhaps.
    Tentative,
    /// Out of office.
    Oof,
    /// At work somewhere else.
    WorkingElsewhere,
    /// The provider does not know.
    Unknown,
}

/// An event, or a series of them.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) summary: String,
    pub(crate) start: When,
    pub(crate) end: When,
    pub(crate) zone: String,
    pub(crate) rule: Option<Rule>,
    /// Begins of the series that do not take place.
    pub(crate) except: BTreeSet<Timestamp>,
    pub(crate) show: Show,
    pub(crate) tentative: bool,
    /// Called off, still there.
    pub(crate) cancelled: bool,
    /// Deleted; the id stays taken.
    pub(crate) removed: bool,
    /// The calendar's revision of the last change.
    pub(crate) revision: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// What else a provider keeps, in that provider's words.
    pub(crate) details: Map<String, Value>,
}

impl Event {
    /// A confirmed event that takes its time.
    pub(crate) fn new(id: String, summary: &str, start: When, end: When, zone: &str, now: Timestamp) -> Self {
        Self {
            id,
            summary: summary.to_owned(),
            start,
            end,
            zone: zone.to_owned(),
            rule: None,
            except: BTreeSet::new(),
            show: Show::Busy,
            tentative: false,
            cancelled: false,
            removed: false,
            revision: 0,
            created: now,
            updated: now,
            details: Map::new(),
        }
    }

    /// Whether the event still stands.
    pub(crate) fn stands(&self) -> bool {
        !self.cancelled && !self.removed
    }
}

/// One time that an event takes place.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence<'a> {
    pub(crate) event: &'a Event,
    pub(crate) start: When,
    pub(crate) end: When,
    /// The instants of begin and end.
    pub(crate) span: (Timestamp, Timestamp),
    /// The id of this one of a series; `None` for an event that happens once.
    pub(crate) instance: Option<String>,
}

/// A calendar of an account.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Calendar {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) zone: String,
    pub(crate) primary: bool,
    pub(crate) role: Role,
    pub(crate) hidden: bool,
    /// Whether the provider's own video meetings can be made in it.
    pub(crate) meetings: bool,
    /// The reason with which busy queries fail for this calendar alone.
    pub(crate) busy_error: Option<String>,
    pub(crate) events: BTreeMap<String, Event>,
    /// Counts changes of events.
    pub(crate) revision: u64,
    /// Sync tokens older than this revision are no longer honoured.
    pub(crate) sync_floor: u64,
}

impl Calendar {
    /// An empty calendar.
    pub(crate) fn new(id: &str, name: &str, zone: &str, role: Role) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            zone: zone.to_owned(),
            primary: false,
            role,
            hidden: false,
            meetings: true,
            busy_error: None,
            events: BTreeMap::new(),
            revision: 0,
            sync_floor: 0,
        }
    }

    /// Stores `event` as changed at `now`, in place of what has its id; gives it as stored.
    pub(crate) fn put(&mut self, mut event: Event, now: Timestamp) -> &Event {
        self.revision += 1;
        event.revision = self.revision;
        event.updated = now;
        self.events.entry(event.id.clone()).insert_entry(event).into_mut()
    }

    /// When things take place that overlap `from..to`, in order of their begins, called-off and deleted ones included.
    pub(crate) fn occurrences(&self, from: Timestamp, to: Timestamp) -> Vec<Occurrence<'_>> {
        let mut found: Vec<_> =
            self.events.values().flat_map(|event| self.expand(event, to)).filter(|one| one.span.0 < to && one.span.1 > from).collect();
        found.sort_by(|a, b| (a.span.0, &a.event.id).cmp(&(b.span.0, &b.event.id)));
        found
    }

    /// The times at which `event` takes place, those that begin after `to` left out.
    pub(crate) fn expand<'a>(&self, event: &'a Event, to: Timestamp) -> Vec<Occurrence<'a>> {
        let home = zone(&self.zone);
        let Some(rule) = &event.rule else {
            let span = (event.start.instant(&home), event.end.instant(&home));
            return vec![Occurrence { event, start: event.start, end: event.end, span, instance: None }];
        };
        let series_zone = zone(&event.zone);
        match (event.start, event.end) {
            (When::On(start), When::On(end)) => {
                let length = Span::new().days(start.until(end).map_or(1, |span| span.get_days().max(1)));
                let dates = rule.dates(start, to.to_zoned(home.clone()).date());
                dates
                    .into_iter()
                    .filter_map(|date| whole_days(event, date, length, &home))
                    .filter(|one| !event.except.contains(&one.span.0))
                    .collect()
            }
            (start, end) => {
                let first = start.instant(&home).to_zoned(series_zone.clone());
                let length = start.instant(&home).duration_until(end.instant(&home));
                let dates = rule.dates(first.date(), to.to_zoned(series_zone.clone()).date());
                let begins = dates.into_iter().filter_map(|date| date.to_datetime(first.time()).to_zoned(series_zone.clone()).ok());
                begins.map(|begin| timed(event, begin.timestamp(), length)).filter(|one| !event.except.contains(&one.span.0)).collect()
            }
        }
    }
}

fn whole_days<'a>(event: &'a Event, date: Date, length: Span, home: &TimeZone) -> Option<Occurrence<'a>> {
    let end = date.checked_add(length).ok()?;
    let instance = Some(format!("{}_{}", event.id, date.strftime("%Y%m%d")));
    Some(Occurrence { event, start: When::On(date), end: When::On(end), span: (midnight(date, home), midnight(end, home)), instance })
}

fn timed(event: &Event, begin: Timestamp, length: SignedDuration) -> Occurrence<'_> {
    let end = begin.checked_add(length).unwrap_or(begin);
    let instance = Some(format!("{}_{}", event.id, begin.strftime("%Y%m%dT%H%M%SZ")));
    Occurrence { event, start: When::At(begin), end: When::At(end), span: (begin, end), instance }
}
