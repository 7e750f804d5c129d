//! What bookings and holds should do, written down a second time: plain lists in memory, minutes as numbers, no
//! database, no zones. The coach works Monday to Friday from 08:00 to 16:00 UTC.

use wellmet::model::{BookingStatus, Instant, SessionRules};

use BookingStatus::{Cancelled, Completed, Confirmed, Declined, Expired, NoShow, Pending};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const THREE_DAYS: i64 = 3 * DAY;

/// Who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Mentee,
    Coach,
    Stranger,
}

/// A session type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) rules: SessionRules,
    pub(crate) asks: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) kind: usize,
    pub(crate) status: BookingStatus,
    pub(crate) start: i64,
    pub(crate) moves: i64,
    pub(crate) answer_by: Option<i64>,
    since: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) kind: usize,
    pub(crate) start: i64,
    until: i64,
    claims: bool,
    forgotten: bool,
    pub(crate) booked: Option<usize>,
}

/// Whose claim does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Nobody,
    Booking(usize),
    Hold(usize),
}

/// Everything there is.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) bookings: Vec<Made>,
    pub(crate) holds: Vec<Kept>,
}

/// What a command should say: nothing when it works, else a word.
pub(crate) type Says = Result<(), String>;

fn no(word: &str) -> Says {
    Err(word.to_owned())
}

impl Model {
    pub(crate) const fn new(now: Instant, kinds: Vec<Kind>) -> Self {
        Self { now: now.millis(), kinds, bookings: Vec::new(), holds: Vec::new() }
    }

    fn span(&self, kind: usize, start: i64) -> (i64, i64) {
        let rules = self.kinds[kind].rules;
        let before = i64::from(rules.buffer_before_minutes) * MINUTE;
        (start - before, start + i64::from(rules.duration_minutes + rules.buffer_after_minutes) * MINUTE)
    }

    /// Everything taken now, and whether by a hold.
    pub(crate) fn taken(&self) -> Vec<(i64, i64, bool)> {
        let mut all = self.claims(Own::Nobody);
        all.sort_unstable();
        all
    }

    fn claims(&self, own: Own) -> Vec<(i64, i64, bool)> {
        let mut all = Vec::new();
        for (_, booking) in self.bookings.iter().enumerate().filter(|(i, booking)| booking.status.is_live() && own != Own::Booking(*i)) {
            let (start, end) = self.span(booking.kind, booking.start);
            all.push((start, end, false));
        }
        for (_, hold) in self.holds.iter().enumerate().filter(|(i, hold)| hold.claims && hold.until > self.now && own != Own::Hold(*i)) {
            let (start, end) = self.span(hold.kind, hold.start);
            all.push((start, end, true));
        }
        all
    }

    fn judge(&self, kind: usize, start: i64, own: Own, free_of_notice: bool) -> Says {
        let rules = self.kinds[kind].rules;
        let notice = if free_of_notice { 0 } else { i64::from(rules.notice_minutes) * MINUTE };
        let in_day = start.rem_euclid(DAY) / MINUTE;
        // 1970 began on a Thursday.
        let weekday = (start.div_euclid(DAY) + 3).rem_euclid(7);
        if start < self.now {
            return no("past");
        }
        if start < self.now + notice {
            return no("inside_notice");
        }
        if start > self.now + i64::from(rules.horizon_days) * DAY {
            return no("beyond_horizon");
        }
        if weekday >= 5 {
            return no("no_hours_that_day");
        }
        if !(8 * 60..16 * 60).contains(&in_day) {
            return no("outside_hours");
        }
        if (in_day - 8 * 60) % i64::from(rules.step_minutes) != 0 || start % MINUTE != 0 {
            return no("off_step");
        }
        if in_day + i64::from(rules.duration_minutes) > 16 * 60 {
            return no("does_not_fit");
        }
        let (from, to) = self.span(kind, start);
        if self.claims(own).iter().any(|(start, end, _)| *start < to && from < *end) {
            return no("taken");
        }
        let counts = |(i, booking): &(usize, &Made)| {
            let counted = matches!(booking.status, Pending | Confirmed | Completed | NoShow);
            counted && booking.kind == kind && own != Own::Booking(*i) && booking.start.div_euclid(DAY) == start.div_euclid(DAY)
        };
        let that_day = self.bookings.iter().enumerate().filter(counts).count();
        match rules.daily_cap {
            Some(cap) if !free_of_notice && that_day >= cap as usize => no("daily_cap"),
            _ => Ok(()),
        }
    }

    pub(crate) fn hold(&mut self, kind: usize, start: i64, previous: Option<usize>) -> Says {
        // Until it is known whether the new one stands, the earlier one does not count.
        self.judge(kind, start, previous.map_or(Own::Nobody, Own::Hold), false)?;
        if let Some(previous) = previous {
            self.holds[previous].claims = false;
        }
        let until = self.now + 10 * MINUTE;
        self.holds.push(Kept { kind, start, until, claims: true, forgotten: false, booked: None });
        Ok(())
    }

