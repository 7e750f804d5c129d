//! Ids: ULIDs as text, with a type for each thing they name, so that a coach's id cannot be handed
//! to something that wants a booking's.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Serialize};

/// The id of a `T`: 26 characters of Crockford base 32 (a ULID), upper case.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id<T> {
    text: [u8; 26],
    kind: PhantomData<fn() -> T>,
}

/// Text that is not a ULID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 26 characters of Crockford base 32 are wanted")]
pub struct IdError;

impl<T> Id<T> {
    /// The id as text, as it is stored and sent.
    pub fn as_str(&self) -> &str {
        // Every constructor checked that the bytes are ASCII.
        std::str::from_utf8(&self.text).unwrap_or("")
    }
}

impl<T> FromStr for Id<T> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes: [u8; 26] = text.as_bytes().try_into().map_err(|_| IdError)?;
        bytes.make_ascii_uppercase();
        let allowed = |b: &u8| b.is_ascii_digit() || (b.is_ascii_uppercase() && !b"ILOU".contains(b));
        // The first character carries three bits only: a ULID is 128 bits long.
        if bytes.iter().all(allowed) && bytes[0] <= b'7' { Ok(Self { text: bytes, kind: PhantomData }) } else { Err(IdError) }
    }
}

impl<T> TryFrom<String> for Id<T> {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl<T> From<Id<T>> for String {
    fn from(id: Id<T>) -> Self {
        id.as_str().to_owned()
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident => $alias:ident),* $(,)?) => {$(
        #[doc(hidden)]
        pub enum $kind {}
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A person: mentee, coach or admin. A coach is named by the same id.
    UserKind => UserId,
    /// A session type of one coach.
    SessionTypeKind => SessionTypeId,
    /// A booking, for life: moving it does not change it.
    BookingKind => BookingId,
    /// A hold on a slot.
    HoldKind => HoldId,
    /// A claim on a coach's time.
    ClaimKind => ClaimId,
    /// A coach's link to one provider account.
    IntegrationKind => IntegrationId,
    /// A calendar of a connected account.
    CalendarKind => CalendarId,
    /// A bearer token of the REST API.
    ApiTokenKind => ApiTokenId,
    /// The payment of a booking.
    PaymentKind => PaymentId,
    /// Money of a payment that goes back.
    RefundKind => RefundId,
    /// A piece of work that follows from a committed change.
    JobKind => JobId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_either_case_and_writes_upper() {
        let id: UserId = "01arz3ndektsv4rrffq69g5fav".parse().unwrap();
        assert_eq!(id.as_str(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    }

    #[test]
    fn refuses_what_is_not_a_ulid() {
        for text in ["", "1", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FÄ"] {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }
}
