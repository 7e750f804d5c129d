//! When an integration is read next. Pure.

use std::time::Duration;

use super::{Concurrency, Synced, Went};
use crate::integrations::ProviderKind;

/// How the sync is paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncSettings {
    /// How long after a read the next one is due at the latest; zero: nothing is read in the background.
    pub period: Duration,
    /// How many reads may be under way at once.
    pub concurrency: Concurrency,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self { period: Duration::from_mins(4), concurrency: Concurrency::default() }
    }
}

/// A feed is not asked more often: who publishes it did not ask for it.
const FEED_LEAST: Duration = Duration::from_mins(15);
/// Nor less often, whatever it wishes: what is known of it would grow too old (`standing`).
const FEED_MOST: Duration = Duration::from_mins(40);
/// After a first failure.
const AGAIN: Duration = Duration::from_secs(30);
/// However often it failed.
const AGAIN_MOST: Duration = Duration::from_mins(15);
/// What a provider asks for by `Retry-After` is granted up to here.
const OBEYED_MOST: Duration = Duration::from_hours(1);

/// How long from now until the next read of an integration of `kind`, which came to `synced` after `failures` failures in
/// a row (this one included). `spread` is random in `0..1`: what was due together does not stay together.
pub(super) fn next_in(kind: ProviderKind, synced: &Synced, failures: u32, period: Duration, spread: f64) -> Duration {
    let usual = if kind == ProviderKind::IcsFeed {
        synced.next_after.unwrap_or(FEED_LEAST).clamp(FEED_LEAST, FEED_MOST)
    } else {
        synced.next_after.unwrap_or(period).clamp(period, period.max(AGAIN_MOST / 2))
    };
    let wait = match synced.went {
        Went::Well => usual,
        // The rest of the account goes on being read as often as ever.
        Went::Partly => usual.min(period),
        Went::Badly | Went::NotAtAll => backoff(failures),
    };
    // Earlier, never later: the freshness that is aimed at is a bound.
    let wait = wait.mul_f64(1.0 - spread.clamp(0.0, 1.0) / 8.0);
    // What the provider asked for is the least, and those who were told together do not come back together.
    let asked = synced.retry_after.map(|asked| asked.min(OBEYED_MOST)).map(|asked| asked + AGAIN.mul_f64(spread.clamp(0.0, 1.0)));
    asked.map_or(wait, |asked| asked.max(wait))
}

/// Twice soon (most faults are over by then), then ever longer.
fn backoff(failures: u32) -> Duration {
    AGAIN.saturating_mul(1 << failures.saturating_sub(2).min(10)).min(AGAIN_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_mins(4);

    fn went(went: Went) -> Synced {
        Synced { went, next_after: None, retry_after: None }
    }

    fn seconds(kind: ProviderKind, synced: Synced, failures: u32, spread: f64) -> u64 {
        next_in(kind, &synced, failures, PERIOD, spread).as_secs()
    }

    #[test]
    fn two_faults_in_a_row_still_leave_it_fresher_than_five_minutes() {
        let after = |synced, failures| next_in(ProviderKind::Google, &synced, failures, PERIOD, 0.0);
        assert!(after(went(Went::Well), 0) + after(went(Went::Badly), 1) + after(went(Went::Badly), 2) <= Duration::from_mins(5));
        assert_eq!(seconds(ProviderKind::Google, went(Went::Well), 0, 1.0), 210);
    }

    #[test]
    fn failures_are_tried_again_from_half_a_minute_to_a_quarter_of_an_hour() {
        let waits: Vec<_> = [1, 2, 3, 4, 5, 6, 7, 60, u32::MAX].map(|n| seconds(ProviderKind::Google, went(Went::Badly), n, 0.0)).into();
        assert_eq!(waits, [30, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn what_the_provider_asks_for_is_obeyed() {
        let asked = |seconds| Synced { retry_after: Some(Duration::from_secs(seconds)), ..went(Went::Badly) };
        assert_eq!(seconds(ProviderKind::Google, asked(600), 1, 0.0), 600);
        assert_eq!(seconds(ProviderKind::Google, asked(600), 1, 1.0), 630);
        assert_eq!(seconds(ProviderKind::Google, asked(1), 1, 0.0), 30);
        assert_eq!(seconds(ProviderKind::Google, asked(1_000_000), 1, 0.0), 3600);
    }

    #[test]
    fn a_feed_is_left_alone_for_a_quarter_of_an_hour() {
        let wish = |minutes| Synced { next_after: Some(Duration::from_mins(minutes)), ..went(Went::Well) };
        assert_eq!(seconds(ProviderKind::IcsFeed, went(Went::Well), 0, 0.0), 15 * 60);
        assert_eq!(seconds(ProviderKind::IcsFeed, wish(1), 0, 0.0), 15 * 60);
        assert_eq!(seconds(ProviderKind::IcsFeed, wish(24 * 60), 0, 0.0), 40 * 60);
    }
}