    pub(crate) fn release(&mut self, hold: usize) {
        self.holds[hold].claims = false;
    }

    /// Books by a hold. Gives which booking it is.
    pub(crate) fn book(&mut self, hold: usize, start: Option<i64>, who: Who) -> Result<usize, String> {
        let kept = self.holds[hold].clone();
        if let Some(first) = kept.booked {
            return if who == Who::Mentee { Ok(first) } else { Err("nobody".to_owned()) };
        }
        if kept.forgotten {
            return Err("nobody".to_owned());
        }
        let start = start.unwrap_or(kept.start);
        self.judge(kept.kind, start, Own::Hold(hold), false)?;
        let asks = self.kinds[kept.kind].asks;
        let answer_by = asks.then(|| start.min(self.now + THREE_DAYS));
        let status = if asks { Pending } else { Confirmed };
        self.bookings.push(Made { kind: kept.kind, status, start, moves: 0, answer_by, since: self.now });
        self.holds[hold].claims = false;
        self.holds[hold].booked = Some(self.bookings.len() - 1);
        Ok(self.bookings.len() - 1)
    }

    fn lapsed(&self, id: usize) -> bool {
        self.bookings[id].answer_by.is_some_and(|by| by <= self.now)
    }

    pub(crate) fn answer(&mut self, id: usize, who: Who, to: BookingStatus) -> Says {
        let status = self.bookings[id].status;
        match status {
            _ if who != Who::Coach => no("nobody"),
            _ if status == to => Ok(()),
            Pending if self.lapsed(id) => no("x expired"),
            Pending => {
                self.set(id, to);
                Ok(())
            }
            Confirmed | Completed | NoShow | Declined | Expired | Cancelled => no(&format!("x {}", status.as_str())),
        }
    }

    /// What stands in the way of a change before the start.
    fn changeable(&self, id: usize, who: Who, bound: bool) -> Says {
        let booking = &self.bookings[id];
        let notice = i64::from(self.kinds[booking.kind].rules.notice_minutes) * MINUTE;
        if !booking.status.is_live() {
            return no(&format!("x {}", booking.status.as_str()));
        }
        if self.lapsed(id) {
            return no("x expired");
        }
        if self.now >= booking.start {
            return no("past");
        }
        if who == Who::Mentee && bound && self.now > booking.start - notice { no("too late") } else { Ok(()) }
    }

    pub(crate) fn cancel(&mut self, id: usize, who: Who) -> Says {
        if who == Who::Stranger {
            return no("nobody");
        }
        if self.bookings[id].status == Cancelled {
            return Ok(());
        }
        self.changeable(id, who, self.bookings[id].status == Confirmed)?;
        self.set(id, Cancelled);
        Ok(())
    }

    pub(crate) fn reschedule(&mut self, id: usize, who: Who, start: i64) -> Says {
        if who == Who::Stranger {
            return no("nobody");
        }
        self.changeable(id, who, true)?;
        if self.bookings[id].start == start {
            return Ok(());
        }
        self.judge(self.bookings[id].kind, start, Own::Booking(id), who == Who::Coach)?;
        let (now, asks) = (self.now, self.kinds[self.bookings[id].kind].asks && who == Who::Mentee);
        let booking = &mut self.bookings[id];
        (booking.start, booking.moves) = (start, booking.moves + 1);
        booking.answer_by = booking.answer_by.map(|by| start.min(by.max(booking.since + THREE_DAYS)));
        if asks && booking.status == Confirmed {
            (booking.status, booking.answer_by) = (Pending, Some(start.min(now + THREE_DAYS)));
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, id: usize, who: Who, to: BookingStatus) -> Says {
        let booking = &self.bookings[id];
        match booking.status {
            _ if who != Who::Coach => no("nobody"),
            status if status == to => Ok(()),
            Confirmed if self.now < booking.start => no("early"),
            Confirmed => {
                self.set(id, to);
                Ok(())
            }
            other => no(&format!("x {}", other.as_str())),
        }
    }

    /// Ends what nobody answered. Gives how many.
    pub(crate) fn expire(&mut self) -> u32 {
        let due: Vec<usize> = (0..self.bookings.len()).filter(|id| self.lapsed(*id)).collect();
        for id in &due {
            (self.bookings[*id].status, self.bookings[*id].answer_by) = (Expired, None);
        }
        u32::try_from(due.len()).expect("few")
    }

    /// Forgets holds. Gives how many.
    pub(crate) fn forget(&mut self) -> u64 {
        let before = self.now - DAY;
        let old = self.holds.iter_mut().filter(|hold| !hold.forgotten && hold.until < before);
        old.map(|hold| (hold.forgotten, hold.claims) = (true, false)).count() as u64
    }

    fn set(&mut self, id: usize, to: BookingStatus) {
        (self.bookings[id].status, self.bookings[id].answer_by) = (to, None);
    }
}
