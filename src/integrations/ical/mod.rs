//! Taken time out of iCalendar text (RFC 5545), as calendar servers and published feeds give it. Pure: text in, spans out.
//!
//! Reading and recurrence are worked out here rather than by a library, because the text comes from strangers and decides what
//! is free: a file cut off in the middle, half of a rule or a rule without end must not pass for a calendar, nor take
//! seconds. Recurrence is worked out on wall-clock times near the window only; which instants these are is for [`Zone`] to
//! say, so that one set of zone data rules.
//!
//! What cannot be read is never silently free: it is in [`BusyOutcome::notes`].

mod event;
mod expand;
mod lines;
mod rule;
mod series;
mod single;
mod spans;
#[cfg(test)]
mod tests;
mod values;
mod vtimezone;
mod windows;
pub mod write;
mod zones;

use std::{collections::BTreeSet, time::Duration};

use event::{Event, utc_instant};
use expand::Budget;
use lines::Component;
pub use single::{SingleEvent, single_of};
use spans::Spans;
use values::{Lasting, Period, Until};
use zones::Zones;

use crate::time::{Interval, Zone};

/// What is asked of a calendar.
#[derive(Debug, Clone)]
pub struct BusyContext {
    /// The zone of whole days and of times without a zone, unless the calendar names its own.
    pub home_zone: Zone,
    /// What is of interest. Spans are clipped to it.
    pub window: Interval,
    /// What reading may cost.
    pub limits: Limits,
}

/// Bounds on what a calendar may make us do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Components (events, alarms, zones) in the file; more is [`IcalError::TooLarge`].
    pub components: usize,
    /// Occurrences of one rule; what lies beyond is [`Note::TooMuch`].
    pub occurrences: u32,
    /// Days and times that all rules together may look at; what lies beyond is [`Note::TooMuch`].
    pub work: u32,
    /// Spans that do not touch; what lies beyond is [`Note::TooMuch`].
    pub spans: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { components: 100_000, occurrences: 10_000, work: 2_000_000, spans: 50_000 }
    }
}

/// What a calendar says about a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyOutcome {
    /// Taken time: merged, in order, inside the window.
    pub spans: Vec<Interval>,
    /// How many events the file has, in the window or not.
    pub events_seen: usize,
    /// How often the calendar asks to be fetched (`REFRESH-INTERVAL`, RFC 7986; `X-PUBLISHED-TTL`).
    pub refresh_interval: Option<Duration>,
    /// What the calendar calls itself (`NAME`, RFC 7986; `X-WR-CALNAME`).
    pub calendar_name: Option<String>,
    /// Why there may be more taken time than `spans` shows. Empty: the spans are all.
    pub notes: BTreeSet<Note>,
}

impl BusyOutcome {
    /// Whether time outside the spans may be taken too.
    pub fn is_unknown(&self) -> bool {
        !self.notes.is_empty()
    }
}

/// Something in a calendar that could not be taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// An event without a readable start, or with an end, a duration or a further date that is not readable.
    UnreadableTime,
    /// A recurrence rule that is wrong or of a kind not known here: only the first occurrence counts.
    UnreadableRule,
    /// A zone that neither the zone data nor the file knows: read in the calendar's zone.
    UnknownZone,
    /// The limits were reached.
    TooMuch,
}

/// Why text is not a calendar that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IcalError {
    /// It does not begin with a `VCALENDAR`.
    #[error("this is not an iCalendar file")]
    NotACalendar,
    /// It ends before its `END:VCALENDAR`.
    #[error("the calendar is cut off before its end")]
    CutShort,
    /// It has more components, or deeper ones, than allowed.
    #[error("the calendar has too many entries")]
    TooLarge,
}

