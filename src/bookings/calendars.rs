//! The coach's calendars at the instant of a decision.

use std::time::Duration;

use crate::{
    integrations::busy::{BusySync, Freshness},
    model::{Instant, UserId},
    store::{StoreError, sql},
    time::Secret,
};

use super::Bookings;

/// Nobody who presses a button waits longer for a provider.
const PATIENCE: Duration = Duration::from_secs(2);

impl Bookings {
    /// The same, asking calendars by `sync` before something is decided. Without it what was read in the background
    /// decides.
    pub fn with_calendars(self, sync: BusySync) -> Self {
        Self { calendars: Some(sync), ..self }
    }

    /// Has the calendars of `coach` that count read if they were not just now, without waiting: somebody fills in a form, and what they decide
    /// in a minute is then decided on fresh data, or on the knowledge that there is no answer.
    pub fn freshen_soon(&self, coach: UserId) {
        if let Some(sync) = self.calendars.clone() {
            tokio::spawn(async move { sync.freshen(coach, PATIENCE).await });
        }
    }

    /// Makes sure that the calendars of `coach` that count were read just now. Not to be called in a transaction.
    pub(super) async fn freshen(&self, coach: UserId) -> Freshness {
        match &self.calendars {
            Some(sync) => sync.freshen(coach, PATIENCE).await,
            None => Freshness::Known,
        }
    }

    /// As [`Bookings::freshen`], for the coach of the hold of `secret`, if any calendar of theirs counts.
    pub(super) async fn freshen_for_hold(&self, secret: &Secret) -> Result<Freshness, StoreError> {
        if self.calendars.is_none() {
            return Ok(Freshness::Known);
        }
        let coach =
            sql("SELECT c.user_id, c.calendars_known_at FROM holds h JOIN coaches c ON c.user_id = h.coach_id WHERE h.secret_hash = $1");
        let Some(row) = coach.bind(secret.hash()).optional(&self.deps.store).await? else { return Ok(Freshness::Known) };
        match row.get::<Option<Instant>>("calendars_known_at")? {
            Some(_) => Ok(self.freshen(row.get("user_id")?).await),
            None => Ok(Freshness::Known),
        }
    }
}
