use super::{Coaches, SetHoursError, hours_draft::read_date};
use crate::{
    accounts::CoachActor,
    model::{FieldErrors, Hours},
};

impl Coaches {
    /// Lets one date, `YYYY-MM-DD`, follow the ordinary week again; nothing happens when it does already. Gives
    /// the hours as they are now.
    ///
    /// # Errors
    /// `Invalid` names `date` when it is no date.
    pub async fn remove_override(&self, coach: &CoachActor, date: &str) -> Result<Hours, SetHoursError> {
        let mut errors = FieldErrors::new();
        let date = read_date(&mut errors, "date", date);
        errors.or(())?;
        self.change_hours(coach, |change| {
            change.hours.overrides.retain(|known, _| Some(*known) != date);
            Ok(())
        })
        .await
    }
}
