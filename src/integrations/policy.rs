use super::{
    Integrations,
    attach::lock_busy,
    standing::{CalendarTrust, UnknownPolicy},
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::FieldErrors,
    store::{StoreError, sql},
};

/// The shortest and longest time, in minutes, for which data that is not fresh may be kept: a quarter of an hour, thirty days.
const KEEP: std::ops::RangeInclusive<u32> = 15..=43_200;

/// Why a policy was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// What was typed cannot stand: `minutes`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for PolicyError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Integrations {
    /// What the coach wants while a calendar cannot be read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn policy(&self, coach: &CoachActor) -> Result<UnknownPolicy, Internal> {
        Ok(self.trust(coach).await?.policy)
    }

    /// What is known of the coach's calendars as a whole: [`CalendarTrust::at`] says what may be offered by it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn trust(&self, coach: &CoachActor) -> Result<CalendarTrust, Internal> {
        let columns =
            sql("SELECT calendars_known_at, calendars_known_until, unknown_policy, unknown_keep_minutes FROM coaches WHERE user_id = $1");
        Ok(CalendarTrust::of_row(&columns.bind(coach.id()).one(&self.deps.store).await?)?)
    }

    /// Sets it.
    ///
    /// # Errors
    /// `Invalid` names `minutes` when they are fewer than 15 or more than thirty days.
    pub async fn set_policy(&self, coach: &CoachActor, policy: UnknownPolicy) -> Result<(), PolicyError> {
        let minutes = match policy {
            UnknownPolicy::Keep { minutes } if !KEEP.contains(&minutes) => {
                return Err(FieldErrors::one("minutes", "Choose between 15 minutes and 30 days.").into());
            }
            UnknownPolicy::Keep { minutes } => Some(minutes),
            UnknownPolicy::OnRequest | UnknownPolicy::Stop => None,
        };
        let mut tx = self.deps.store.begin().await?;
        lock_busy(&mut tx, coach.id()).await?;
        let update =
            sql("UPDATE coaches SET unknown_policy = $2, unknown_keep_minutes = COALESCE($3, unknown_keep_minutes) WHERE user_id = $1");
        update.bind(coach.id()).bind(policy.as_str()).bind(minutes).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}
