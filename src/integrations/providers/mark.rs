use super::{Busy, CalendarToRead};
use crate::time::{Interval, hash_secret};

/// What is known of `calendar`, for providers that have no mark of their own: unchanged when it is what it was at the last read.
pub(super) fn compared(calendar: &CalendarToRead, spans: Vec<Interval>) -> Busy {
    let mark = mark_of(&spans);
    if calendar.sync_state.as_deref() == Some(&mark) {
        return Busy::Unchanged { next_after: None };
    }
    Busy::Known { spans, sync_state: Some(mark), next_after: None }
}

/// Equal for equal times, in whatever order they come.
fn mark_of(spans: &[Interval]) -> String {
    let mut sorted: Vec<_> = spans.iter().map(|span| (span.start.millis(), span.end.millis())).collect();
    sorted.sort_unstable();
    hash_secret(&format!("{sorted:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;

    #[test]
    fn is_about_the_times_and_not_their_order() {
        let span = |from| Interval { start: Instant::from_millis(from), end: Instant::from_millis(from + 5) };
        assert_eq!(mark_of(&[span(1), span(2)]), mark_of(&[span(2), span(1)]));
        assert_ne!(mark_of(&[span(1)]), mark_of(&[span(2)]));
        assert_ne!(mark_of(&[]), mark_of(&[span(1)]));
    }
}
