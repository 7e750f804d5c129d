//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use wellmet::{
    Deps,
    accounts::{Accounts, PasswordHasher},
    bookings::Bookings,
    coaches::{Coaches, Offers},
    config::Config,
    limits::Limits,
};

use super::site::Site;

/// The services, the configuration and the site's files. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Services>);

/// What is behind an [`AppState`].
pub struct Services {
    /// The database, the clock and the source of ids.
    pub deps: Deps,
    /// Counted attempts.
    pub limits: Limits,
    /// Users and their sign-in sessions.
    pub accounts: Accounts,
    /// What coaches offer, at its latest revision.
    pub offers: Offers,
    /// What coaches show and set.
    pub coaches: Coaches,
    /// Holds and bookings.
    pub bookings: Bookings,
    /// What the operator decided.
    pub config: Config,
    /// The style sheet and the browser's half.
    pub site: Site,
}

impl AppState {
    /// Wires the services to the database behind `deps`. `hasher` decides what a password costs.
    pub fn new(deps: Deps, config: Config, site: Site, hasher: PasswordHasher) -> Self {
        let limits = Limits::new(deps.clone(), config.limits);
        let offers = Offers::new(deps.store.clone());
        Self(Arc::new(Services {
            accounts: Accounts::new(deps.clone(), limits.clone(), hasher),
            coaches: Coaches::new(deps.clone(), offers.clone()),
            bookings: Bookings::new(deps.clone(), offers.clone(), limits.clone()),
            deps,
            limits,
            offers,
            config,
            site,
        }))
    }
}

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}
