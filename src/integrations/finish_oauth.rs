use super::{
    Integration, Integrations, ProviderKind,
    attach::Attached,
    oauth_state::{Journey, Returning},
    outcome::CallError,
    providers::{Access, CodeAsk, Consent, Feature, Granted},
    tokens::{Clear, NewCredential},
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{Instant, IntegrationId},
    store::StoreError,
};

/// What a coach came back with: the query of the callback address.
#[derive(Clone, Default)]
pub struct Callback {
    /// `state`.
    pub state: Option<String>,
    /// `code`.
    pub code: Option<String>,
    /// `error`.
    pub error: Option<String>,
    /// Where the browser was sent back to, if whoever asks says so: it must be what was agreed at the start.
    pub redirect_uri: Option<String>,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callback(…)")
    }
}

/// A provider's access token in its owner's hands, fresh from the exchange. What renews it stays here.
#[derive(Debug, Clone)]
pub struct HandedOut {
    /// The connection.
    pub integration: IntegrationId,
    /// The token.
    pub access: Clear,
    /// When it ends.
    pub expires_at: Instant,
}

/// Why an account was not connected. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// The coach said no.
    #[error("consent was refused")]
    Refused,
    /// The state is missing, forged, used before, too old, or of another person, sign-in, provider or `redirect_uri`.
    #[error("this way back is not known")]
    StateUnknown,
    /// A permission that is needed was not given.
    #[error("the permission to {} is missing", .0.says())]
    MissingScope(Feature),
    /// The account is another one than the one that was to be connected again.
    #[error("another account was chosen")]
    WrongAccount,
    /// The provider did not do its part.
    #[error(transparent)]
    Provider(#[from] CallError),
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for FinishError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Integrations {
    /// Connects the account that the coach chose on the consent page of `kind`. An account that was connected before
    /// keeps its integration and the calendars chosen. Nobody's database waits for the provider meanwhile.
    ///
    /// # Errors
    /// See [`FinishError`]; nothing is stored then.
    pub async fn finish_oauth<'a>(
        &self,
        coach: &CoachActor,
        who: impl Into<Returning<'a>>,
        kind: ProviderKind,
        callback: Callback,
    ) -> Result<IntegrationId, FinishError> {
        // A code that was sent elsewhere is none of this site's pages'.
        let callback = Callback { redirect_uri: Some(self.redirect_uri(kind)), ..callback };
        Ok(self.finish(coach, who.into(), kind, callback).await?.integration)
    }

    /// As [`Integrations::finish_oauth`], for a program of the coach's and what a program began. The access token is the one that the code
    /// was exchanged for: nothing can go wrong between the connection and handing it out.
    ///
    /// # Errors
    /// See [`FinishError`]; nothing is stored then.
    pub async fn finish_oauth_for_program(
        &self,
        coach: &CoachActor,
        kind: ProviderKind,
        callback: Callback,
    ) -> Result<HandedOut, FinishError> {
        self.finish(coach, Returning::Program, kind, callback).await
    }

    async fn finish(
        &self,
        coach: &CoachActor,
        who: Returning<'_>,
        kind: ProviderKind,
        callback: Callback,
    ) -> Result<HandedOut, FinishError> {
        let journey = self.arrive(coach, who, kind, callback.state.as_deref()).await?.ok_or(FinishError::StateUnknown)?;
        let agreed = journey.redirect_uri.clone().unwrap_or_else(|| self.redirect_uri(kind));
        if callback.redirect_uri.as_ref().is_some_and(|uri| *uri != agreed) {
            return Err(FinishError::StateUnknown);
        }
        let provider = self.providers.get(kind).ok_or(FinishError::StateUnknown)?;
        let consent = provider.consent().ok_or(FinishError::StateUnknown)?;
        let code = code_of(callback)?;
        let again = match journey.reconnect {
            Some(id) => Some(Integration::find(&self.deps.store, coach, id).await?.ok_or(FinishError::StateUnknown)?),
            None => None,
        };
        let granted = self.exchange(consent, (&journey, &agreed), &code, again.as_ref()).await?;
        if again.is_some_and(|integration| integration.account_key != granted.account.key) {
            return Err(FinishError::WrongAccount);
        }
        let provisional = self.provisional(coach.id(), kind, &granted.account, "");
        let calendars = provider.calendars(&Access { integration: &provisional, secret: &granted.issued.access }).await?;
        let attached = Attached {
            kind,
            account: &granted.account,
            endpoint: "",
            scopes: &granted.issued.scopes,
            can_write: consent.can_write(&granted.issued.scopes),
            managed_user_id: None,
            credential: NewCredential::Issued(&granted.issued),
            calendars: &calendars,
        };
        let integration = self.attach(coach.id(), attached).await?;
        Ok(HandedOut { integration, access: granted.issued.access, expires_at: granted.issued.expires_at })
    }

    /// Exchanges the code, and looks whether what was granted is enough.
    async fn exchange(
        &self,
        consent: &dyn Consent,
        (journey, redirect_uri): (&Journey, &str),
        code: &Clear,
        again: Option<&Integration>,
    ) -> Result<Granted, FinishError> {
        let ask = CodeAsk { code, verifier: &journey.verifier, redirect_uri };
        let mut granted = consent.exchange(&ask, self.deps.clock.now()).await?;
        if granted.issued.scopes.is_empty() {
            // Not said means: as asked (RFC 6749 5.1).
            granted.issued.scopes = consent.scopes(journey.wants_writing, again.map_or("", |integration| &integration.scopes));
        }
        if let Some(feature) = consent.missing(&granted.issued.scopes, journey.wants_writing) {
            return Err(FinishError::MissingScope(feature));
        }
        if granted.issued.refresh.is_none() {
            return Err(FinishError::MissingScope(Feature::StayConnected));
        }
        Ok(granted)
    }
}

/// The code, or what the error means (RFC 6749 4.1.2.1).
fn code_of(callback: Callback) -> Result<Clear, FinishError> {
    match (callback.error.as_deref(), callback.code) {
        (Some("access_denied" | "consent_required" | "interaction_required"), _) => Err(FinishError::Refused),
        (Some("server_error" | "temporarily_unavailable"), _) => Err(CallError::ProviderDown(503).into()),
        (Some(_), _) => Err(CallError::Refused(400).into()),
        (None, Some(code)) if !code.is_empty() => Ok(Clear::new(code)),
        (None, _) => Err(CallError::BadAnswer("neither a code nor an error").into()),
    }
}
