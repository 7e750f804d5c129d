//! How far ahead calendars are read.

use crate::{
    model::{Instant, UserId},
    store::{Store, StoreError, sql},
    time::Interval,
};

const DAY: i64 = 24 * 60 * 60_000;
/// Whatever a coach offers, so much is read.
const LEAST_DAYS: i64 = 60;
/// How far a session at the horizon can reach beyond it, its buffers included, and the day that has begun.
const BEYOND_DAYS: i64 = 2;

/// From yesterday to beyond the last instant that anybody may book or move to, in whole days of UTC, so that it is the
/// same all day.
pub(super) async fn window(store: &Store, coach: UserId, now: Instant) -> Result<Interval, StoreError> {
    // A booking whose session type is archived may still be moved, up to a year ahead (`bookings::reschedule`).
    let horizon = sql("SELECT MAX(CASE WHEN archived_at IS NULL THEN horizon_days ELSE 365 END) AS days FROM session_types
         WHERE coach_id = $1 AND (archived_at IS NULL OR id IN
             (SELECT session_type_id FROM bookings WHERE coach_id = $1 AND starts_at > $2 AND status IN ('pending', 'confirmed')))");
    let days: Option<i64> = horizon.bind(coach).bind(now).one(store).await?.get("days")?;
    Ok(of_days(now, days.unwrap_or(0)))
}

fn of_days(now: Instant, horizon: i64) -> Interval {
    let today = now.millis().div_euclid(DAY);
    let days = horizon.max(LEAST_DAYS) + BEYOND_DAYS;
    Interval { start: Instant::from_millis((today - 1) * DAY), end: Instant::from_millis((today + days + 1) * DAY) }
}

/// What is stored of a provider's mark: good for the same window only.
pub(super) fn mark(window: Interval, state: &str) -> String {
    format!("{}-{} {state}", window.start.millis(), window.end.millis())
}

/// The provider's mark in what is stored, if it was left for `window`.
pub(super) fn unmark(window: Interval, stored: &str) -> Option<String> {
    let own = mark(window, "");
    stored.strip_prefix(&own).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_all_day_and_reaches_beyond_the_horizon() {
        let morning = Instant::from_millis(100 * DAY + 1);
        let window = of_days(morning, 90);
        assert_eq!(window, of_days(Instant::from_millis(101 * DAY - 1), 90));
        assert!(window.start.millis() <= morning.millis() - DAY);
        assert!(window.end.millis() >= morning.millis() + 92 * DAY);
        assert_eq!(of_days(morning, 1), of_days(morning, 60));
    }

    #[test]
    fn a_mark_is_good_for_its_own_window() {
        let (today, tomorrow) = (of_days(Instant::from_millis(0), 60), of_days(Instant::from_millis(DAY), 60));
        let stored = mark(today, "etag \"1\"");
        assert_eq!(unmark(today, &stored).as_deref(), Some("etag \"1\""));
        assert_eq!(unmark(tomorrow, &stored), None);
    }
}
