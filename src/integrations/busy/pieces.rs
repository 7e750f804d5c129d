//! From a provider's intervals to what is stored: merged, clipped, cut. Pure.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{availability::LONGEST_TAKEN_MINUTES, model::Instant, time::Interval};

const LONGEST: i64 = LONGEST_TAKEN_MINUTES * 60_000;

/// `spans`, in any order and overlapping as they may, within `window`: in order, apart from each other, and none longer
/// than [`LONGEST_TAKEN_MINUTES`].
pub(super) fn pieces(spans: &[Interval], window: Interval) -> Vec<Interval> {
    let clip = |span: &Interval| Interval { start: span.start.max(window.start), end: span.end.min(window.end) };
    let mut clipped: Vec<_> = spans.iter().map(clip).filter(|span| span.start < span.end).collect();
    clipped.sort_unstable();
    let mut merged: Vec<Interval> = Vec::with_capacity(clipped.len());
    for span in clipped {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    let mut cut = Vec::with_capacity(merged.len());
    for span in merged {
        cut_up(span, &mut cut);
    }
    cut
}

/// Cuts at fixed points of time, so that a long span keeps its pieces while the window moves over its beginning.
fn cut_up(span: Interval, into: &mut Vec<Interval>) {
    let mut start = span.start;
    while span.end.millis().saturating_sub(start.millis()) > LONGEST {
        let next = Instant::from_millis((start.millis().div_euclid(LONGEST) + 1).saturating_mul(LONGEST));
        into.push(Interval { start, end: next });
        start = next;
    }
    into.push(Interval { start, end: span.end });
}

/// A hash of `pieces`: equal when and only when they are.
pub(super) fn digest(pieces: &[Interval]) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece.start.millis().to_be_bytes());
        hash.update(piece.end.millis().to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn hours(start: i64, end: i64) -> Interval {
        Interval { start: Instant::from_millis(start * HOUR), end: Instant::from_millis(end * HOUR) }
    }

    #[test]
    fn merges_and_clips() {
        let spans = [hours(5, 6), hours(-3, 1), hours(6, 7), hours(5, 5), hours(98, 200), hours(300, 301)];
        assert_eq!(pieces(&spans, hours(0, 100)), [hours(0, 1), hours(5, 7), hours(98, 100)]);
    }

    #[test]
    fn three_weeks_away_are_many_pieces_that_stay_while_the_window_moves() {
        let away = hours(3, 3 + 21 * 24);
        let before = pieces(&[away], hours(0, 24 * 60));
        assert!(before.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!((before.first().unwrap().start, before.last().unwrap().end), (away.start, away.end));
        let after = pieces(&[away], hours(24, 24 * 61));
        assert_eq!(after[1..], before[before.len() - after.len() + 1..]);
    }

    proptest! {
        #[test]
        fn covers_exactly_what_was_said(spans in prop::collection::vec((-50_i64..250, 0_i64..90), 0..20)) {
            let spans: Vec<_> = spans.into_iter().map(|(start, long)| hours(start, start + long)).collect();
            let window = hours(0, 200);
            let cut = pieces(&spans, window);
            prop_assert!(cut.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(cut.iter().all(|piece| piece.start < piece.end && piece.end.millis() - piece.start.millis() <= LONGEST));
            for hour in -60..260 {
                let here = hours(hour, hour + 1);
                let said = window.contains(here) && spans.iter().any(|span| span.overlaps(here));
                prop_assert_eq!(cut.iter().any(|piece| piece.overlaps(here)), said, "{}", hour);
            }
        }
    }
}
