//! Reading an account's list of calendars again.

use crate::{
    Deps,
    integrations::{
        Integration,
        calendar::apply_list,
        health::{HealthReason, Outcome},
        providers::RemoteCalendar,
        record::lock_coach,
        standing::refresh_standing,
    },
    store::StoreError,
};

/// Brings what is stored of the account's calendars up to the provider's list. One that is not listed any more keeps
/// its row and what is known of it; a new one waits for the coach to say that it counts.
pub(super) async fn relisted(deps: &Deps, integration: &Integration, calendars: &[RemoteCalendar]) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    lock_coach(&mut tx, integration).await?;
    let now = deps.clock.now();
    apply_list(&mut tx, &*deps.ids, integration, calendars, now).await?;
    refresh_standing(&mut tx, integration.coach_id, now).await?;
    tx.commit().await
}

/// What is stored of a calendar that cannot be read.
pub(super) fn problem_of(error: &crate::integrations::outcome::CallError) -> HealthReason {
    match Outcome::of_call(error) {
        Outcome::Passing(reason) | Outcome::Final(reason) => reason,
        Outcome::Ok | Outcome::Nothing => HealthReason::BadAnswer,
    }
}
