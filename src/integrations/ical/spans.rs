//! Collects taken time.

use std::collections::BTreeSet;

use super::Note;
use crate::{model::Instant, time::Interval};

/// Taken time inside a window, and what is not known about it.
pub(super) struct Spans {
    pub(super) window: Interval,
    found: Vec<Interval>,
    most: usize,
    notes: BTreeSet<Note>,
}

impl Spans {
    pub(super) const fn new(window: Interval, most: usize) -> Self {
        Self { window, found: Vec::new(), most, notes: BTreeSet::new() }
    }

    /// Adds what of a span lies in the window. A start or end that is no instant is out of every window's reach.
    pub(super) fn add(&mut self, start: Option<Instant>, end: Option<Instant>) {
        let (Some(start), Some(end)) = (start, end) else { return };
        if start >= end {
            return;
        }
        let (start, end) = (start.max(self.window.start), end.min(self.window.end));
        if start >= end {
            return;
        }
        self.found.push(Interval { start, end });
        // Seldom enough that the sorting does not count.
        if self.found.len() >= self.most.saturating_mul(2) {
            self.bound();
        }
    }

    pub(super) fn note(&mut self, note: Note) {
        self.notes.insert(note);
    }

    /// The spans, merged where they overlap or touch, in order; and the notes.
    pub(super) fn finish(mut self) -> (Vec<Interval>, BTreeSet<Note>) {
        self.bound();
        (self.found, self.notes)
    }

    fn bound(&mut self) {
        merge(&mut self.found);
        if self.found.len() > self.most {
            self.found.truncate(self.most);
            self.note(Note::TooMuch);
        }
    }
}

/// Sorts spans and joins those that overlap or touch.
pub(super) fn merge(spans: &mut Vec<Interval>) {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joined = next.start <= kept.end;
        if joined {
            kept.end = kept.end.max(next.end);
        }
        joined
    });
}
