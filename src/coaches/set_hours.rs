use super::{Coaches, HoursDraft, SetHoursError};
use crate::{accounts::CoachActor, model::Hours};

impl Coaches {
    /// Replaces zone, week and dates in one go. Gives the hours as they are now.
    ///
    /// # Errors
    /// `Invalid` names everything that is wrong: `time_zone`, `monday.0.from`, `overrides.2.date`,
    /// `overrides.2.windows.0.until`.
    pub async fn set_hours(&self, coach: &CoachActor, draft: HoursDraft) -> Result<Hours, SetHoursError> {
        let now = self.deps.clock.now();
        self.change_hours(coach, |change| {
            let (zone, hours) = draft.read(now, &change.hours)?;
            (change.zone, change.hours) = (zone, hours);
            Ok(())
        })
        .await
    }
}
