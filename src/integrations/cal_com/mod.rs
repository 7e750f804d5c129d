//! Connecting a coach's Google or Office 365 calendar through Cal.com, with a managed user of this site's platform client.
//!
//! The user is made on the first connect, in the coach's name and zone. The coach goes to the provider's consent page by way of
//! Cal.com and comes back with nothing but the visit: no code, no error. What happened is found out by comparing the
//! list of calendars before and after. Meanwhile the user's token travels through the provider in clear; it
//! is not changed while the coach is away (Cal.com would not know the coach again), and replaced when the coach is back.

mod adopt;
mod finish;
mod managed_user;
mod renew;
mod save;
mod start;
mod sync;

use super::{
    Integration, Integrations, ProviderKind,
    outcome::{CallError, TokenError},
    providers::{Access, Behind, CalendarProvider, RemoteCalendar},
    tokens::Calling,
};
use crate::{error::Internal, store::StoreError};
use std::sync::Arc;

/// Why a calendar was not connected through Cal.com.
#[derive(Debug, thiserror::Error)]
pub enum CalConnectError {
    /// This site has no platform client with Cal.com.
    #[error("Cal.com is not set up on this site")]
    NotOffered,
    /// Nothing of the coach's is connected there yet.
    #[error("no calendar is connected through Cal.com")]
    NotConnected,
    /// The state is missing, forged, used before, too old, or of another person, sign-in or provider.
    #[error("this way back is not known")]
    StateUnknown,
    /// The coach came back, and no calendar of that kind is there.
    #[error("consent was refused")]
    Refused,
    /// The coach came back, and all is as it was before.
    #[error("no calendar was added")]
    NothingNew,
    /// The coach's address has a user at Cal.com that was made for someone else.
    #[error("the address has a user at Cal.com that belongs to someone else")]
    AddressTaken,
    /// There is no access, or Cal.com did not do its part.
    #[error(transparent)]
    Token(TokenError),
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<TokenError> for CalConnectError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Internal(error) => Self::Internal(error),
            error => Self::Token(error),
        }
    }
}

impl From<StoreError> for CalConnectError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Integrations {
    /// The provider with managed users, if this site has it.
    fn cal_com(&self) -> Result<Arc<dyn CalendarProvider>, CalConnectError> {
        let provider = self.providers.get(ProviderKind::CalComManaged);
        provider.filter(|provider| provider.managed_users().is_some()).cloned().ok_or(CalConnectError::NotOffered)
    }

    /// As `Tokens::call`; for a managed user who needs a reconnect, with tokens renewed by force: the coach is just reconnecting.
    async fn managed_call<T>(
        &self,
        integration: &Integration,
        request: impl for<'a> Fn(&'a Access<'a>) -> Calling<'a, T> + Send + Sync,
    ) -> Result<T, TokenError> {
        match self.tokens.call(integration, &request).await {
            Err(TokenError::NeedsReconnect) => {
                let held = self.tokens.renew_by_force(integration).await?;
                Ok(request(&Access { integration, secret: &held.secret }).await?)
            }
            answer => answer,
        }
    }

    /// What Cal.com lists for the coach's managed user.
    async fn managed_list(&self, integration: &Integration) -> Result<Vec<RemoteCalendar>, CalConnectError> {
        let provider = self.cal_com()?;
        let call = self.managed_call(integration, |access| {
            let provider = provider.clone();
            Box::pin(async move { provider.calendars(access).await })
        });
        Ok(call.await?)
    }
}

/// The credentials behind `behind` that work, by Cal.com's numbers.
fn working(listed: &[RemoteCalendar], behind: Behind) -> Vec<String> {
    let works = |calendar: &&RemoteCalendar| {
        calendar.external_kind == behind.external_kind() && !calendar.external_id.is_empty() && calendar.problem.is_none()
    };
    let mut found: Vec<String> = listed.iter().filter(works).filter_map(|calendar| calendar.credential_ref.clone()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The part of a provider that has managed users; [`Integrations::cal_com`] has made sure that it is there.
const NO_MANAGED_USERS: CallError = CallError::Refused(0);
