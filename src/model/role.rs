use serde::{Deserialize, Serialize};

/// What an account may be. Fixed when the account is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Books sessions. `client` in the REST API and the database.
    #[serde(rename = "client")]
    Mentee,
    /// Is booked.
    Coach,
    /// Runs the installation; may see every booking.
    Admin,
}

impl Role {
    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mentee => "client",
            Self::Coach => "coach",
            Self::Admin => "admin",
        }
    }

    /// The role of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Mentee, Self::Coach, Self::Admin].into_iter().find(|role| role.as_str() == word)
    }
}
