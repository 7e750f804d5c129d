use super::{Integrations, ProviderKind, oauth_state::Journey, providers::ConsentAsk, tokens::Clear};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::IntegrationId,
    time::{Secret, hash_secret},
};

/// What a coach wants from a consent page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// The integration that is to be connected again, or to be given more; `None` for an account more.
    pub reconnect: Option<IntegrationId>,
    /// Whether events are to be written, too. What was granted before is asked for again whatever this says.
    pub wants_writing: bool,
    /// Where the provider is to send the browser, if not to this site: it must be registered there. The code is exchanged with the same.
    pub redirect_uri: Option<String>,
}

/// A coach on the way.
#[derive(Debug, Clone)]
pub struct Departure {
    /// The address of the consent page.
    pub page: String,
    /// What has to come back with the coach.
    pub state: Secret,
}

/// Why a coach was not sent to a consent page.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// This site has no such provider, or it is not connected on a consent page.
    #[error("not set up on this site")]
    NotOffered,
    /// The integration to be connected again is not there, someone else's, or of another provider.
    #[error("no such integration")]
    NotFound,
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Integrations {
    /// The address of the consent page to send the coach to. The way back is good once, for ten minutes, in the
    /// sign-in of `sign_in`, or for a program of the coach's where that is `None` (see [`super::Returning`]; RFC 6749 10.12; RFC 7636: a verifier that never leaves this site).
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_oauth<'a>(
        &self,
        coach: &CoachActor,
        sign_in: impl Into<Option<&'a Secret>>,
        kind: ProviderKind,
        start: Start,
    ) -> Result<Departure, StartError> {
        let provider = self.providers.get(kind).ok_or(StartError::NotOffered)?;
        let consent = provider.consent().ok_or(StartError::NotOffered)?;
        let again = match start.reconnect {
            Some(id) => {
                // One that was disconnected keeps its row, and may come back by it.
                let found = super::Integration::find(&self.deps.store, coach, id).await.map_err(Internal::from)?;
                Some(found.filter(|integration| integration.kind == kind).ok_or(StartError::NotFound)?)
            }
            None => None,
        };
        // 43 characters of base64: a verifier as RFC 7636 4.1 wants it.
        let verifier = self.deps.ids.secret();
        let redirect_uri = start.redirect_uri.clone().unwrap_or_else(|| self.redirect_uri(kind));
        let journey = Journey {
            reconnect: start.reconnect,
            wants_writing: start.wants_writing,
            verifier: Clear::new(verifier.expose()),
            redirect_uri: start.redirect_uri,
        };
        let state = self.depart(coach, sign_in.into(), kind, &journey).await?;
        let page = consent.page(&ConsentAsk {
            redirect_uri: &redirect_uri,
            state: state.expose(),
            // S256: BASE64URL(SHA256(ASCII(verifier))), RFC 7636 4.2.
            challenge: &hash_secret(verifier.expose()),
            wants_writing: start.wants_writing,
            granted: again.as_ref().map_or("", |integration| &integration.scopes),
            account: again.as_ref().map(|integration| integration.account_label.as_str()),
        });
        let page = page.map_err(Internal::new)?;
        Ok(Departure { page, state })
    }
}
