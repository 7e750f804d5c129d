//! Why a time is, or is not, on offer.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::{Picture, Refusal};
use crate::{
    model::{Instant, Weekday},
    time::Interval,
};

impl Picture<'_> {
    /// The session that starts exactly at `start`, if it is on offer: precisely when [`Picture::slots`] lists it.
    ///
    /// # Errors
    /// The first reason, in the order of [`Refusal`], why it is not.
    pub fn judge(&self, start: Instant) -> Result<Interval, Refusal> {
        let (earliest, latest) = (self.earliest(), self.latest());
        if start < self.now {
            return Err(Refusal::Past);
        }
        if start < earliest {
            return Err(Refusal::InsideNotice { earliest });
        }
        if start > latest {
            return Err(Refusal::BeyondHorizon { latest });
        }
        let session = self.session(start);
        self.judge_hours(session)?;
        if let Some(taken) = self.taken.first_overlap(self.padded(session)) {
            return Err(Refusal::Taken(taken.kind));
        }
        if !self.has_caps() {
            return Ok(session);
        }
        self.cap_reached(self.zone.date_of(start)).map_or(Ok(session), Err)
    }

    fn judge_hours(&self, session: Interval) -> Result<(), Refusal> {
        let start = session.start;
        let (mut inside, mut on_step) = (false, false);
        for window in self.windows_around(Interval { start, end: start }) {
            if !(window.span.start <= start && start < window.span.end) {
                continue;
            }
            inside = true;
            if self.grid().is_some_and(|step| (start.millis() - window.span.start.millis()) % step == 0) {
                on_step = true;
                if session.end <= self.may_run_until(&window) {
                    return Ok(());
                }
            }
        }
        Err(match (inside, on_step, self.hours.on(self.zone.date_of(start))) {
            (true, true, _) => Refusal::DoesNotFit,
            (true, false, _) => Refusal::OffStep,
            (false, _, ([], true)) => Refusal::ClosedByOverride,
            (false, _, ([], false)) => Refusal::NoHoursThatDay,
            (false, ..) => Refusal::OutsideHours,
        })
    }

    /// Whether any cap is set: where none is, nobody needs to know the date of a start.
    pub(super) const fn has_caps(&self) -> bool {
        self.rules.daily_cap.is_some() || self.rules.weekly_cap.is_some()
    }

    /// The cap that sessions starting on `date`, in the coach's zone, have reached.
    pub(super) fn cap_reached(&self, date: NaiveDate) -> Option<Refusal> {
        let full = |cap: Option<u32>, booked: u64| cap.is_some_and(|cap| booked >= u64::from(cap));
        if full(self.rules.daily_cap, self.booked.get(&date).copied().unwrap_or(0).into()) {
            Some(Refusal::DailyCap)
        } else if full(self.rules.weekly_cap, booked_in_week(self.booked, date)) {
            Some(Refusal::WeeklyCap)
        } else {
            None
        }
    }
}

/// The bookings from Monday to Sunday around `date`.
fn booked_in_week(booked: &BTreeMap<NaiveDate, u32>, date: NaiveDate) -> u64 {
    let past_monday = Days::new(Weekday::of(date) as u64);
    let monday = date.checked_sub_days(past_monday).unwrap_or(date);
    let sunday = monday.checked_add_days(Days::new(6)).unwrap_or(date);
    booked.range(monday..=sunday).map(|(_, count)| u64::from(*count)).sum()
}
