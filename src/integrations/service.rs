use super::{Calendar, Integration, ProviderKind, Providers, tokens::Tokens};
use crate::{
    Deps,
    accounts::CoachActor,
    config::{ProvidersConfig, PublicUrl},
    error::Internal,
    model::IntegrationId,
};

/// What coaches do with their calendars: connect, choose, test, disconnect. One file per operation. Cheap to clone.
#[derive(Clone)]
pub struct Integrations {
    pub(super) deps: Deps,
    pub(super) tokens: Tokens,
    pub(super) providers: Providers,
    pub(super) config: ProvidersConfig,
    pub(super) public_url: PublicUrl,
}

/// A way to connect a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// Which.
    pub kind: ProviderKind,
    /// Whether this site has it; otherwise it is "not set up on this site".
    pub configured: bool,
}

/// A connected account and its calendars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The account.
    pub integration: Integration,
    /// Its calendars, the main one first, then by name.
    pub calendars: Vec<Calendar>,
}

impl Integrations {
    /// On `deps`; `tokens` and `providers` belong together; people come back from consent pages to `public_url`.
    pub const fn new(deps: Deps, tokens: Tokens, providers: Providers, config: ProvidersConfig, public_url: PublicUrl) -> Self {
        Self { deps, tokens, providers, config, public_url }
    }

    /// Every way to connect a calendar, and whether this site has it.
    pub fn offered(&self) -> Vec<Offered> {
        ProviderKind::ALL.map(|kind| Offered { kind, configured: self.providers.get(kind).is_some() }).into()
    }

    /// What the coach has connected, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(&self, coach: &CoachActor) -> Result<Vec<Connected>, Internal> {
        let integrations = Integration::all_of(&self.deps.store, coach.id()).await?;
        let mut calendars = Calendar::all_of(&self.deps.store, coach.id()).await?;
        let of = |integration: Integration| {
            let own = calendars.extract_if(.., |(of, _)| *of == integration.id).map(|(_, calendar)| calendar).collect();
            Connected { integration, calendars: own }
        };
        Ok(integrations.into_iter().map(of).collect())
    }

    /// The coach's integration `id` and its calendars; `None` when there is none, it is someone else's, or disconnected.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find(&self, coach: &CoachActor, id: IntegrationId) -> Result<Option<Connected>, Internal> {
        let Some(integration) = self.live(coach, id).await? else { return Ok(None) };
        let calendars = Calendar::of_integration(&self.deps.store, &integration).await?;
        Ok(Some(Connected { integration, calendars }))
    }

    /// The coach's integration `id`, unless it is disconnected.
    pub(super) async fn live(&self, coach: &CoachActor, id: IntegrationId) -> Result<Option<Integration>, Internal> {
        let found = Integration::find(&self.deps.store, coach, id).await?;
        Ok(found.filter(|integration| integration.state.health != super::health::Health::Disconnected))
    }
}
