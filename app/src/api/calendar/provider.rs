//! What the two providers whose consent a program may ask for have in common.

use serde::Deserialize;
use utoipa::ToSchema;
use wellmet::{integrations::ProviderKind, model::FieldErrors};

use crate::api::{problem::Problem, text};

/// A provider that is connected on a consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Provider {
    /// Google Calendar.
    Google,
    /// Microsoft 365 and Outlook.com.
    Outlook,
}

impl Provider {
    pub(super) const fn kind(self) -> ProviderKind {
        match self {
            Self::Google => ProviderKind::Google,
            Self::Outlook => ProviderKind::Microsoft,
        }
    }
}

/// Where a provider may send a browser back to: `https`, or plain `http` on the machine itself (RFC 8252, 7.3). The provider knows which
/// addresses are registered.
pub(super) fn way_back(sent: Option<String>) -> Result<Option<String>, Problem> {
    let Some(sent) = sent else { return Ok(None) };
    let mut errors = FieldErrors::new();
    text::fits(&mut errors, "redirect_uri", &sent, 2000);
    errors.or(())?;
    let wanted = || Problem::field("redirect_uri", "An https address, or an http address of localhost, without a fragment is wanted.");
    let url = url::Url::parse(&sent).map_err(|_| wanted())?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let fits = url.scheme() == "https" || (url.scheme() == "http" && local);
    if fits && url.fragment().is_none() && url.host_str().is_some() { Ok(Some(sent)) } else { Err(wanted()) }
}
