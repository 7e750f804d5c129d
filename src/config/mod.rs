//! Configuration from the environment, read once at start. Every name, what it is for and an example stand in
//! [`SETTINGS`]; what is wrong is told all at once, each with its name.

mod mail;
mod networks;
mod origins;
mod parse;
mod payments;
mod providers;
mod proxies;
mod secret;
mod webhooks;

use std::{collections::HashMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

pub use mail::{MailConfig, Sender, SmtpConfig};
pub use networks::Networks;
pub use origins::AllowedOrigins;
pub use payments::StripeConfig;
pub use providers::{CalComConfig, Client, GoogleConfig, Hidden, MicrosoftConfig, ProvidersConfig};
pub use proxies::TrustedProxies;
pub use secret::{DatabaseUrl, PublicUrl, SecretKey};
pub use webhooks::WebhooksConfig;

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
pub const SETTINGS: &[Setting] = &[
    setting("DATABASE_URL", "the database, SQLite or PostgreSQL", "sqlite:data/wellmet.sqlite3"),
    setting("PUBLIC_URL", "the address under which people reach this site", "https://booking.example.org"),
    setting("LEPTOS_SITE_ADDR", "the address and port to listen on", "127.0.0.1:3000"),
    setting("LEPTOS_SITE_ROOT", "the folder with the built site", "target/site"),
    setting("SECRET_KEY", "the key that protects stored tokens: 32 random bytes in base64", "the output of `openssl rand -base64 32`"),
    setting(
        "SECRET_KEY_PREVIOUS",
        "the keys that were SECRET_KEY before, until `wellmet admin rotate-key` has run",
        "the former SECRET_KEY",
    ),
    setting("CAL_CLIENT_ID", "the id of this site's Cal.com platform client (managed users)", "clx0000000000000000000000"),
    setting("CAL_CLIENT_SECRET", "the secret of this site's Cal.com platform client", "as Cal.com shows it"),
    setting("CAL_OAUTH_CLIENT_ID", "the id of this site's Cal.com OAuth client", "as Cal.com shows it"),
    setting("CAL_OAUTH_CLIENT_SECRET", "the secret of this site's Cal.com OAuth client", "as Cal.com shows it"),
    setting("CAL_API_URL", "the address of Cal.com's API, before /v2", "https://api.cal.com"),
    setting("CAL_OAUTH_AUTH_URL", "Cal.com's consent page", "https://app.cal.com/auth/oauth2/authorize"),
    setting("CAL_OAUTH_TOKEN_URL", "where Cal.com's OAuth tokens come from", "https://api.cal.com/v2/auth/oauth2/token"),
    setting("GOOGLE_CLIENT_ID", "the id of this site's Google OAuth client", "0000.apps.googleusercontent.com"),
    setting("GOOGLE_CLIENT_SECRET", "the secret of this site's Google OAuth client", "as Google shows it"),
    setting("GOOGLE_AUTH_URL", "Google's consent page", "https://accounts.google.com/o/oauth2/v2/auth"),
    setting("GOOGLE_TOKEN_URL", "where Google's tokens come from", "https://oauth2.googleapis.com/token"),
    setting("GOOGLE_REVOKE_URL", "where Google's tokens are revoked", "https://oauth2.googleapis.com/revoke"),
    setting("GOOGLE_API_URL", "the address of Google's APIs, before /calendar/v3", "https://www.googleapis.com"),
    setting("MICROSOFT_CLIENT_ID", "the id of this site's Microsoft app registration", "00000000-0000-0000-0000-000000000000"),
    setting("MICROSOFT_CLIENT_SECRET", "the secret of this site's Microsoft app registration", "as Microsoft shows it"),
    setting("MICROSOFT_AUTH_URL", "Microsoft's consent page", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"),
    setting("MICROSOFT_TOKEN_URL", "where Microsoft's tokens come from", "https://login.microsoftonline.com/common/oauth2/v2.0/token"),
    setting("MICROSOFT_GRAPH_URL", "the address of Microsoft Graph, with its version", "https://graph.microsoft.com/v1.0"),
    setting("STRIPE_SECRET_KEY", "the secret key of the Stripe account that prices are paid to", "sk_test_0000000000000000"),
    setting("STRIPE_WEBHOOK_SECRET", "what Stripe signs its webhooks to /webhooks/stripe with", "whsec_0000000000000000"),
    setting("STRIPE_API_URL", "the address of Stripe's API, before /v1", "https://api.stripe.com"),
    setting("SMTP_URL", "the mail server that mail is sent through", "smtps://user:password@mail.example.org"),
    setting("MAIL_FROM", "whom mail comes from, with a name if you like", "Wellmet <booking@example.org>"),
    setting("MAIL_DIR", "the folder where mail is kept when there is no SMTP_URL", "data/mail"),
    setting("TRUSTED_PROXIES", "the proxies whose X-Forwarded-For is believed", "127.0.0.1, 10.0.0.0/8"),
    setting("ALLOW_HTTP_CALENDARS", "whether calendar addresses may begin with http:// (yes or no)", "no"),
    setting("CALENDAR_NETWORKS", "the networks that are not public and that calendar addresses may lead to", "192.168.1.0/24"),
    setting("CALENDAR_SYNC_SECONDS", "how often connected calendars are read, 30 to 600 seconds (0: not in the background)", "240"),
    setting("ALLOW_HTTP_WEBHOOKS", "whether addresses of webhooks may begin with http:// (yes or no)", "no"),
    setting("WEBHOOK_NETWORKS", "the networks that are not public and that webhooks may be sent to", "192.168.1.0/24"),
    setting("API_ORIGINS", "the other sites whose pages may ask the REST API from a browser, or * for all", "https://app.example.org"),
    setting("LIMIT_SIGN_IN_PER_ACCOUNT", "wrong passwords for one account in 15 minutes (0: no limit)", "10"),
    setting("LIMIT_SIGN_IN_PER_ADDRESS", "wrong passwords from one address in 15 minutes (0: no limit)", "50"),
    setting("LIMIT_REGISTER_PER_ADDRESS", "registrations from one address in an hour (0: no limit)", "20"),
    setting("LIMIT_HOLDS_PER_ADDRESS", "slots held from one address in an hour (0: no limit)", "60"),
    setting("LIMIT_BOOKINGS_PER_ACCOUNT", "sessions that one account books over the REST API in an hour (0: no limit)", "60"),
    setting("LIMIT_FEEDS_PER_ADDRESS", "calendar feeds read from one address in an hour (0: no limit)", "1200"),
    setting("LIMIT_MAILS_PER_ACCOUNT", "links asked for by mail for one account in an hour (0: no limit)", "5"),
    setting("LIMIT_MAILS_PER_ADDRESS", "links asked for by mail from one address in an hour (0: no limit)", "20"),
    setting("LIMIT_API_PER_TOKEN", "requests of the REST API with the tokens of one person in a minute (0: no limit)", "600"),
    setting("LIMIT_API_PER_ADDRESS", "requests of the REST API without a token from one address in a minute (0: no limit)", "300"),
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
    /// `SECRET_KEY_PREVIOUS`: keys that still open what was sealed before.
    pub previous_keys: Vec<SecretKey>,
    /// The calendar providers of this site.
    pub providers: ProvidersConfig,
    /// `STRIPE_SECRET_KEY` and its kin; `None`: prices are shown, and not collected here.
    pub stripe: Option<StripeConfig>,
    /// Where webhooks may be sent.
    pub webhooks: WebhooksConfig,
    /// `CALENDAR_SYNC_SECONDS`; zero: calendars are not read in the background.
    pub calendar_period: Duration,
    /// `SMTP_URL`, `MAIL_FROM`, `MAIL_DIR`.
    pub mail: MailConfig,
    /// `API_ORIGINS`; nobody by default.
    pub api_origins: AllowedOrigins,
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
        let public_url = reader.read("PUBLIC_URL", PublicUrl::parse, PublicUrl::usual);
        let config = Self {
            database_url: reader.read("DATABASE_URL", DatabaseUrl::parse, DatabaseUrl::usual),
            mail: mail::read(&mut reader, &public_url),
            public_url,
            site_addr: reader.read("LEPTOS_SITE_ADDR", parse::socket, || SocketAddr::from(([127, 0, 0, 1], 3000))),
            site_root: reader.read("LEPTOS_SITE_ROOT", |path| Ok(Some(path.into())), || None),
            secret_key: reader.read("SECRET_KEY", |key| SecretKey::parse(key).map(Some), || None),
            previous_keys: reader.read("SECRET_KEY_PREVIOUS", SecretKey::parse_list, Vec::new),
            providers: providers::read(&mut reader),
            stripe: payments::read(&mut reader),
            webhooks: webhooks::read(&mut reader),
            calendar_period: reader.read("CALENDAR_SYNC_SECONDS", parse::calendar_period, || Duration::from_mins(4)),
            api_origins: reader.read("API_ORIGINS", AllowedOrigins::parse, AllowedOrigins::default),
            trusted_proxies: reader.read("TRUSTED_PROXIES", TrustedProxies::parse, TrustedProxies::default),
            limits: LimitSettings {
                sign_in_per_account: reader.read("LIMIT_SIGN_IN_PER_ACCOUNT", parse::count, || usual.sign_in_per_account),
                sign_in_per_address: reader.read("LIMIT_SIGN_IN_PER_ADDRESS", parse::count, || usual.sign_in_per_address),
                register_per_address: reader.read("LIMIT_REGISTER_PER_ADDRESS", parse::count, || usual.register_per_address),
                holds_per_address: reader.read("LIMIT_HOLDS_PER_ADDRESS", parse::count, || usual.holds_per_address),
                bookings_per_account: reader.read("LIMIT_BOOKINGS_PER_ACCOUNT", parse::count, || usual.bookings_per_account),
                feeds_per_address: reader.read("LIMIT_FEEDS_PER_ADDRESS", parse::count, || usual.feeds_per_address),
                mails_per_account: reader.read("LIMIT_MAILS_PER_ACCOUNT", parse::count, || usual.mails_per_account),
                mails_per_address: reader.read("LIMIT_MAILS_PER_ADDRESS", parse::count, || usual.mails_per_address),
                api_per_token: reader.read("LIMIT_API_PER_TOKEN", parse::count, || usual.api_per_token),
                api_per_address: reader.read("LIMIT_API_PER_ADDRESS", parse::count, || usual.api_per_address),
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
