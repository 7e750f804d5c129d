use super::{Coaches, OverrideDraft, SetHoursError};
use crate::{
    accounts::CoachActor,
    model::{FieldErrors, Hours},
};

impl Coaches {
    /// Gives one date windows of its own; none closes it. Other dates stay, whoever changes them meanwhile. Gives
    /// the hours as they are now.
    ///
    /// # Errors
    /// `Invalid` names `date` when it is no date, past in the coach's zone, more than two years ahead or one too
    /// many, and each row that is wrong: `windows.0.from`, `windows.1`.
    pub async fn set_override(&self, coach: &CoachActor, draft: OverrideDraft) -> Result<Hours, SetHoursError> {
        self.change_hours(coach, |change| {
            let mut errors = FieldErrors::new();
            let read = draft.read(&mut errors, "", change.today);
            errors.or(())?;
            change.hours.overrides.extend(read);
            Ok(())
        })
        .await
    }
}