/// The time that is taken in a calendar, inside the window. A byte order mark, bare line feeds and broken characters are put up
/// with; several calendars in a row are taken together. Time is taken by events that are neither transparent nor cancelled
/// and by `VFREEBUSY` periods that are not free (RFC 4791, 7.10). Never takes long, whatever the text is.
pub fn busy_of(text: impl AsRef<[u8]>, context: &BusyContext) -> Result<BusyOutcome, IcalError> {
    let calendars = lines::calendars(text.as_ref(), context.limits.components)?;
    let mut spans = Spans::new(context.window, context.limits.spans);
    let mut budget = Budget { work: context.limits.work, occurrences: context.limits.occurrences };
    let mut events_seen = 0;
    for calendar in &calendars {
        let zones = Zones::of(calendar, &context.home_zone, context.window.end);
        let events: Vec<_> = calendar.children.iter().filter(|child| child.name == "VEVENT").collect();
        events_seen += events.len();
        let events = events.into_iter().filter_map(|component| read_event(component, &zones, &mut spans)).collect();
        series::add_events(events, &zones, &mut budget, &mut spans);
        for component in calendar.children.iter().filter(|child| child.name == "VFREEBUSY") {
            add_free_busy(component, &zones, &mut spans);
        }
    }
    let (spans, notes) = spans.finish();
    let Heading { name: calendar_name, refresh_interval } = heading(&calendars);
    Ok(BusyOutcome { spans, events_seen, refresh_interval, calendar_name, notes })
}

/// What a calendar says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// What it calls itself; see [`BusyOutcome::calendar_name`].
    pub name: Option<String>,
    /// How often it asks to be fetched; see [`BusyOutcome::refresh_interval`].
    pub refresh_interval: Option<Duration>,
}

/// Reads what a calendar says of itself, and that it is one, complete to its end. Fails as [`busy_of`] does.
pub fn heading_of(text: impl AsRef<[u8]>, limits: Limits) -> Result<Heading, IcalError> {
    Ok(heading(&lines::calendars(text.as_ref(), limits.components)?))
}

/// Joins spans that overlap or touch; the result is in order.
pub fn merged(mut spans: Vec<Interval>) -> Vec<Interval> {
    spans::merge(&mut spans);
    spans
}

/// The zone that a calendar server's `calendar-timezone` means: a calendar with one `VTIMEZONE` (RFC 4791, 5.2.2). `None` if its name
/// is not one we know.
pub fn zone_of(text: impl AsRef<[u8]>) -> Option<Zone> {
    let calendars = lines::calendars(text.as_ref(), 100).ok()?;
    let definition = calendars.first()?.children.iter().find(|child| child.name == "VTIMEZONE")?;
    let named = |property| definition.first(property).and_then(|property| zones::zone_named(&property.value));
    named("TZID").or_else(|| named("X-LIC-LOCATION"))
}

fn read_event(component: &Component, zones: &Zones, spans: &mut Spans) -> Option<Event> {
    let mut notes = Vec::new();
    let event = Event::read(component, zones, &mut notes);
    if event.is_none() {
        notes.push(Note::UnreadableTime);
    }
    // What is wrong with an event that takes no time makes nothing unknown.
    if event.as_ref().is_none_or(|event| event.busy || event.replaces.is_some()) {
        for note in notes {
            spans.note(note);
        }
    }
    event
}

fn add_free_busy(component: &Component, zones: &Zones, spans: &mut Spans) {
    for property in component.all("FREEBUSY").filter(|property| !property.parameter_is("FBTYPE", "FREE")) {
        for item in property.value.split(',').filter(|item| !item.trim().is_empty()) {
            let span = Period::parse(item).and_then(|period| {
                let start = utc_instant(period.start, zones)?;
                let end = match period.until {
                    Until::At(end) => utc_instant(end, zones)?,
                    Until::After(Lasting { days, seconds }) => start + (days + seconds).to_std().ok()?,
                };
                Some((start, end))
            });
            match span {
                Some((start, end)) => spans.add(Some(start), Some(end)),
                None => spans.note(Note::UnreadableTime),
            }
        }
    }
}

fn heading(calendars: &[Component]) -> Heading {
    Heading { name: calendars.iter().find_map(name), refresh_interval: calendars.iter().find_map(refresh_interval) }
}

fn name(calendar: &Component) -> Option<String> {
    let name = calendar.first("NAME").or_else(|| calendar.first("X-WR-CALNAME"))?.text();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn refresh_interval(calendar: &Component) -> Option<Duration> {
    let property = calendar.first("REFRESH-INTERVAL").or_else(|| calendar.first("X-PUBLISHED-TTL"))?;
    let Lasting { days, seconds } = Lasting::parse(&property.value)?;
    (days + seconds).to_std().ok().filter(|interval| !interval.is_zero())
}
