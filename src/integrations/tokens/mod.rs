//! The token service: the only code that opens stored credentials and the only code that refreshes anything.
//!
//! [`Tokens::ensure_valid`] gives a credential that is good for a while; [`Tokens::call`] runs a request with it, and when the
//! provider says that the token is at fault, refreshes once and tries once more. A refresh happens once however many
//! ask: tasks of one server wait on a lock, servers on a lease in the integration's row.
//!
//! The log's targets are those of the documents that the product comes from: `cal_token_util`, `token_service`,
//! `cal_tokens_refresh`.

mod by_force;
mod refresh;
mod revoke;
mod rotate;
mod stored;
mod vault;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use moka::sync::Cache;
pub use rotate::Rotated;
pub use stored::NewCredential;
pub use vault::{Clear, Place, Unopenable, Vault};

use super::{
    Integration, Providers,
    health::Health,
    outcome::{CallError, TokenError},
    providers::Access,
};
use crate::{Deps, model::IntegrationId};
use refresh::Flight;
use stored::Stored;

/// A token with less life left than this is refreshed before it is used.
const BUFFER: Duration = Duration::from_secs(90);

/// Whether the stored token will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// If it has life left.
    No,
    /// Not if its time to be refreshed ahead of expiry has come.
    IfDue,
    /// Not the one of this revision: the provider refused it.
    Rejected(i64),
}

/// A credential, and which of the integration's it is.
#[derive(Debug, Clone)]
pub struct Held {
    /// The credential.
    pub secret: Clear,
    /// Rises with every new one.
    pub revision: i64,
}

/// A request under way: what provider adapters return.
pub type Calling<'a, T> = Pin<Box<dyn Future<Output = Result<T, CallError>> + Send + 'a>>;

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    pub(super) deps: Deps,
    pub(super) vault: Vault,
    pub(super) providers: Providers,
    /// Who holds leases: this server, this start.
    server: Arc<str>,
    /// The integrations that are being refreshed here.
    flights: Cache<IntegrationId, Arc<Flight>>,
}

impl Tokens {
    /// Opens what `vault` sealed, asks `providers` for new tokens.
    pub fn new(deps: Deps, vault: Vault, providers: Providers) -> Self {
        let server = deps.ids.secret().hash().into();
        let flights = Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_mins(5)).build();
        Self { deps, vault, providers, server, flights }
    }

    /// A credential of `integration` that is good for more than a minute, refreshed if need be.
    ///
    /// # Errors
    /// See [`TokenError`]. A refresh that fails for a passing reason is none while the old token still has life.
    pub async fn ensure_valid(&self, integration: &Integration, force: Force) -> Result<Held, TokenError> {
        let stored = Stored::load(&self.deps.store, integration).await?;
        match stored.health {
            Health::Disconnected => return Err(TokenError::Disconnected),
            Health::NeedsReconnect if integration.kind.has_tokens() => return Err(TokenError::NeedsReconnect),
            _ => {}
        }
        if !integration.kind.has_tokens() || stored.will_do(force, self.deps.clock.now()) {
            return stored.held(&self.vault, integration);
        }
        tracing::debug!(target: "cal_token_util", integration = %integration.id, revision = stored.revision, ?force, "a new token is needed");
        self.refreshed(integration, stored.revision, force).await
    }

    /// Runs `request` with the credential of `integration`. When the provider says that the token is at fault, it is
    /// refreshed once and the request tried once more.
    ///
    /// # Errors
    /// See [`TokenError`]; `Call` has what the last try came to.
    pub async fn call<T>(
        &self,
        integration: &Integration,
        request: impl for<'a> Fn(&'a Access<'a>) -> Calling<'a, T> + Send,
    ) -> Result<T, TokenError> {
        let held = self.ensure_valid(integration, Force::No).await?;
        let first = request(&Access { integration, secret: &held.secret }).await;
        match first {
            Err(error) if error.is_about_the_token() && integration.kind.has_tokens() => {
                tracing::info!(target: "cal_token_util", integration = %integration.id, %error, "refreshing, then trying once more");
                let held = self.ensure_valid(integration, Force::Rejected(held.revision)).await?;
                Ok(request(&Access { integration, secret: &held.secret }).await?)
            }
            answer => Ok(answer?),
        }
    }
}
