use serde::{Deserialize, Serialize};

/// Whether the price of a booking is collected here, and whether it was. Beside the status, not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStep {
    /// It is free, or paid between the two people.
    None,
    /// The form was sent; until it is paid nobody but the mentee is told of the booking.
    Awaited,
    /// It is paid, or the money is held until the coach answers. What became of it since, the payment tells.
    Made,
}

impl PaymentStep {
    /// Every step.
    pub const ALL: [Self; 3] = [Self::None, Self::Awaited, Self::Made];

    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Awaited => "awaited",
            Self::Made => "made",
        }
    }

    /// The step of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }
}
