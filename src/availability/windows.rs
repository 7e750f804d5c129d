//! The coach's hours as instants.

use chrono::{Days, NaiveDate};

use super::Picture;
use crate::{
    model::{Instant, WallTime, Window},
    time::{Interval, Zone},
};

/// A window's instants can lie on the dates around its own: midnight may be skipped or come twice, and whole dates
/// may be missing. No zone ever moved by more than a day, so two dates either side are enough.
const AROUND: Days = Days::new(2);

/// One window of the coach's hours on one date, as instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenWindow {
    /// The date it belongs to, in the coach's zone.
    pub date: NaiveDate,
    /// From opening to closing, never empty.
    pub span: Interval,
    /// Whether it ends at 24:00, so that a session may run on into the next date.
    pub to_midnight: bool,
}

/// The instants of `window` on `date`; `None` when nothing of it is left there (a skipped day or hour).
fn open(zone: &Zone, date: NaiveDate, window: Window) -> Option<Interval> {
    let span = Interval { start: zone.start_of(date, window.from)?, end: zone.end_of(date, window.until)? };
    (span.start < span.end).then_some(span)
}

/// The next date that the zone has. A date line crossed westwards leaves one out, and the evening before touches
/// the morning after it.
fn next_date(zone: &Zone, date: NaiveDate) -> Option<NaiveDate> {
    let mut next = date.succ_opt()?;
    loop {
        let day = zone.day(next)?;
        if day.start < day.end {
            return Some(next);
        }
        next = next.succ_opt()?;
    }
}

impl<'a> Picture<'a> {
    /// The coach's open windows that share an instant with `range`, by date and time of day, whole (not cut to
    /// `range`). What is taken, notice, horizon and caps play no part.
    pub fn windows(&self, range: Interval) -> Vec<OpenWindow> {
        self.windows_around(range).filter(|window| window.span.overlaps(range)).collect()
    }

    /// Every open window of the dates of `range` and of those around.
    pub(super) fn windows_around(&self, range: Interval) -> impl Iterator<Item = OpenWindow> + use<'a> {
        let (zone, hours) = (self.zone, self.hours);
        let (first, last) = (zone.date_of(range.start), zone.date_of(range.end));
        let (first, last) = (first.checked_sub_days(AROUND).unwrap_or(first), last.checked_add_days(AROUND).unwrap_or(last));
        let dates = first.iter_days().take_while(move |date| *date <= last);
        dates.flat_map(move |date| {
            hours.on(date).0.iter().filter_map(move |window| {
                let span = open(zone, date, *window)?;
                Some(OpenWindow { date, span, to_midnight: window.until == WallTime::END_OF_DAY })
            })
        })
    }

    /// Until when a session may run that starts inside `window`: to its end, or on to the end of the next date's window
    /// when the two meet at midnight, and so on as far as one session can reach.
    pub(super) fn may_run_until(&self, window: &OpenWindow) -> Instant {
        let mut reach = window.span.end;
        let far_enough = reach.plus_minutes(self.rules.duration_minutes.into());
        let (mut date, mut to_midnight) = (window.date, window.to_midnight);
        while to_midnight && reach < far_enough {
            let Some(next) = next_date(self.zone, date) else { break };
            let morning = self.hours.on(next).0.iter().find(|window| window.from == WallTime::MIDNIGHT);
            let Some((morning, span)) = morning.and_then(|morning| Some((morning, open(self.zone, next, *morning)?))) else { break };
            if span.start > reach {
                break;
            }
            reach = reach.max(span.end);
            (date, to_midnight) = (next, morning.until == WallTime::END_OF_DAY);
        }
        reach
    }
}
