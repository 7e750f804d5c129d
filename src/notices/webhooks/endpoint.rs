use crate::{
    accounts::{AdminActor, CoachActor},
    bookings::BookingChange,
    error::Internal,
    integrations::{
        safe_fetch::{Address, Fetch, Refused},
        tokens::{Clear, Place, Unopenable},
    },
    model::{FieldErrors, Id, Instant, UserId},
    store::{Row, StoreError, Target, sql},
};

use super::Webhooks;

#[doc(hidden)]
pub enum EndpointKind {}
/// The id of an endpoint.
pub type EndpointId = Id<EndpointKind>;

#[doc(hidden)]
pub enum DeliveryKind {}
/// The id of what is told to one endpoint about one change.
pub type DeliveryId = Id<DeliveryKind>;

/// Whose endpoints are meant: a coach's own, or those of the site. The only way to one leads through an authenticated person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeper(Option<UserId>);

impl Keeper {
    /// The coach; `None` is the site.
    pub const fn coach(self) -> Option<UserId> {
        self.0
    }

    /// As it is compared in SQL with `COALESCE(coach_id, '')`.
    pub(super) fn key(self) -> String {
        self.0.map_or_else(String::new, |coach| coach.to_string())
    }
}

impl From<CoachActor> for Keeper {
    fn from(coach: CoachActor) -> Self {
        Self(Some(coach.id()))
    }
}
impl From<AdminActor> for Keeper {
    fn from(_: AdminActor) -> Self {
        Self(None)
    }
}

/// Which changes an endpoint hears of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventWanted {
    /// All, those included that later versions bring.
    All,
    /// These.
    Some(Vec<BookingChange>),
}

impl EventWanted {
    /// Whether `change` is among them.
    pub fn has(&self, change: BookingChange) -> bool {
        match self {
            Self::All => true,
            Self::Some(wanted) => wanted.contains(&change),
        }
    }

    /// Of words as a form sends them. `None` when one is unknown, or there is none.
    fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let named: Vec<_> = words.into_iter().map(BookingChange::parse).collect::<Option<_>>()?;
        let wanted: Vec<_> = BookingChange::TOLD.into_iter().filter(|change| named.contains(change)).collect();
        match wanted.len() {
            0 => None,
            all if all == BookingChange::TOLD.len() => Some(Self::All),
            _ => Some(Self::Some(wanted)),
        }
    }

    pub(super) fn parse(stored: &str) -> Option<Self> {
        if stored.is_empty() { Some(Self::All) } else { Self::of_words(stored.split(',')) }
    }

    pub(super) fn stored(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Some(wanted) => wanted.iter().map(|change| change.as_str()).collect::<Vec<_>>().join(","),
        }
    }
}

/// Where someone wants to be told of bookings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// The address that is posted to. A secret: who knows it may post to it.
    pub url: Clear,
    /// What it hears of.
    pub wanted: EventWanted,
    /// Whether anything is sent.
    pub active: bool,
    /// Since when it is switched off because the receiver said that it is gone.
    pub gone_at: Option<Instant>,
    /// Until when the former secret signs as well.
    pub former_secret_until: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
}

/// An endpoint as it is typed.
#[derive(Debug, Clone, Default)]
pub struct EndpointDraft {
    /// The address.
    pub url: String,
    /// The words of the changes wanted ([`BookingChange::as_str`]).
    pub kinds: Vec<String>,
    /// Whether anything is to be sent.
    pub active: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// No such endpoint or delivery of this keeper.
    #[error("not found")]
    NotFound,
    /// What was typed cannot stand.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Something failed here.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for WebhookError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Unopenable> for WebhookError {
    fn from(error: Unopenable) -> Self {
        Self::Internal(Internal::new(error))
    }
}

/// Where the sealed values of an endpoint stand. A former secret keeps its seal when it moves to its new column.
pub(super) fn place<'a>(column: Sealed, endpoint: &'a str, keeper: &'a str) -> Place<'a> {
    let column = match column {
        Sealed::Url => "webhook address",
        Sealed::Secret => "webhook secret",
    };
    Place { column, row: endpoint, owner: keeper }
}

