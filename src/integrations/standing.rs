//! What is known of a coach's calendars as a whole, and what the coach wants when it is not: unknown is not free.

use std::time::Duration;

use super::{ProviderKind, health::Health};
use crate::{
    model::{Instant, UserId},
    store::{Row, StoreError, Tx, sql},
};

/// How long a successful read counts as the present: three rounds of the sync, so that one lost round is no alarm.
const FRESH: Duration = Duration::from_mins(15);
/// A feed is read every quarter of an hour at most, and lags by itself.
const FRESH_FEED: Duration = Duration::from_mins(50);

/// What a coach wants while a calendar cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownPolicy {
    /// Keep offering by what was known last, until it is so many minutes old; then on request.
    Keep {
        /// The oldest that will do.
        minutes: u32,
    },
    /// Offer by what was known last, but every request waits for the coach.
    OnRequest,
    /// Offer nothing.
    Stop,
}

impl UnknownPolicy {
    /// As stored, with the minutes beside it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep { .. } => "keep",
            Self::OnRequest => "on_request",
            Self::Stop => "stop",
        }
    }

    /// The policy stored as `word` and `minutes`.
    pub fn parse(word: &str, minutes: u32) -> Option<Self> {
        match word {
            "keep" => Some(Self::Keep { minutes }),
            "on_request" => Some(Self::OnRequest),
            "stop" => Some(Self::Stop),
            _ => None,
        }
    }
}

/// What is known of a coach's calendars, as stored with the coach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarTrust {
    /// When the calendar that was read longest ago was read; `None` when no calendar counts.
    pub known_at: Option<Instant>,
    /// Until when that counts as the present.
    pub known_until: Option<Instant>,
    /// What the coach wants after.
    pub policy: UnknownPolicy,
}

/// What may be offered of a coach's time at some instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The calendars are known, or none is connected.
    Known,
    /// Unknown since then; offered by what was known.
    Kept(Instant),
    /// Unknown since then; every request waits for the coach.
    OnRequest(Instant),
    /// Unknown since then; nothing is offered.
    Stopped(Instant),
}

impl Standing {
    /// Whether nothing is offered.
    pub const fn is_stopped(self) -> bool {
        matches!(self, Self::Stopped(_))
    }

    /// Whether every request waits for the coach, whatever the session type says.
    pub const fn asks_the_coach(self) -> bool {
        matches!(self, Self::OnRequest(_))
    }
}

impl CalendarTrust {
    /// No calendar counts.
    pub const NONE: Self = Self { known_at: None, known_until: None, policy: UnknownPolicy::Stop };

    /// From the columns of `coaches`.
    pub(crate) fn of_row(row: &Row) -> Result<Self, StoreError> {
        let minutes: u32 = row.get("unknown_keep_minutes")?;
        Ok(Self {
            known_at: row.get("calendars_known_at")?,
            known_until: row.get("calendars_known_until")?,
            policy: row.parse("unknown_policy", |word| UnknownPolicy::parse(word, minutes))?,
        })
    }

    /// What may be offered at `now`.
    pub fn at(&self, now: Instant) -> Standing {
        match self.known_until {
            Some(known_until) if now >= known_until => self.unanswered(now),
            _ => Standing::Known,
        }
    }

    /// What may be offered at `now` when a calendar was asked right then and gave no answer: it is not known, however
    /// fresh the data is.
    pub fn unanswered(&self, now: Instant) -> Standing {
        let Some(known_at) = self.known_at else { return Standing::Known };
        match self.policy {
            UnknownPolicy::Keep { minutes } if now < known_at.plus_minutes(minutes.into()) => Standing::Kept(known_at),
            UnknownPolicy::Keep { .. } | UnknownPolicy::OnRequest => Standing::OnRequest(known_at),
            UnknownPolicy::Stop => Standing::Stopped(known_at),
        }
    }
}

/// How long a successful read of a calendar of `kind` counts as the present.
pub(super) const fn fresh_for(kind: ProviderKind) -> Duration {
    match kind {
        ProviderKind::IcsFeed => FRESH_FEED,
        _ => FRESH,
    }
}

/// Works out anew what is known of a coach's calendars, in the transaction that changed any of them.
pub(super) async fn refresh_standing(tx: &mut Tx, coach: UserId, now: Instant) -> Result<(), StoreError> {
    // By the integrations, which have an index by coach.
    let counted = sql("SELECT i.provider, i.health, c.read_at, c.problem, c.missing_since
         FROM calendar_integrations i JOIN integration_calendars c ON c.integration_id = i.id
         WHERE i.coach_id = $1 AND c.counts_busy = 1 AND i.health <> 'disconnected'");
    let (mut known_at, mut known_until): (Option<Instant>, Option<Instant>) = (None, None);
    for row in counted.bind(coach).all(&mut *tx).await? {
        // Never read: known since the beginning of time, which is to say not at all.
        let read_at = row.get::<Option<Instant>>("read_at")?.unwrap_or(Instant::from_millis(0));
        let health = row.parse("health", Health::parse)?;
        let lost = health == Health::NeedsReconnect
            || row.get::<Option<String>>("problem")?.is_some()
            || row.get::<Option<Instant>>("missing_since")?.is_some();
        let until = if lost { read_at.min(now) } else { read_at + fresh_for(row.parse("provider", ProviderKind::parse)?) };
        known_at = Some(known_at.map_or(read_at, |at| at.min(read_at)));
        known_until = Some(known_until.map_or(until, |at| at.min(until)));
    }
    let update = sql("UPDATE coaches SET calendars_known_at = $2, calendars_known_until = $3 WHERE user_id = $1");
    update.bind(coach).bind(known_at).bind(known_until).run(tx).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn minute(minute: i64) -> Instant {
        Instant::from_millis(minute * 60_000)
    }

    fn trust(policy: UnknownPolicy) -> CalendarTrust {
        CalendarTrust { known_at: Some(minute(100)), known_until: Some(minute(115)), policy }
    }

    #[test]
    fn known_data_needs_no_policy() {
        for policy in [UnknownPolicy::Keep { minutes: 60 }, UnknownPolicy::OnRequest, UnknownPolicy::Stop] {
            assert_eq!(trust(policy).at(minute(114)), Standing::Known);
        }
        assert_eq!(CalendarTrust::NONE.at(minute(1_000_000)), Standing::Known);
    }

    #[test]
    fn no_answer_is_unknown_however_fresh_the_data() {
        assert_eq!(trust(UnknownPolicy::Stop).unanswered(minute(101)), Standing::Stopped(minute(100)));
        assert_eq!(trust(UnknownPolicy::OnRequest).unanswered(minute(101)), Standing::OnRequest(minute(100)));
        assert_eq!(trust(UnknownPolicy::Keep { minutes: 60 }).unanswered(minute(101)), Standing::Kept(minute(100)));
        assert_eq!(CalendarTrust::NONE.unanswered(minute(101)), Standing::Known);
    }

    #[test]
    fn unknown_is_what_the_coach_decided() {
        let keep = trust(UnknownPolicy::Keep { minutes: 60 });
        assert_eq!(keep.at(minute(115)), Standing::Kept(minute(100)));
        assert_eq!(keep.at(minute(160)), Standing::OnRequest(minute(100)));
        assert_eq!(trust(UnknownPolicy::OnRequest).at(minute(115)), Standing::OnRequest(minute(100)));
        assert_eq!(trust(UnknownPolicy::Stop).at(minute(115)), Standing::Stopped(minute(100)));
    }
}
