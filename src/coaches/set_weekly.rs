use super::{Coaches, SetHoursError, WeeklyHoursDraft};
use crate::{
    accounts::CoachActor,
    model::{FieldErrors, Hours},
};

impl Coaches {
    /// Replaces the coach's ordinary week; the dates that differ stay. Gives the hours as they are now.
    ///
    /// # Errors
    /// `Invalid` names each row that is wrong: `monday.0.from`, `monday.1`.
    pub async fn set_weekly(&self, coach: &CoachActor, draft: WeeklyHoursDraft) -> Result<Hours, SetHoursError> {
        let mut errors = FieldErrors::new();
        let weekly = draft.read(&mut errors);
        errors.or(())?;
        self.change_hours(coach, |change| {
            change.hours.weekly = weekly;
            Ok(())
        })
        .await
    }
}
