//! All that the sandbox remembers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::config::SandboxConfig;
use super::faults::FaultRule;
use super::oauth::OAuth;
use super::people::Account;
use super::provider::Provider;
use super::seed;
use crate::cal_com::CalCom;
use crate::stripe::Stripe;

/// What handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: SandboxConfig,
    /// `http://host:port`.
    pub(crate) base: String,
    pub(crate) clock: Clock,
    world: Mutex<World>,
}

/// The state of axum's handlers.
pub(crate) type App = Arc<Shared>;

impl Shared {
    /// A sandbox at `base` as it starts.
    pub(crate) fn new(config: SandboxConfig, base: String) -> Self {
        let clock = Clock::default();
        let world = Mutex::new(World::seeded(&config, clock.now()));
        Self { config, base, clock, world }
    }

    /// The world, for as long as the guard lives. Never keep it across an `await`.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything and starts anew, at the machine's time.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        let fresh = World::seeded(&self.config, self.clock.now());
        *self.world() = fresh;
    }
}

/// Behaviour that control turns on and off.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Switches {
    /// Microsoft: a used refresh token dies with its use.
    pub(crate) strict_rotation: bool,
    /// Google: milliseconds until a Meet link is ready.
    pub(crate) meet_delay_ms: i64,
    /// Google: Meet links fail.
    pub(crate) meet_fails: bool,
    /// The largest page that lists answer with, whatever was asked for.
    pub(crate) page_limit: Option<usize>,
}

/// A request as the log remembers it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recorded {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) provider: Provider,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Recorded for calls that carry a token; a sign-in's query would hold its state.
    pub(crate) query: Option<String>,
    /// The address of the account whose token, code or refresh token was presented.
    pub(crate) account: Option<String>,
    /// The fingerprint of the access token presented.
    pub(crate) token: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) grant_type: Option<String>,
    /// `None` when no answer went out.
    pub(crate) status: Option<u16>,
    /// The fault that struck.
    pub(crate) fault: Option<&'static str>,
}

/// Everything that a reset forgets.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) accounts: Vec<Account>,
    pub(crate) oauth: OAuth,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) log: Vec<Recorded>,
    pub(crate) seq: u64,
    pub(crate) switches: Switches,
    pub(crate) cal: CalCom,
    pub(crate) stripe: Stripe,
}

impl World {
    fn seeded(config: &SandboxConfig, now: Timestamp) -> Self {
        let accounts = seed::accounts(now);
        let mut world =
            Self { cal: CalCom::seeded(&accounts, now), accounts, stripe: Stripe::configured(config.stripe.as_ref()), ..Self::default() };
        world.oauth.clients = config.clients();
        world
    }

    /// The account with this address or id.
    pub(crate) fn account(&self, provider: Provider, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.provider == provider && (account.email == name || account.id == name))
    }

    /// As `account`, to change it.
    pub(crate) fn account_mut(&mut self, provider: Provider, name: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.provider == provider && (account.email == name || account.id == name))
    }

    /// The address of the account that a token, refresh token or code belongs to.
    pub(crate) fn owner_of(&self, secret: &str) -> Option<&str> {
        let grant = self.oauth.grant_of(secret)?;
        self.account(grant.provider, &grant.account).map(|account| account.email.as_str())
    }
}
