//! A coach's session types, and what may go wrong in changing them.

use super::{Coaches, SessionType, offer::load_types};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{FieldErrors, SessionTypeDraft, SessionTypeId},
    store::{Statement, StoreError},
};

/// A coach has at most so many session types that are not archived.
pub const MAX_SESSION_TYPES: usize = 40;

/// Why a session type was not made, changed or archived.
#[derive(Debug, thiserror::Error)]
pub enum SessionTypeError {
    /// What was typed cannot stand, field by field.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// The coach has [`MAX_SESSION_TYPES`] already.
    #[error("there are as many session types as there may be")]
    Full,
    /// There is no such session type of this coach: unknown, archived, or another coach's.
    #[error("no such session type")]
    NotFound,
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for SessionTypeError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Coaches {
    /// The coach's session types that are not archived, oldest first, inactive ones included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_types(&self, coach: &CoachActor) -> Result<Vec<SessionType>, Internal> {
        Ok(load_types((&self.deps.store).into(), coach.id()).await?)
    }
}

/// Binds what a coach decides about a session type: nineteen values, from `name` to `no_show_percent`.
pub(super) fn bind_draft(statement: Statement, draft: &SessionTypeDraft) -> Statement {
    let rules = &draft.rules;
    statement
        .bind(&draft.name)
        .bind(&draft.description)
        .bind(rules.duration_minutes)
        .bind(rules.step_minutes)
        .bind(rules.buffer_before_minutes)
        .bind(rules.buffer_after_minutes)
        .bind(rules.notice_minutes)
        .bind(rules.horizon_days)
        .bind(rules.daily_cap)
        .bind(rules.weekly_cap)
        .bind(draft.price.minor)
        .bind(draft.price.currency)
        .bind(draft.approval_required)
        .bind(draft.place.kind.as_str())
        .bind(&draft.place.value)
        .bind(draft.active)
        .bind(draft.reminders.to_string())
        .bind(draft.refund.late_refund_percent)
        .bind(draft.refund.no_show_percent)
}

/// A session type as it stands once `draft` is written.
pub(super) fn made_of(id: SessionTypeId, slug: String, draft: SessionTypeDraft) -> SessionType {
    SessionType {
        id,
        slug,
        name: draft.name,
        description: draft.description,
        rules: draft.rules,
        price: draft.price,
        approval_required: draft.approval_required,
        place: draft.place,
        active: draft.active,
        reminders: draft.reminders,
        refund: draft.refund,
    }
}
