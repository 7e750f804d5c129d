//! Which provider something belongs to.

use serde::{Deserialize, Serialize};

/// A provider that the sandbox stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Google: OAuth 2.0 and Calendar API v3.
    Google,
    /// Microsoft: identity platform v2.0 and Graph v1.0.
    Microsoft,
    /// Cal.com API v2.
    Cal,
    /// Stripe: Checkout, payments, refunds, events.
    Stripe,
}

impl Provider {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Google, Self::Microsoft, Self::Cal, Self::Stripe];
    /// Those that people connect their calendars with: they have accounts and OAuth clients.
    pub const CALENDARS: [Self; 3] = [Self::Google, Self::Microsoft, Self::Cal];

    /// The first segment of the provider's paths, and its name in the control surface.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Cal => "cal",
            Self::Stripe => "stripe",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
            Self::Cal => "Cal.com",
            Self::Stripe => "Stripe",
        }
    }

    /// The provider whose prefix `path` has.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let first = path.trim_start_matches('/').split('/').next()?;
        Self::ALL.into_iter().find(|provider| provider.slug() == first)
    }
}
