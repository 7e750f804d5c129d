//! Configuration from the environment, read once at start. Every name, what it is for and an example stand in
//! [`SETTINGS`]; what is wrong is told all at once, each with its name.

mod parse;
mod proxies;
mod secret;

use std::{collections::HashMap, fmt, net::SocketAddr, path::PathBuf};

pub use proxies::TrustedProxies;
pub use secret::{DatabaseUrl, PublicUrl, SecretKey};

use crate::limits::LimitSettings;
use parse::Reader;

/// One variable of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it is for, as part of a sentence.
    pub purpose: &'static str,
    /// A value that is right.
    pub example: &'static str,
}

/// Every variable that Wellmet reads.
pub const SETTINGS: [Setting; 12] = [
    setting("DATABASE_URL", "the database, SQLite or PostgreSQL", "sqlite:data/wellmet.sqlite3"),
    setting("PUBLIC_URL", "the address under which people reach this site", "https://booking.example.org"),
    setting("LEPTOS_SITE_ADDR", "the address and port to listen on", "127.0.0.1:3000"),
    setting("LEPTOS_SITE_ROOT", "the folder with the built site", "target/site"),
    setting("SECRET_KEY", "the key that protects stored tokens: 32 random bytes in base64", "the output of `openssl rand -base64 32`"),
    setting("TRUSTED_PROXIES", "the proxies whose X-Forwarded-For is believed", "127.0.0.1, 10.0.0.0/8"),
    setting("LIMIT_SIGN_IN_PER_ACCOUNT", "wrong passwords for one account in 15 minutes (0: no limit)", "10"),
    setting("LIMIT_SIGN_IN_PER_ADDRESS", "wrong passwords from one address in 15 minutes (0: no limit)", "50"),
    setting("LIMIT_REGISTER_PER_ADDRESS", "registrations from one address in an hour (0: no limit)", "20"),
    setting("LIMIT_HOLDS_PER_ADDRESS", "slots held from one address in an hour (0: no limit)", "60"),
    setting("LIMIT_BODY_BYTES", "the size of a request in bytes (0: no limit)", "262144"),
    setting("LOG", "what is logged", "info,wellmet=debug"),
];

const fn setting(name: &'static str, purpose: &'static str, example: &'static str) -> Setting {
    Setting { name, purpose, example }
}

/// Everything that can be configured. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// `DATABASE_URL`.
    pub database_url: DatabaseUrl,
    /// `PUBLIC_URL`.
    pub public_url: PublicUrl,
    /// `LEPTOS_SITE_ADDR`.
    pub site_addr: SocketAddr,
    /// `LEPTOS_SITE_ROOT`; without it the site is looked for beside the program.
    pub site_root: Option<PathBuf>,
    /// `SECRET_KEY`.
    pub secret_key: Option<SecretKey>,
    /// `TRUSTED_PROXIES`; nobody by default.
    pub trusted_proxies: TrustedProxies,
    /// `LIMIT_SIGN_IN_PER_ACCOUNT` and its kin.
    pub limits: LimitSettings,
    /// `LIMIT_BODY_BYTES`; `None` is no limit.
    pub body_limit: Option<usize>,
    /// `LOG`: directives as `tracing` reads them.
    pub log: String,
}

impl Config {
    /// Reads the configuration from `env`. A variable that is empty counts as not set.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn from_env(env: &HashMap<String, String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(env);
        let usual = LimitSettings::default();
        let config = Self {
            database_url: reader.read("DATABASE_URL", DatabaseUrl::parse, DatabaseUrl::usual),
            public_url: reader.read("PUBLIC_URL", PublicUrl::parse, PublicUrl::usual),
            site_addr: reader.read("LEPTOS_SITE_ADDR", parse::socket, || SocketAddr::from(([127, 0, 0, 1], 3000))),
            site_root: reader.read("LEPTOS_SITE_ROOT", |path| Ok(Some(path.into())), || None),
            secret_key: reader.read("SECRET_KEY", |key| SecretKey::parse(key).map(Some), || None),
            trusted_proxies: reader.read("TRUSTED_PROXIES", TrustedProxies::parse, TrustedProxies::default),
            limits: LimitSettings {
                sign_in_per_account: reader.read("LIMIT_SIGN_IN_PER_ACCOUNT", parse::count, || usual.sign_in_per_account),
                sign_in_per_address: reader.read("LIMIT_SIGN_IN_PER_ADDRESS", parse::count, || usual.sign_in_per_address),
                register_per_address: reader.read("LIMIT_REGISTER_PER_ADDRESS", parse::count, || usual.register_per_address),
                holds_per_address: reader.read("LIMIT_HOLDS_PER_ADDRESS", parse::count, || usual.holds_per_address),
            },
            body_limit: reader.read("LIMIT_BODY_BYTES", parse::bytes, || Some(262_144)),
            log: reader.read("LOG", |log| Ok(log.to_owned()), || "info".to_owned()),
        };
        reader.finish(config)
    }
}

/// A variable that cannot stand as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Which.
    pub setting: Setting,
    /// What is wrong with its value. Never contains the value: it may be a secret.
    pub problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { name, purpose, example } = self.setting;
        write!(f, "{name}: {}. It is {purpose}; for example: {example}", self.problem)
    }
}

/// Every variable that cannot stand as it is; one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration needs attention")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for ConfigErrors {}

#[cfg(test)]
mod tests;
