use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Where the database is. `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.trim_start_matches("//").split('?').next().unwrap_or("");
            return match path {
                "" => Err("names no file".to_owned()),
                path if path.starts_with(":memory:") => {
                    Err("a database in memory is not shared by its connections: name a file".to_owned())
                }
                _ => Ok(Self(url.to_owned())),
            };
        }
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        match rest.map(|rest| rest.split('?').next().unwrap_or("").rsplit_once('/')) {
            Some(Some((_, name))) if !name.is_empty() => Ok(Self(url.to_owned())),
            Some(_) => Err("names no database after the host".to_owned()),
            None => Err("starts with neither sqlite: nor postgres://".to_owned()),
        }
    }

    pub(super) fn usual() -> Self {
        Self("sqlite:data/wellmet.sqlite3".to_owned())
    }

    /// The URL with its password, for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The URL without password and options, for the log.
    pub fn redacted(&self) -> String {
        let url = self.0.split('?').next().unwrap_or("");
        // The host is what follows the last `@`, so a password with one in it stays hidden too.
        match url.split_once("://").map(|(scheme, rest)| (scheme, rest.rsplit_once('@'))) {
            Some((scheme, Some((user, host)))) => {
                let (user, _) = user.split_once(':').unwrap_or((user, ""));
                format!("{scheme}://{user}@{host}")
            }
            _ => url.to_owned(),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// The address under which people reach this site: scheme, host and port, nothing after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let lower = url.trim_end_matches('/').to_lowercase();
        let Some(host) = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) else {
            return Err("starts with neither https:// nor http://".to_owned());
        };
        if host.contains(['/', '?', '#']) {
            return Err("has a path: the site is served from the top of its host".to_owned());
        }
        let (name, port) = match host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        };
        let bracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let named = match bracketed {
            Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)),
        };
        if !named {
            return Err("names no host that can be read".to_owned());
        }
        if port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err("has a port that is no number from 0 to 65535".to_owned());
        }
        // Browsers leave the scheme's own port out of an origin.
        let usual = if lower.starts_with("https") { ":443" } else { ":80" };
        Ok(Self(lower.strip_suffix(usual).unwrap_or(&lower).to_owned()))
    }

    pub(super) fn usual() -> Self {
        Self("http://127.0.0.1:3000".to_owned())
    }

    /// The origin, as browsers send it: `https://booking.example.org`.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// The host alone, as a mail's id and the like name it: `booking.example.org`, `[::1]`.
    pub fn host(&self) -> &str {
        let host = self.0.split_once("://").map_or(self.0.as_str(), |(_, host)| host);
        host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(host, _)| host)
    }

    /// Whether nobody else's browser leads here: this machine itself, or a name that is reserved for trying things out (RFC 6761).
    pub fn is_private(&self) -> bool {
        let host = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let host = host
            .strip_prefix('[')
            .map_or_else(|| host.split(':').next().unwrap_or_default(), |v6| v6.split(']').next().unwrap_or_default());
        matches!(host, "localhost" | "127.0.0.1" | "::1") || [".localhost", ".test"].iter().any(|name| host.ends_with(name))
    }

    /// Whether cookies are to be `Secure` and named `__Host-`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The address of `path` (which starts with `/`) on this site.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// The key that protects what is stored encrypted. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// The key of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as `SECRET_KEY` has it: 32 bytes in base64.
    ///
    /// # Errors
    /// What is wrong with it; never the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_end_matches('=');
        let bytes = STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).map_err(|_| "not base64".to_owned())?;
        let length = bytes.len();
        bytes.try_into().map(Self).map_err(|_| format!("{length} bytes long instead of 32"))
    }

    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        text.split(',').map(|key| Self::parse(key.trim())).collect()
    }

    /// The key itself.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}
