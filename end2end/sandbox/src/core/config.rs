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
}

impl Default for SandboxConfig {
    /// A free port on loopback, and the site at port 3000.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            origins: vec!["http://127.0.0.1:3000".into(), "http://localhost:3000".into()],
            redirect_uris: Vec::new(),
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
        Provider::ALL.into_iter().map(client).collect()
    }
}

/// The id of the OAuth 2.0 client at Cal.com, for people's own accounts. [`client_id`] is that of the platform client.
pub const CAL_OAUTH_CLIENT: &str = "wellmet-sandbox-cal-oauth";
/// Its secret.
pub const CAL_OAUTH_SECRET: &str = "sandbox-cal-oauth-secret";

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
    if Provider::ALL.into_iter().any(|provider| client_id(provider) == id) { "Wellmet" } else { id }
}

/// The settings with which a site uses the sandbox at `base` (`http://host:port`), as name and value.
pub(crate) fn environment(base: &str) -> Vec<(String, String)> {
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
    for provider in Provider::ALL {
        let name = provider.slug().to_uppercase();
        settings.push((format!("{name}_CLIENT_ID"), client_id(provider)));
        settings.push((format!("{name}_CLIENT_SECRET"), client_secret(provider)));
    }
    settings
}
