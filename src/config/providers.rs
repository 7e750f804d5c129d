//! Which calendar providers this site has, and where they are.

use std::fmt;

use super::{Networks, parse::Reader};

/// A text that is never shown: a client secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// What an operator got when registering this site with a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: Hidden,
}

/// Cal.com. Every address has no `/` at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalComConfig {
    /// `CAL_CLIENT_ID`, `CAL_CLIENT_SECRET`: the platform client with managed users.
    pub managed: Option<Client>,
    /// `CAL_OAUTH_CLIENT_ID`, `CAL_OAUTH_CLIENT_SECRET`: an OAuth 2.0 client for coaches' own accounts.
    pub oauth: Option<Client>,
    /// `CAL_API_URL`: what comes before `/v2/...`.
    pub api_url: String,
    /// `CAL_OAUTH_AUTH_URL`: the consent page.
    pub auth_url: String,
    /// `CAL_OAUTH_TOKEN_URL`.
    pub token_url: String,
}

/// Google.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleConfig {
    /// `GOOGLE_CLIENT_ID`, `GOOGLE_CLIENT_SECRET`.
    pub client: Option<Client>,
    /// `GOOGLE_AUTH_URL`: the consent page.
    pub auth_url: String,
    /// `GOOGLE_TOKEN_URL`.
    pub token_url: String,
    /// `GOOGLE_REVOKE_URL`.
    pub revoke_url: String,
    /// `GOOGLE_API_URL`: what comes before `/calendar/v3/...`.
    pub api_url: String,
}

/// Microsoft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MicrosoftConfig {
    /// `MICROSOFT_CLIENT_ID`, `MICROSOFT_CLIENT_SECRET`.
    pub client: Option<Client>,
    /// `MICROSOFT_AUTH_URL`: the consent page.
    pub auth_url: String,
    /// `MICROSOFT_TOKEN_URL`.
    pub token_url: String,
    /// `MICROSOFT_GRAPH_URL`: what comes before `/me/...`, the version included.
    pub graph_url: String,
}

/// All of them. CalDAV and feeds need no configuration: the coach types an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvidersConfig {
    /// Cal.com.
    pub cal_com: CalComConfig,
    /// Google.
    pub google: GoogleConfig,
    /// Microsoft.
    pub microsoft: MicrosoftConfig,
    /// `ALLOW_HTTP_CALENDARS`: whether coaches may type addresses that begin with `http://`.
    pub allow_http: bool,
    /// `CALENDAR_NETWORKS`: networks that are not public and that those addresses may lead to.
    pub calendar_networks: Networks,
}

pub(super) fn read(reader: &mut Reader<'_>) -> ProvidersConfig {
    ProvidersConfig {
        cal_com: CalComConfig {
            managed: client(reader, "CAL_CLIENT_ID", "CAL_CLIENT_SECRET"),
            oauth: client(reader, "CAL_OAUTH_CLIENT_ID", "CAL_OAUTH_CLIENT_SECRET"),
            api_url: address(reader, "CAL_API_URL", "https://api.cal.com"),
            auth_url: address(reader, "CAL_OAUTH_AUTH_URL", "https://app.cal.com/auth/oauth2/authorize"),
            token_url: address(reader, "CAL_OAUTH_TOKEN_URL", "https://api.cal.com/v2/auth/oauth2/token"),
        },
        google: GoogleConfig {
            client: client(reader, "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
            auth_url: address(reader, "GOOGLE_AUTH_URL", "https://accounts.google.com/o/oauth2/v2/auth"),
            token_url: address(reader, "GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token"),
            revoke_url: address(reader, "GOOGLE_REVOKE_URL", "https://oauth2.googleapis.com/revoke"),
            api_url: address(reader, "GOOGLE_API_URL", "https://www.googleapis.com"),
        },
        microsoft: MicrosoftConfig {
            client: client(reader, "MICROSOFT_CLIENT_ID", "MICROSOFT_CLIENT_SECRET"),
            auth_url: address(reader, "MICROSOFT_AUTH_URL", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"),
            token_url: address(reader, "MICROSOFT_TOKEN_URL", "https://login.microsoftonline.com/common/oauth2/v2.0/token"),
            graph_url: address(reader, "MICROSOFT_GRAPH_URL", "https://graph.microsoft.com/v1.0"),
        },
        allow_http: reader.read("ALLOW_HTTP_CALENDARS", yes_or_no, || false),
        calendar_networks: reader.read("CALENDAR_NETWORKS", Networks::parse, Networks::default),
    }
}

/// Both halves or none: one alone is a slip that is named.
fn client(reader: &mut Reader<'_>, id: &'static str, secret: &'static str) -> Option<Client> {
    let text = |text: &str| Ok(Some(text.to_owned()));
    match (reader.read(id, text, || None), reader.read(secret, text, || None)) {
        (Some(id), Some(secret)) => Some(Client { id, secret: Hidden(secret) }),
        (Some(_), None) => {
            reader.complain(secret, "is missing, though the client id is set");
            None
        }
        (None, Some(_)) => {
            reader.complain(id, "is missing, though the client secret is set");
            None
        }
        (None, None) => None,
    }
}

pub(super) fn address(reader: &mut Reader<'_>, name: &'static str, usual: &'static str) -> String {
    let parse = |text: &str| {
        let url = url::Url::parse(text).map_err(|_| "is no address".to_owned())?;
        let web = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
        if web { Ok(text.trim_end_matches('/').to_owned()) } else { Err("is no plain http or https address".to_owned()) }
    };
    reader.read(name, parse, || usual.to_owned())
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err("is neither yes nor no".to_owned()),
    }
}
