//! A coach on the way to a consent page and back.

use std::time::Duration;

use super::{
    Integrations, ProviderKind,
    tokens::{Clear, Place},
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{Instant, IntegrationId, UserId},
    store::sql,
    time::Secret,
};

/// How long a coach may take.
const LASTS: Duration = Duration::from_mins(10);

/// What was noted when the coach left.
#[derive(Debug)]
pub(super) struct Journey {
    /// The integration that is to be connected again.
    pub(super) reconnect: Option<IntegrationId>,
    /// Whether events are to be written.
    pub(super) wants_writing: bool,
    /// The verifier behind the challenge.
    pub(super) verifier: Clear,
    /// Where the browser is sent back to, if not to this site.
    pub(super) redirect_uri: Option<String>,
}

impl Integrations {
    /// Where the coach comes back to from the page of `kind`.
    pub(super) fn redirect_uri(&self, kind: ProviderKind) -> String {
        self.public_url.join(&format!("/integrations/{}/callback", kind.as_str()))
    }

    /// Notes `journey`; gives what has to come back. Without `sign_in` a program began it, by a token of the coach's, and any
    /// sign-in or token of theirs may end it.
    pub(super) async fn depart(
        &self,
        coach: &CoachActor,
        sign_in: Option<&Secret>,
        kind: ProviderKind,
        journey: &Journey,
    ) -> Result<Secret, Internal> {
        let (now, state) = (self.deps.clock.now(), self.deps.ids.secret());
        let hash = state.hash();
        let sealed = self.tokens.vault.seal(&journey.verifier, place(&hash, coach.id().as_str())).map_err(Internal::new)?;
        let mut tx = self.deps.store.begin().await?;
        sql("INSERT INTO oauth_states (secret_hash, coach_id, sign_in_hash, provider, integration_id, wants_writing, verifier_sealed,
                 redirect_uri, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(&hash)
        .bind(coach.id())
        .bind(sign_in.map_or(String::new(), Secret::hash))
        .bind(kind.as_str())
        .bind(journey.reconnect)
        .bind(journey.wants_writing)
        .bind(sealed)
        .bind(journey.redirect_uri.as_deref().unwrap_or_default())
        .bind(now)
        .bind(now + LASTS)
        .run(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(state)
    }

    /// What was noted under `state`, once. `None` when it is missing, forged, used, expired, or not of this coach, sign-in
    /// and provider; one that turns up in the wrong hands is used up by it.
    pub(super) async fn arrive(
        &self,
        coach: &CoachActor,
        sign_in: Option<&Secret>,
        kind: ProviderKind,
        state: Option<&str>,
    ) -> Result<Option<Journey>, Internal> {
        let Some(state) = state.and_then(Secret::from_untrusted) else { return Ok(None) };
        let hash = state.hash();
        let mut tx = self.deps.store.begin().await?;
        let taken = sql("DELETE FROM oauth_states WHERE secret_hash = $1
             RETURNING coach_id, sign_in_hash, provider, integration_id, wants_writing, verifier_sealed, redirect_uri, expires_at");
        let taken = taken.bind(&hash).optional(&mut tx).await?;
        tx.commit().await?;
        let Some(row) = taken else { return Ok(None) };
        let begun_in: String = row.get("sign_in_hash")?;
        let ours = row.get::<UserId>("coach_id")? == coach.id()
            && (begun_in.is_empty() || sign_in.is_some_and(|sign_in| sign_in.hash() == begun_in))
            && row.get::<String>("provider")? == kind.as_str()
            && row.get::<Instant>("expires_at")? > self.deps.clock.now();
        if !ours {
            return Ok(None);
        }
        let sealed: String = row.get("verifier_sealed")?;
        let verifier = self.tokens.vault.open(&sealed, place(&hash, coach.id().as_str())).map_err(Internal::new)?;
        let redirect_uri = Some(row.get::<String>("redirect_uri")?).filter(|uri| !uri.is_empty());
        Ok(Some(Journey { reconnect: row.get("integration_id")?, wants_writing: row.get("wants_writing")?, verifier, redirect_uri }))
    }

    /// Deletes what coaches noted who never came back; how many. To be called now and then, by any server.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sweep(&self) -> Result<u64, Internal> {
        let mut tx = self.deps.store.begin().await?;
        let swept = sql("DELETE FROM oauth_states WHERE expires_at <= $1").bind(self.deps.clock.now()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(swept)
    }
}

const fn place<'a>(hash: &'a str, coach: &'a str) -> Place<'a> {
    Place { column: "verifier", row: hash, owner: coach }
}
