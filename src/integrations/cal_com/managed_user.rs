//! The coach's managed user: found, or made.

use super::{CalConnectError, CallError};
use crate::{
    accounts::CoachActor,
    integrations::{
        Integration, Integrations, ProviderKind,
        attach::Attached,
        health::Health,
        outcome::{RefreshError, TokenError},
        providers::{Account, ManagedAsk, ManagedUser},
        tokens::NewCredential,
    },
    model::UserId,
    store::sql,
};

impl Integrations {
    /// The coach's integration through a managed user, unless there is none or it is disconnected.
    pub(super) async fn managed_integration(&self, coach: UserId) -> Result<Option<Integration>, CalConnectError> {
        let rows =
            sql("SELECT * FROM calendar_integrations WHERE coach_id = $1 AND provider = $2 AND health <> 'disconnected' ORDER BY id");
        let row = rows.bind(coach).bind(ProviderKind::CalComManaged.as_str()).optional(&self.deps.store).await?;
        Ok(row.as_ref().map(Integration::of_row).transpose()?)
    }

    /// The same; made at Cal.com in the coach's name, address and zone when there is none. One that was disconnected comes back.
    pub(super) async fn managed_integration_or_new(&self, coach: &CoachActor) -> Result<Integration, CalConnectError> {
        if let Some(known) = self.managed_integration(coach.id()).await? {
            return Ok(known);
        }
        let user = self.managed_user(coach.id()).await?;
        let key = user.id.to_string();
        let account = Account { label: self.address_of(coach.id()).await?.0, key };
        let attached = Attached {
            kind: ProviderKind::CalComManaged,
            account: &account,
            endpoint: "",
            scopes: "",
            can_write: true,
            managed_user_id: Some(user.id),
            credential: NewCredential::Issued(&user.issued),
            calendars: &[],
        };
        let id = self.attach(coach.id(), attached).await?;
        let integration = Integration::find(&self.deps.store, coach, id).await?;
        let integration = integration.filter(|integration| integration.state.health != Health::Disconnected);
        integration.ok_or(CalConnectError::NotConnected)
    }

    async fn managed_user(&self, coach: UserId) -> Result<ManagedUser, CalConnectError> {
        let provider = self.cal_com()?;
        let users = provider.managed_users().ok_or(CalConnectError::NotOffered)?;
        let (email, name, time_zone) = self.address_of(coach).await?;
        let ask = ManagedAsk { coach, email: &email, name: &name, time_zone: &time_zone };
        let user = users.create(&ask).await.map_err(|error| match error {
            RefreshError::Passing(CallError::NotOurs) => CalConnectError::AddressTaken,
            RefreshError::ClientRejected => CalConnectError::Token(TokenError::ClientRejected),
            RefreshError::InvalidGrant => CalConnectError::Token(TokenError::NeedsReconnect),
            RefreshError::Passing(error) => CalConnectError::Token(TokenError::Call(error)),
        })?;
        // Whoever had the address before may be someone else: their calendars are not this coach's.
        let others = sql("SELECT id FROM calendar_integrations WHERE provider = $1 AND managed_user_id = $2 AND coach_id <> $3 LIMIT 1");
        let others = others.bind(ProviderKind::CalComManaged.as_str()).bind(user.id).bind(coach);
        match others.optional(&self.deps.store).await? {
            Some(_) => Err(CalConnectError::AddressTaken),
            None => Ok(user),
        }
    }

    /// Address, name and zone of the coach.
    async fn address_of(&self, coach: UserId) -> Result<(String, String, String), CalConnectError> {
        let row = sql("SELECT email, name, time_zone FROM users WHERE id = $1").bind(coach).one(&self.deps.store).await?;
        Ok((row.get("email")?, row.get("name")?, row.get("time_zone")?))
    }
}