/// What is sealed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sealed {
    Url,
    Secret,
}

impl Webhooks {
    /// The endpoints of `keeper`, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read, or this site's keys do not open an address.
    pub async fn endpoints(&self, keeper: impl Into<Keeper>) -> Result<Vec<Endpoint>, Internal> {
        let keeper = keeper.into();
        self.endpoints_in(&self.deps.store, keeper).await
    }

    pub(super) async fn endpoints_in(&self, on: impl Into<Target<'_>>, keeper: Keeper) -> Result<Vec<Endpoint>, Internal> {
        let rows = sql("SELECT * FROM webhook_endpoints WHERE COALESCE(coach_id, '') = $1 ORDER BY created_at, id");
        rows.bind(keeper.key()).all(on).await?.iter().map(|row| self.endpoint_of(row, keeper)).collect()
    }

    /// The endpoint `id`, if it is `keeper`'s.
    ///
    /// # Errors
    /// As [`Webhooks::endpoints`].
    pub async fn endpoint(&self, keeper: impl Into<Keeper>, id: EndpointId) -> Result<Option<Endpoint>, Internal> {
        let keeper = keeper.into();
        let row = sql("SELECT * FROM webhook_endpoints WHERE id = $1 AND COALESCE(coach_id, '') = $2");
        let row = row.bind(id).bind(keeper.key()).optional(&self.deps.store).await?;
        row.map(|row| self.endpoint_of(&row, keeper)).transpose()
    }

    fn endpoint_of(&self, row: &Row, keeper: Keeper) -> Result<Endpoint, Internal> {
        let (id, sealed): (EndpointId, String) = (row.get("id")?, row.get("url_sealed")?);
        let url = self.vault.open(&sealed, place(Sealed::Url, id.as_str(), &keeper.key())).map_err(Internal::new)?;
        let former: Option<Instant> = row.get("previous_until")?;
        let now = self.deps.clock.now();
        Ok(Endpoint {
            id,
            url,
            wanted: row.parse("kinds", EventWanted::parse)?,
            active: row.get("active")?,
            gone_at: row.get("gone_at")?,
            former_secret_until: former.filter(|until| *until > now),
            created_at: row.get("created_at")?,
        })
    }

    /// What was typed, as it may be stored; `others` are the keeper's other endpoints.
    pub(super) async fn checked(&self, draft: &EndpointDraft, others: &[Endpoint]) -> Result<(Address, EventWanted), FieldErrors> {
        let mut errors = FieldErrors::new();
        let address = match address_of(&self.fetch, &draft.url).await {
            Ok(address) if others.iter().any(|other| other.url.expose() == address.reveal()) => {
                errors.add("url", "This address has a webhook already.");
                None
            }
            Ok(address) => Some(address),
            Err(words) => {
                errors.add("url", words);
                None
            }
        };
        let wanted = EventWanted::of_words(draft.kinds.iter().map(String::as_str));
        if wanted.is_none() {
            errors.add("kinds", "Tick at least one event.");
        }
        match (address, wanted) {
            (Some(address), Some(wanted)) => errors.or((address, wanted)),
            _ => Err(errors),
        }
    }
}

/// The address that was typed, or what is wrong with it.
async fn address_of(fetch: &Fetch, text: &str) -> Result<Address, &'static str> {
    let checked = match fetch.address(text) {
        Ok(address) => fetch.may_connect(&address).await.map(|()| address),
        Err(refused) => Err(refused),
    };
    checked.map_err(|refused| match refused {
        Refused::NotAnAddress => "This is not a web address. Type one like https://example.org/hooks/bookings.",
        Refused::Scheme => "The address must begin with https://: what is sent names people.",
        Refused::Credentials => "The address must not contain a user name or password. Check the signature instead.",
        Refused::Port => "The address must not name an unusual port: webhooks go to port 443.",
        Refused::PrivateNetwork => "This address leads into a private network. Webhooks go to public addresses only.",
    })
}
