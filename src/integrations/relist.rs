use super::{
    Integration, Integrations,
    calendar::apply_list,
    health::{HealthReason, Outcome},
    outcome::TokenError,
    record::{lock_coach, record, record_in},
    standing::refresh_standing,
};

/// What a new look at the list of calendars changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relisted {
    /// How many calendars there were not before. They do not count as busy until the coach says so.
    pub added: u32,
    /// How many the provider does not list any more. They stay, and what was busy in them.
    pub vanished: u32,
}

impl Integrations {
    /// Reads the list of calendars anew: when a provider says that one is not ours, and now and then. A failure, and a
    /// calendar that counts and is missing, is noted in the integration's health; that it went well is not, as it
    /// says nothing about reading busy times.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn relist(&self, integration: &Integration) -> Result<Relisted, TokenError> {
        let Some(provider) = self.providers.get(integration.kind).cloned() else { return Err(TokenError::ClientRejected) };
        let call = self.tokens.call(integration, |access| {
            let provider = provider.clone();
            Box::pin(async move { provider.calendars(access).await })
        });
        let listed = match call.await {
            Ok(listed) => listed,
            Err(error) => {
                record(&self.deps, integration, Outcome::of_token(&error)).await?;
                return Err(error);
            }
        };
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await?;
        lock_coach(&mut tx, integration).await?;
        let done = apply_list(&mut tx, &*self.deps.ids, integration, &listed, now).await?;
        if done.lost {
            record_in(&mut tx, &self.deps, integration, Outcome::Passing(HealthReason::CalendarMissing)).await?;
        }
        refresh_standing(&mut tx, integration.coach_id, now).await?;
        tx.commit().await?;
        Ok(Relisted { added: done.added, vanished: done.vanished })
    }
}
