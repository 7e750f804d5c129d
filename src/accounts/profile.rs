use super::{Accounts, Actor, failures, register::check_zone};
use crate::{
    coaches::Offers,
    error::Internal,
    model::{FieldErrors, clean_line},
    store::sql,
};

/// Why a profile stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Fields `name` and `time_zone`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(ProfileError);

impl Accounts {
    /// Changes how others see `actor` and which zone is theirs. A coach's hours are wall-clock times, so with the
    /// zone they move along; bookings stay where they are.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong; then nothing is changed.
    pub async fn update_profile(&self, actor: Actor, name: &str, time_zone: &str) -> Result<(), ProfileError> {
        let mut errors = FieldErrors::new();
        let name = clean_line(&mut errors, "name", name, 1, 80);
        let zone = check_zone(&mut errors, time_zone);
        errors.or(())?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        if let Actor::Coach(coach) = actor {
            Offers::touch_name(&mut tx, coach.id(), &name, now).await?;
        }
        let change = sql("UPDATE users SET name = $2, time_zone = $3, updated_at = $4 WHERE id = $1");
        change.bind(actor.id()).bind(name).bind(zone).bind(now).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}
