//! A coach's hours: reading them, and the one way to change them.

use chrono::NaiveDate;

use super::{Coaches, no_profile};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{FieldErrors, Hours, MAX_OVERRIDES},
    store::{StoreError, sql},
    time::Zone,
};

/// Why a coach's hours were not changed.
#[derive(Debug, thiserror::Error)]
pub enum SetHoursError {
    /// What was typed cannot stand, field by field: `monday.0.from`, `tuesday.1`, `date`, `windows.0.until`,
    /// `overrides.3.date`, `overrides.3.windows.0`, `time_zone`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for SetHoursError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

/// Hours under the lock, about to be changed.
pub(super) struct Change {
    /// The hours.
    pub(super) hours: Hours,
    /// The coach's zone.
    pub(super) zone: Zone,
    /// The coach's date in that zone.
    pub(super) today: NaiveDate,
}

impl Coaches {
    /// The coach's hours without the overrides of past dates, and the zone they are in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hours(&self, coach: &CoachActor) -> Result<(Hours, Zone), Internal> {
        let offer = self.offers.by_id(coach.id()).await?.ok_or_else(no_profile)?;
        let hours = without_past(offer.hours.clone(), offer.zone.date_of(self.deps.clock.now()));
        Ok((hours, offer.zone.clone()))
    }

    /// Changes the coach's hours and perhaps the zone by `decide`, which sees them as they stand and is alone in
    /// changing them. Overrides of past dates go. Gives the hours as they are now.
    pub(super) async fn change_hours(
        &self,
        coach: &CoachActor,
        decide: impl FnOnce(&mut Change) -> Result<(), FieldErrors>,
    ) -> Result<Hours, SetHoursError> {
        let (mut tx, offer) = self.begin(coach).await?;
        let now = self.deps.clock.now();
        let mut change = Change { hours: offer.hours.clone(), zone: offer.zone.clone(), today: offer.zone.date_of(now) };
        decide(&mut change)?;
        let (hours, zone) = (without_past(change.hours, change.zone.date_of(now)), change.zone);
        if hours.overrides.len() > MAX_OVERRIDES {
            return Err(FieldErrors::one("date", format!("At most {MAX_OVERRIDES} dates can differ from the week.")).into());
        }
        let json = serde_json::to_string(&hours).map_err(Internal::new)?;
        sql("UPDATE coaches SET hours = $2 WHERE user_id = $1").bind(coach.id()).bind(json).run(&mut tx).await?;
        if zone != offer.zone {
            let update = sql("UPDATE users SET time_zone = $2, updated_at = $3 WHERE id = $1");
            update.bind(coach.id()).bind(zone.name()).bind(now).run(&mut tx).await?;
        }
        self.commit(tx, coach).await?;
        Ok(hours)
    }
}

fn without_past(mut hours: Hours, today: NaiveDate) -> Hours {
    hours.overrides.retain(|date, _| *date >= today);
    hours
}
