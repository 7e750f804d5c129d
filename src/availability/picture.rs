//! The slots.

use std::{collections::BTreeMap, time::Duration};

use chrono::NaiveDate;

use super::{OpenWindow, TakenSet};
use crate::{
    model::{Hours, Instant, SessionRules},
    time::{Interval, Zone},
};

/// A day of 24 hours.
const DAY: Duration = Duration::from_hours(24);
/// Looking for slots starts with this many days and doubles until there are enough or no more.
const FIRST_LOOK_DAYS: u32 = 2;

/// Everything that decides which slots one session type of one coach has, at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// The coach's zone: the hours, the dates and the caps are in it.
    pub zone: &'a Zone,
    /// The coach's hours, as [`crate::model::HoursError::check`] leaves them.
    pub hours: &'a Hours,
    /// The session type's rules, as checked. A step or a duration of zero offers nothing.
    pub rules: SessionRules,
    /// What is taken of the coach's time, by anything.
    pub taken: &'a TakenSet,
    /// How many live bookings of this session type start on each date in the coach's zone. Has to cover whole weeks
    /// around every time asked about, if there is a weekly cap.
    pub booked: &'a BTreeMap<NaiveDate, u32>,
    /// The present.
    pub now: Instant,
}

impl Picture<'_> {
    /// The first instant that is far enough ahead to book.
    pub const fn earliest(&self) -> Instant {
        self.now.plus_minutes(self.rules.notice_minutes as i64)
    }

    /// The last instant that is near enough to book.
    pub const fn latest(&self) -> Instant {
        self.now.plus_minutes(self.rules.horizon_days as i64 * 24 * 60)
    }

    /// The slots that start in `range`, in order, each once; sessions without their buffers.
    pub fn slots(&self, range: Interval) -> Vec<Interval> {
        let mut found = Vec::new();
        let after_latest = self.latest() + Duration::from_millis(1);
        let starts = Interval { start: range.start.max(self.earliest()), end: range.end.min(after_latest) };
        let Some(step) = self.grid().filter(|_| starts.start < starts.end) else { return found };
        let mut caps = Caps { picture: self, known: Interval { start: self.now, end: self.now }, room: true };
        for window in self.windows_around(starts).filter(|window| window.span.overlaps(starts)) {
            self.fill(&window, step, starts, &mut caps, &mut found);
        }
        // Windows come in the order of their wall-clock times; when the clock goes back that is not the order of
        // instants, and two may share one.
        if !found.is_sorted_by(|a, b| a < b) {
            found.sort_unstable();
            found.dedup();
        }
        found
    }

    /// The first slot that starts at `after` or later; `None` when there is none up to the horizon.
    pub fn next_slot(&self, after: Instant) -> Option<Interval> {
        self.first_slot(Interval { start: after, end: Instant::from_millis(i64::MAX) })
    }

    /// The first slot that starts in `range`. Looks no further than it has to.
    pub fn first_slot(&self, range: Interval) -> Option<Interval> {
        let mut start = range.start.max(self.earliest());
        let mut days = FIRST_LOOK_DAYS;
        loop {
            let end = (start + DAY * days).min(range.end);
            // At the end of the range, or of time, adding leads nowhere.
            if start > self.latest() || end <= start {
                return None;
            }
            if let Some(slot) = self.slots(Interval { start, end }).first() {
                return Some(*slot);
            }
            start = end;
            days = days.saturating_mul(2);
        }
    }

    /// The `n` slots whose starts are nearest to `to`, in order of time. Of two equally far the earlier comes first.
    pub fn nearest(&self, to: Instant, n: usize) -> Vec<Interval> {
        let (earliest, latest) = (self.earliest(), self.latest());
        // From anywhere outside the two, slots are as near as they are to the closer of them.
        let to = to.max(earliest).min(latest);
        let mut days = FIRST_LOOK_DAYS;
        let mut found = loop {
            let (start, end) = (to - DAY * days, to + DAY * days);
            // Both edges belong to it, so everything as near as the furthest found is there to choose from.
            let near = self.slots(Interval { start, end: end + Duration::from_millis(1) });
            if near.len() >= n || (start <= earliest && latest <= end) {
                break near;
            }
            days = days.saturating_mul(2);
        };
        found.sort_by_key(|slot| (slot.start.millis().abs_diff(to.millis()), slot.start));
        found.truncate(n);
        found.sort_unstable();
        found
    }

    /// Adds the free slots of one window.
    fn fill(&self, window: &OpenWindow, step: i64, starts: Interval, caps: &mut Caps<'_>, found: &mut Vec<Interval>) {
        let opens = window.span.start.millis();
        let on_grid = |at: i64| opens + (at - opens + step - 1) / step * step;
        let last_fit = self.may_run_until(window).plus_minutes(-i64::from(self.rules.duration_minutes));
        let end = window.span.end.min(starts.end).millis().min(last_fit.millis().saturating_add(1));
        let mut at = on_grid(starts.start.millis().max(opens));
        let mut walk = self.taken.walk_from(self.padded(self.session(Instant::from_millis(at))).start);
        while at < end {
            let session = self.session(Instant::from_millis(at));
            if let Some(taken) = walk.first_overlap(self.padded(session)) {
                // Every start before this one would overlap the same span.
                let clear = taken.span.end.plus_minutes(self.rules.buffer_before_minutes.into());
                if clear.millis() >= end {
                    break;
                }
                at = on_grid(clear.millis());
            } else {
                if caps.have_room(session.start) {
                    found.push(session);
                }
                at += step;
            }
        }
    }

    /// From one start to the next, in milliseconds; `None` when the rules offer nothing.
    pub(super) fn grid(&self) -> Option<i64> {
        (self.rules.step_minutes > 0 && self.rules.duration_minutes > 0).then(|| i64::from(self.rules.step_minutes) * 60_000)
    }

    pub(super) const fn session(&self, start: Instant) -> Interval {
        Interval::of_minutes(start, self.rules.duration_minutes)
    }

    pub(super) const fn padded(&self, session: Interval) -> Interval {
        session.padded(self.rules.buffer_before_minutes, self.rules.buffer_after_minutes)
    }
}

/// Whether the caps have room on a start's date, worked out once a date.
struct Caps<'p> {
    picture: &'p Picture<'p>,
    /// The stretch for which `room` is known.
    known: Interval,
    room: bool,
}

impl Caps<'_> {
    fn have_room(&mut self, start: Instant) -> bool {
        if !self.picture.has_caps() {
            return true;
        }
        if !(self.known.start <= start && start < self.known.end) {
            let (date, end) = self.picture.zone.date_until(start);
            self.known = Interval { start, end };
            self.room = self.picture.cap_reached(date).is_none();
        }
        self.room
    }
}
