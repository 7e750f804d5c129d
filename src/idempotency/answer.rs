//! An answer as it is kept.

use serde::{Deserialize, Serialize};

use super::Slot;
use crate::{
    error::Internal,
    integrations::tokens::{Clear, Place},
};

/// What was answered. `Debug` does not show it: it may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that belong to it, by name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// All but the status, as text.
#[derive(Serialize, Deserialize)]
struct Text<'a> {
    headers: Vec<(String, String)>,
    body: std::borrow::Cow<'a, str>,
}

impl Answer {
    pub(super) fn to_text(&self) -> Clear {
        Clear::new(serde_json::json!({ "headers": self.headers, "body": self.body }).to_string())
    }

    pub(super) fn of_text(status: u32, text: &str) -> Result<Self, Internal> {
        let Text { headers, body } = serde_json::from_str(text).map_err(Internal::new)?;
        let status = status.try_into().map_err(Internal::new)?;
        Ok(Self { status, headers, body: body.into_owned() })
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

impl Slot {
    /// Where its answer is sealed.
    pub(super) fn place(&self) -> Place<'_> {
        Place { column: "idempotent_answers.answer", row: &self.key_hash, owner: &self.scope }
    }
}
