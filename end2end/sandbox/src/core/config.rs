//! What a sandbox is started with, and what a site must be told to use it.

use std::net::{Ipv4Addr, SocketAddr};

use super::oauth::Client;
use super::provider::Provider;

/// What a sandbox is started with.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The origins of the sites whose redirect URIs are registered, for example `http://127.0.0.1:3000`.
    pub origins: Vec<String>,
    /// Redirect URIs registered beyond those of `origins`, exact.
    pub redirect_uris: Vec<(Provider, String)>,
    /// Whether there is a Stripe; without it its paths answer 404 and no setting names it.
    pub stripe: Option<StripeConfig>,
}

/// What the sandbox's Stripe is started with.
#[derive(Debug, Clone, Default)]
pub struct StripeConfig {
    /// Who is told of every event from the start, signed with [`STRIPE_WEBHOOK_SECRET`]: `http` addresses of this machine.
    pub webhook_urls: Vec<String>,
}

impl Default for SandboxConfig {
    /// A free port on loopback, and the site at port 3000.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            origins: vec!["http://127.0.0.1:3000".into(), "http://localhost:3000".into()],
            redirect_uris: Vec::new(),
            stripe: None,
        }
    }
}

impl SandboxConfig {
    /// The clients that are registered from the start, one for each provider.
    pub(crate) fn clients(&self) -> Vec<Client> {
        let client = |provider: Provider| Client {
            provider,
            id: if provider == Provider::Cal { CAL_OAUTH_CLIENT.to_owned() } else { client_id(provider) },
            secret: if provider == Provider::Cal { CAL_OAUTH_SECRET.to_owned() } else { client_secret(provider) },
            redirect_uris: self
                .origins
                .iter()
                .map(|origin| {
                    format!("{origin}/integrations/{}/callback", if provider == Provider::Cal { "cal_com_oauth" } else { provider.slug() })
                })
                .chain(self.redirect_uris.iter().filter(|(of, _)| *of == provider).map(|(_, uri)| uri.clone()))
                .collect(),
        };
        Provider::CALENDARS.into_iter().map(client).collect()
    }
}

/// The id of the OAuth 2.0 client at Cal.com, for people's own accounts. [`client_id`] is that of the platform client.
pub const CAL_OAUTH_CLIENT: &str = "wellmet-sandbox-cal-oauth";
/// Its secret.
pub const CAL_OAUTH_SECRET: &str = "sandbox-cal-oauth-secret";

/// The secret key of the sandbox's Stripe account.
pub const STRIPE_SECRET_KEY: &str = "sk_test_wellmet_sandbox";
/// The secret that its webhooks are signed with, unless an endpoint has one of its own.
pub const STRIPE_WEBHOOK_SECRET: &str = "whsec_wellmet_sandbox";

/// The id of the client registered with `provider`.
pub fn client_id(provider: Provider) -> String {
    format!("wellmet-sandbox-{}", provider.slug())
}

/// The secret of the client registered with `provider`.
pub fn client_secret(provider: Provider) -> String {
    format!("sandbox-{}-secret", provider.slug())
}

/// What the consent page calls a client.
pub(crate) fn client_name(id: &str) -> &str {
    if Provider::CALENDARS.into_iter().any(|provider| client_id(provider) == id) { "Wellmet" } else { id }
}

/// The settings with which a site uses the sandbox at `base` (`http://host:port`), with its Stripe or without, as name and value.
pub(crate) fn environment(base: &str, stripe: bool) -> Vec<(String, String)> {
    let microsoft = format!("{base}/microsoft/common/oauth2/v2.0");
    let mut settings: Vec<(String, String)> = [
        ("GOOGLE_AUTH_URL", format!("{base}/google/o/oauth2/v2/auth")),
        ("GOOGLE_TOKEN_URL", format!("{base}/google/token")),
        ("GOOGLE_REVOKE_URL", format!("{base}/google/revoke")),
        ("GOOGLE_API_URL", format!("{base}/google")),
        ("MICROSOFT_AUTH_URL", format!("{microsoft}/authorize")),
        ("MICROSOFT_TOKEN_URL", format!("{microsoft}/token")),
        ("MICROSOFT_GRAPH_URL", format!("{base}/microsoft/v1.0")),
        ("CAL_API_URL", format!("{base}/cal")),
        ("CAL_OAUTH_AUTH_URL", format!("{base}/cal/auth/oauth2/authorize")),
        ("CAL_OAUTH_TOKEN_URL", format!("{base}/cal/v2/auth/oauth2/token")),
        ("CAL_OAUTH_CLIENT_ID", CAL_OAUTH_CLIENT.to_owned()),
        ("CAL_OAUTH_CLIENT_SECRET", CAL_OAUTH_SECRET.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if stripe {
        settings.extend(
            [
                ("STRIPE_SECRET_KEY", STRIPE_SECRET_KEY.to_owned()),
                ("STRIPE_WEBHOOK_SECRET", STRIPE_WEBHOOK_SECRET.to_owned()),
                ("STRIPE_API_URL", format!("{base}/stripe")),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
    }
    for provider in Provider::CALENDARS {
        let name = provider.slug().to_uppercase();
        settings.push((format!("{name}_CLIENT_ID"), client_id(provider)));
        settings.push((format!("{name}_CLIENT_SECRET"), client_secret(provider)));
    }
    settings
}
