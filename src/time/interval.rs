use crate::model::Instant;

/// The half-open interval `[start, end)`: two that only touch do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after.
    pub end: Instant,
}

impl Interval {
    /// From `start` for `minutes`.
    pub const fn of_minutes(start: Instant, minutes: u32) -> Self {
        Self { start, end: start.plus_minutes(minutes as i64) }
    }

    /// Whether the two share an instant.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Grown by minutes on either side: a session with its buffers.
    pub const fn padded(self, before: u32, after: u32) -> Self {
        Self { start: self.start.plus_minutes(-(before as i64)), end: self.end.plus_minutes(after as i64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_is_not_overlapping() {
        let at = Instant::from_millis(0);
        let (a, b) = (Interval::of_minutes(at, 60), Interval::of_minutes(at.plus_minutes(60), 60));
        assert!(!a.overlaps(b) && a.overlaps(b.padded(1, 0)));
        assert!(a.padded(0, 60).contains(b));
    }
}
