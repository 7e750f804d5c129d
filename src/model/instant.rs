//! An instant, as it is stored and compared.

use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z. Carries no zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// From milliseconds since the epoch, as stored.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch, as stored.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by whole minutes (negative: earlier); saturates at the ends of time.
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(60_000)))
    }

    /// Reads RFC 3339 with any offset (`2026-12-08T13:00:00Z`, `...+01:00`). `None` if it is not.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
    }

    /// RFC 3339 in UTC with whole seconds: `2026-12-08T13:00:00Z`. Empty outside chrono's range.
    pub fn to_rfc3339(self) -> String {
        DateTime::<Utc>::from_timestamp_millis(self.0).map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;
    fn sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_rfc3339_and_moves() {
        let at = Instant::parse_rfc3339("2026-12-08T14:00:00+01:00").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-12-08T13:00:00Z");
        assert_eq!(at.plus_minutes(-60).to_rfc3339(), "2026-12-08T12:00:00Z");
        assert_eq!((at + Duration::from_secs(1)) - Duration::from_secs(1), at);
        assert!(Instant::parse_rfc3339("2026-12-08").is_none());
    }
}
