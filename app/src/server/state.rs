//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use wellmet::{
    Deps,
    accounts::{Accounts, PasswordHasher},
    bookings::Bookings,
    coaches::{Coaches, Offers},
    config::Config,
    error::Internal,
    idempotency::Idempotency,
    integrations::{
        Integrations, Providers,
        busy::BusySync,
        http::Http,
        safe_fetch::{self, Fetch, Rules, SystemResolver},
        tokens::{Tokens, Vault},
        write_back::WriteBack,
    },
    jobs::Jobs,
    limits::{Limits, RequestLimits},
    notices::{
        Feeds, Live, LiveSettings,
        mail::{Folder, Mailer},
        webhooks::{self, Webhooks},
    },
    payments::Payments,
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
    /// Counted requests of programs.
    pub requests: RequestLimits,
    /// Answers that are kept for who asks again.
    pub idempotency: Idempotency,
    /// Users and their sign-in sessions.
    pub accounts: Accounts,
    /// What coaches offer, at its latest revision.
    pub offers: Offers,
    /// What coaches show and set.
    pub coaches: Coaches,
    /// Holds and bookings.
    pub bookings: Bookings,
    /// Money for sessions.
    pub payments: Payments,
    /// What is outstanding after changes.
    pub jobs: Jobs,
    /// People's sessions in their own calendars.
    pub feeds: Feeds,
    /// Pages that change while someone looks.
    pub live: Live,
    /// Where other systems are told of bookings.
    pub webhooks: Webhooks,
    /// Writes and sends mail.
    pub mailer: Mailer,
    /// Coaches' calendars.
    pub integrations: Integrations,
    /// Bookings in coaches' calendars.
    pub write_back: WriteBack,
    /// Coaches' credentials, for reading their calendars.
    pub tokens: Tokens,
    /// Reading when a coach is busy, at once.
    pub sync: BusySync,
    /// What the operator decided.
    pub config: Config,
    /// The style sheet and the browser's half.
    pub site: Site,
}

impl AppState {
    /// Wires the services to the database behind `deps`. `hasher` decides what a password costs, `vault` opens stored
    /// credentials.
    ///
    /// # Errors
    /// When no outgoing HTTP client can be made, or mail cannot be written.
    pub fn new(deps: Deps, config: Config, site: Site, hasher: PasswordHasher, vault: Vault) -> anyhow::Result<Self> {
        let limits = Limits::new(deps.clone(), config.limits);
        let offers = Offers::new(deps.store.clone());
        let http = Http::new()?;
        let fetch = Fetch::new(Rules::of_config(&config.providers), safe_fetch::Limits::default(), Arc::new(SystemResolver))?;
        let providers = Providers::of_config(&config.providers, &http).with_typed(fetch);
        let hooks = Rules { allow_http: config.webhooks.allow_http, networks: config.webhooks.networks.clone() };
        let hooks = Fetch::new(hooks, webhooks::LIMITS, Arc::new(SystemResolver))?;
        let hooks = Webhooks::new(deps.clone(), vault.clone(), hooks);
        let mailer = Mailer::new(deps.clone(), &config.mail, config.public_url.clone(), vault.clone())?;
        let idempotency = Idempotency::new(deps.clone(), vault.clone());
        let tokens = Tokens::new(deps.clone(), vault, providers.clone());
        let urls = (config.providers.clone(), config.public_url.clone());
        let sync = BusySync::new(tokens.clone(), config.calendar_period);
        let bookings = Bookings::new(deps.clone(), offers.clone(), limits.clone()).with_calendars(sync.clone());
        let bookings = if config.stripe.is_some() { bookings.with_payments() } else { bookings };
        Ok(Self(Arc::new(Services {
            accounts: Accounts::new(deps.clone(), limits.clone(), hasher),
            coaches: Coaches::new(deps.clone(), offers.clone()),
            payments: Payments::new(deps.clone(), bookings.clone(), config.stripe.as_ref(), http, config.public_url.clone()),
            bookings,
            jobs: Jobs::new(deps.clone()),
            feeds: Feeds::new(deps.clone(), limits.clone(), config.public_url.origin()),
            live: Live::new(deps.clone(), LiveSettings::default()),
            webhooks: hooks,
            mailer,
            requests: RequestLimits::new(deps.clone(), config.limits),
            idempotency,
            deps: deps.clone(),
            limits,
            offers,
            config,
            sync,
            write_back: WriteBack::new(deps.clone()),
            integrations: Integrations::new(deps.clone(), tokens.clone(), providers, urls.0, urls.1),
            tokens,
            site,
        })))
    }
}

impl Services {
    /// The mailbox that everyone may read: in a demo, whose people are invented, on a machine of one's own (see
    /// [`wellmet::config::PublicUrl::is_private`]), where no mail server is configured.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mailbox(&self) -> Result<Option<Folder>, Internal> {
        // Whoever runs the demo for others may have real people in it by now.
        let open =
            self.config.mail.smtp.is_none() && self.config.public_url.is_private() && wellmet::demo::is_demo(&self.deps.store).await?;
        Ok(open.then(|| Folder::new(&self.config.mail.folder)))
    }

    /// What someone is told whose address was not confirmed: where to look, if a mail comes at all. `None`: none comes.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn check_lands(&self) -> Result<Option<Lands>, Internal> {
        if self.config.mail.smtp.is_some() {
            return Ok(Some(Lands::WithThem));
        }
        Ok(self.mailbox().await?.map(|_| Lands::InTheMailbox))
    }
}

/// Where mail to an address lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lands {
    /// Where its owner reads it.
    WithThem,
    /// In the demo's mailbox.
    InTheMailbox,
}

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}
