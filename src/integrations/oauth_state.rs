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

/// Who is back from a consent page. What a program began (without a sign-in) does not end in a browser by itself: whoever has a token of
/// the coach's could have chosen an account of their own, and have lured the coach's browser to the way back (RFC 6749 10.12).
#[derive(Debug, Clone, Copy)]
pub enum Returning<'a> {
    /// The browser with this sign-in. It ends what was begun in the same sign-in.
    Browser(&'a Secret),
    /// The browser with this sign-in, and the coach was asked here and agreed. It ends what a program began as well.
    Agreed(&'a Secret),
    /// A program, with a token of the coach's. It ends what a program began.
    Program,
}

impl<'a> From<&'a Secret> for Returning<'a> {
    fn from(sign_in: &'a Secret) -> Self {
        Self::Browser(sign_in)
    }
}

impl Returning<'_> {
    /// Whether they may end what was begun in the sign-in of this hash; empty for what a program began.
    fn may_end(self, begun_in: &str) -> bool {
        match self {
            Self::Browser(sign_in) => sign_in.hash() == begun_in,
            Self::Agreed(sign_in) => begun_in.is_empty() || sign_in.hash() == begun_in,
            Self::Program => begun_in.is_empty(),
        }
    }
}

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

    /// Notes `journey`; gives what has to come back. Without `sign_in` a program began it, by a token of the coach's; see
    /// [`Returning`] for who may end it.
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

    /// What was noted under `state`, once. `None` when it is missing, forged, used, expired, not of this coach and provider, or not
    /// for `who` to end; one that turns up in the wrong hands is used up by it.
    pub(super) async fn arrive(
        &self,
        coach: &CoachActor,
        who: Returning<'_>,
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
            && who.may_end(&begun_in)
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

    /// Whether a program began the coach's journey of `state`: then a browser that comes back has the coach asked first. Uses nothing up.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn begun_by_program(&self, coach: &CoachActor, kind: ProviderKind, state: Option<&str>) -> Result<bool, Internal> {
        let Some(state) = state.and_then(Secret::from_untrusted) else { return Ok(false) };
        let found = sql("SELECT secret_hash FROM oauth_states
             WHERE secret_hash = $1 AND coach_id = $2 AND provider = $3 AND sign_in_hash = '' AND expires_at > $4");
        let found = found.bind(state.hash()).bind(coach.id()).bind(kind.as_str()).bind(self.deps.clock.now());
        Ok(found.optional(&self.deps.store).await?.is_some())
    }

    /// Ends the coach's journey of `state` without connecting anything: the coach was asked, and does not want it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn decline_oauth(
        &self,
        coach: &CoachActor,
        sign_in: &Secret,
        kind: ProviderKind,
        state: Option<&str>,
    ) -> Result<(), Internal> {
        self.arrive(coach, Returning::Agreed(sign_in), kind, state).await.map(drop)
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
