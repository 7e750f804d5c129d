use crate::{model::Instant, time::Interval};

/// Nothing that is stored as taken is longer: claims are not (12 hours of session and 4 of buffer on either side, model
/// limits), busy time is cut. So what reaches into an interval starts at most so long before it.
pub const LONGEST_TAKEN_MINUTES: i64 = 20 * 60;

/// What holds a stretch of a coach's time. The order is that of precedence when two start together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TakenKind {
    /// A live booking.
    Booking,
    /// Somebody is filling in the form or paying.
    Hold,
    /// The coach blocked it.
    Block,
    /// One of the coach's calendars says so.
    Busy,
}

/// A stretch of a coach's time that cannot be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// From when until when. Claims come with their own buffers included.
    pub span: Interval,
    /// What holds it.
    pub kind: TakenKind,
}

/// Everything that is taken, ordered so that looking up an interval takes logarithmic time however much the
/// spans overlap each other.
#[derive(Debug, Clone, Default)]
pub struct TakenSet {
    /// By start, then by precedence of kind, then by end.
    spans: Vec<Taken>,
    /// The latest end of the spans up to and including this place: never falls, so it can be searched.
    reach: Vec<Instant>,
}

impl TakenSet {
    /// Orders the spans, which may overlap, repeat and come in any order. Those without length are ignored.
    pub fn new(mut spans: Vec<Taken>) -> Self {
        spans.retain(|taken| taken.span.start < taken.span.end);
        spans.sort_unstable_by_key(|taken| (taken.span.start, taken.kind, taken.span.end));
        let mut latest = Instant::from_millis(i64::MIN);
        let reach = spans.iter().map(|taken| {
            latest = latest.max(taken.span.end);
            latest
        });
        let reach = reach.collect();
        Self { spans, reach }
    }

    /// How many spans there are.
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether nothing is taken.
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The first span, by start, that shares an instant with `wanted`.
    pub fn first_overlap(&self, wanted: Interval) -> Option<&Taken> {
        self.walk_from(wanted.start).first_overlap(wanted)
    }

    /// A place from which overlaps are looked up for intervals that start at `from` or later, in order.
    pub(super) fn walk_from(&self, from: Instant) -> Walk<'_> {
        Walk { set: self, place: self.reach.partition_point(|reach| *reach <= from) }
    }
}

/// Looks up intervals in the order of their starts. Each span is passed once in a whole walk.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    set: &'a TakenSet,
    /// The first span whose reach is beyond the start last asked for. It reaches there itself, not one before
    /// it, so it is the first in order that can overlap.
    place: usize,
}

impl<'a> Walk<'a> {
    /// As [`TakenSet::first_overlap`], for an interval that starts no earlier than the last.
    pub(super) fn first_overlap(&mut self, wanted: Interval) -> Option<&'a Taken> {
        let passed = self.set.reach[self.place..].iter().take_while(|reach| **reach <= wanted.start).count();
        self.place += passed;
        self.set.spans.get(self.place).filter(|taken| taken.span.start < wanted.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Interval {
        Interval { start: Instant::from_millis(start), end: Instant::from_millis(end) }
    }

    #[test]
    fn finds_a_long_span_behind_short_ones() {
        let taken = |start, end, kind| Taken { span: span(start, end), kind };
        let set = TakenSet::new(vec![
            taken(20, 30, TakenKind::Busy),
            taken(0, 100, TakenKind::Block),
            taken(5, 6, TakenKind::Busy),
            taken(7, 7, TakenKind::Booking),
        ]);
        assert_eq!(set.len(), 3);
        let kind = |start, end| set.first_overlap(span(start, end)).map(|taken| taken.kind);
        assert_eq!(kind(99, 120), Some(TakenKind::Block));
        assert_eq!(kind(100, 120), None);
        assert_eq!(kind(-5, 0), None);
        assert_eq!(kind(-5, 1), Some(TakenKind::Block));
    }

    #[test]
    fn of_two_that_start_together_the_booking_is_named() {
        let both = [TakenKind::Busy, TakenKind::Booking].map(|kind| Taken { span: span(0, 10), kind });
        let set = TakenSet::new(both.to_vec());
        assert_eq!(set.first_overlap(span(9, 12)).map(|taken| taken.kind), Some(TakenKind::Booking));
    }
}
