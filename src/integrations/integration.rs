use crate::{
    accounts::CoachActor,
    model::{Instant, IntegrationId, UserId},
    store::{Row, StoreError, Target, sql},
};

use super::{
    ProviderKind,
    health::{Health, HealthReason, HealthState},
};

/// One coach's link to one provider account, without its secrets.
///
/// Tokens and calendars are reached through one of these only, and the only ways to one start from a coach: what a
/// mentee looks at is looked up by the coach's id and read with the coach's credentials. A mentee has none to hand in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Whose it is.
    pub coach_id: UserId,
    /// How it is connected.
    pub kind: ProviderKind,
    /// The account's identity at the provider, stable for life.
    pub account_key: String,
    /// What people call the account: an e-mail address, a host.
    pub account_label: String,
    /// Cal.com's number of the managed user.
    pub managed_user_id: Option<i64>,
    /// Where the account is, for providers whose address the coach typed; no secret is in it.
    pub endpoint: String,
    /// What was granted, separated by spaces.
    pub scopes: String,
    /// Whether events may be written, by what was granted.
    pub can_write: bool,
    /// How it does.
    pub state: HealthState,
    /// How many contacts failed in a row.
    pub failures: u32,
    /// When it last went well.
    pub last_ok_at: Option<Instant>,
    /// When it was first connected.
    pub created_at: Instant,
}

impl Integration {
    /// The integration from its row.
    pub(super) fn of_row(row: &Row) -> Result<Self, StoreError> {
        let reason: Option<String> = row.get("health_reason")?;
        Ok(Self {
            id: row.get("id")?,
            coach_id: row.get("coach_id")?,
            kind: row.parse("provider", ProviderKind::parse)?,
            account_key: row.get("account_key")?,
            account_label: row.get("account_label")?,
            managed_user_id: row.get("managed_user_id")?,
            endpoint: row.get("endpoint")?,
            scopes: row.get("scopes")?,
            can_write: row.get("can_write")?,
            state: HealthState {
                health: row.parse("health", Health::parse)?,
                reason: reason.as_deref().and_then(HealthReason::parse),
                since: row.get("health_since")?,
            },
            failures: row.get("failures")?,
            last_ok_at: row.get("last_ok_at")?,
            created_at: row.get("created_at")?,
        })
    }

    /// The integration `id` of `coach`; `None` when there is none or it is someone else's.
    pub(super) async fn find(on: impl Into<Target<'_>>, coach: &CoachActor, id: IntegrationId) -> Result<Option<Self>, StoreError> {
        Self::of_coach(on, coach.id(), id).await
    }

    /// As [`Integration::find`], by the coach's id: for work in the coach's context that the coach did not start.
    pub(super) async fn of_coach(on: impl Into<Target<'_>>, coach: UserId, id: IntegrationId) -> Result<Option<Self>, StoreError> {
        let row = sql("SELECT * FROM calendar_integrations WHERE id = $1 AND coach_id = $2").bind(id).bind(coach).optional(on).await?;
        row.as_ref().map(Self::of_row).transpose()
    }

    /// All integrations of a coach that are not disconnected, oldest first.
    pub(super) async fn all_of(on: impl Into<Target<'_>>, coach: UserId) -> Result<Vec<Self>, StoreError> {
        let rows = sql("SELECT * FROM calendar_integrations WHERE coach_id = $1 AND health <> 'disconnected' ORDER BY id");
        rows.bind(coach).all(on).await?.iter().map(Self::of_row).collect()
    }
}
