//! On the way to the consent page.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CalConnectError, NO_MANAGED_USERS, working};
use crate::{
    accounts::CoachActor,
    integrations::{
        Integration, Integrations, ProviderKind,
        health::Health,
        oauth_state::Journey,
        providers::Behind,
        tokens::{Clear, Force},
    },
    model::Instant,
    store::sql,
    time::Secret,
};

/// How much life the token that travels must have: the ten minutes that the coach may take, and a margin.
const LIFE: Duration = Duration::from_mins(12);

/// What is noted when the coach leaves, sealed, to compare with on return.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Before {
    /// Which calendar is being connected.
    pub(super) behind: String,
    /// The credentials of that kind that worked.
    pub(super) working: Vec<String>,
}

impl Integrations {
    /// The consent page of the provider behind Cal.com, to send the coach's browser to. It is a credential: the coach's token
    /// at Cal.com travels in it. A managed user is made for a coach who has none. The way back, to
    /// `/api/cal/gcal-oauth-redirect` or `/api/cal/office-oauth-redirect`, is good once, for ten minutes, in the sign-in of `sign_in`, or
    /// where the coach agrees when a program began (`None`).
    ///
    /// # Errors
    /// See [`CalConnectError`].
    pub async fn start_cal_connect<'a>(
        &self,
        coach: &CoachActor,
        sign_in: impl Into<Option<&'a Secret>>,
        behind: Behind,
    ) -> Result<Clear, CalConnectError> {
        let provider = self.cal_com()?;
        let integration = self.managed_integration_or_new(coach).await?;
        self.make_last(&integration).await?;
        let before = working(&self.managed_list(&integration).await?, behind);
        let before = Before { behind: behind.as_str().to_owned(), working: before };
        let note = serde_json::to_string(&before).map_err(crate::error::Internal::new)?;
        let journey = Journey { reconnect: Some(integration.id), wants_writing: false, verifier: Clear::new(note), redirect_uri: None };
        let state = self.depart(coach, sign_in.into(), ProviderKind::CalComManaged, &journey).await?;
        // Cal.com puts nothing of ours into its own state: ours is in the address that it ends at.
        let redir = self.public_url.join(&format!("{}?state={}", way_back(behind), state.expose()));
        let call = self.managed_call(&integration, |access| {
            let (provider, redir) = (provider.clone(), redir.clone());
            Box::pin(async move {
                let users = provider.managed_users().ok_or(NO_MANAGED_USERS)?;
                users.connect_url(access.secret, behind, &redir).await
            })
        });
        Ok(call.await?)
    }

    /// Makes sure that the token outlives the journey, and that no refresh ahead of expiry comes in between.
    async fn make_last(&self, integration: &Integration) -> Result<(), CalConnectError> {
        let until = self.deps.clock.now() + LIFE;
        let row = sql("SELECT token_revision, access_expires_at FROM calendar_integrations WHERE id = $1");
        let row = row.bind(integration.id).one(&self.deps.store).await?;
        let lasts = row.get::<Option<Instant>>("access_expires_at")?.is_some_and(|end| end > until);
        if integration.state.health == Health::NeedsReconnect {
            self.tokens.renew_by_force(integration).await?;
        } else if !lasts {
            self.tokens.ensure_valid(integration, Force::Rejected(row.get("token_revision")?)).await?;
        }
        let mut tx = self.deps.store.begin().await?;
        let later = sql("UPDATE calendar_integrations SET refresh_at = $2 WHERE id = $1 AND refresh_at < $2 AND access_expires_at > $2");
        later.bind(integration.id).bind(until).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// Where the coach comes back to.
const fn way_back(behind: Behind) -> &'static str {
    match behind {
        Behind::Google => "/api/cal/gcal-oauth-redirect",
        Behind::Office365 => "/api/cal/office-oauth-redirect",
    }
}
