use serde::{Deserialize, Serialize};

/// Where a booking stands. Payment state is kept beside it, not in it.
///
/// `pending -> confirmed -> completed | no_show`, `pending -> declined | expired`,
/// `pending | confirmed -> cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Waits for the coach to accept.
    Pending,
    /// Agreed.
    Confirmed,
    /// Took place.
    Completed,
    /// The mentee did not come.
    NoShow,
    /// The coach said no to a request.
    Declined,
    /// Nobody answered the request in time.
    Expired,
    /// Called off by either side.
    Cancelled,
}

/// A word that is no booking status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a booking status")]
pub struct ParseStatusError;

impl BookingStatus {
    /// Every status.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Confirmed, Self::Completed, Self::NoShow, Self::Declined, Self::Expired, Self::Cancelled];

    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the booking owns a claim on the coach's time.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Confirmed)
    }

    /// Whether the state machine has an arrow from here to `next`. Back to pending leads a mentee's move.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Pending, Self::Confirmed | Self::Declined | Self::Expired | Self::Cancelled)
                | (Self::Confirmed, Self::Pending | Self::Completed | Self::NoShow | Self::Cancelled)
        )
    }
}

impl std::str::FromStr for BookingStatus {
    type Err = ParseStatusError;

    fn from_str(word: &str) -> Result<Self, ParseStatusError> {
        Self::ALL.into_iter().find(|status| status.as_str() == word).ok_or(ParseStatusError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_bookings_never_move_again() {
        for from in BookingStatus::ALL {
            for to in BookingStatus::ALL {
                assert!(!from.may_become(to) || from.is_live(), "{from:?} -> {to:?}");
            }
            assert_eq!(from.as_str().parse(), Ok(from));
        }
    }
}
