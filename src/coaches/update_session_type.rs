use super::{
    Coaches, SessionType, SessionTypeError,
    session_types::{bind_draft, made_of},
};
use crate::{
    accounts::CoachActor,
    model::{SessionTypeDraft, SessionTypeId},
    store::sql,
};

impl Coaches {
    /// Replaces what a session type says. Its slug stays, and bookings made of it keep what was agreed.
    ///
    /// # Errors
    /// `NotFound` unless it is this coach's and not archived; `Invalid` names each field that is wrong.
    pub async fn update_session_type(
        &self,
        coach: &CoachActor,
        id: SessionTypeId,
        draft: SessionTypeDraft,
    ) -> Result<SessionType, SessionTypeError> {
        self.change_session_type(coach, id, |stored| *stored = draft).await
    }

    /// As [`Coaches::update_session_type`], by `change`, which sees it as it stands and is alone in changing it.
    ///
    /// # Errors
    /// As [`Coaches::update_session_type`].
    pub async fn change_session_type(
        &self,
        coach: &CoachActor,
        id: SessionTypeId,
        change: impl FnOnce(&mut SessionTypeDraft),
    ) -> Result<SessionType, SessionTypeError> {
        let (mut tx, offer) = self.begin(coach).await?;
        let stored = offer.session_type(id).ok_or(SessionTypeError::NotFound)?;
        let (slug, mut draft) = (stored.slug.clone(), stored.draft());
        change(&mut draft);
        let draft = draft.checked()?;
        let update = sql("UPDATE session_types SET updated_at = $3, name = $4, description = $5, duration_minutes = $6,
                step_minutes = $7, buffer_before_minutes = $8, buffer_after_minutes = $9, notice_minutes = $10,
                horizon_days = $11, daily_cap = $12, weekly_cap = $13, price_minor = $14, currency = $15,
                approval_required = $16, place_kind = $17, place_value = $18, active = $19, reminders = $20,
                late_refund_percent = $21, no_show_percent = $22
            WHERE id = $1 AND coach_id = $2");
        bind_draft(update.bind(id).bind(coach.id()).bind(self.deps.clock.now()), &draft).run(&mut tx).await?;
        self.commit(tx, coach).await?;
        Ok(made_of(id, slug, draft))
    }
}
