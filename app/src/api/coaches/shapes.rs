//! A coach and a session type, as they are answered.

use serde::Serialize;
use utoipa::ToSchema;
use wellmet::{
    coaches::{CoachCard, CoachOffer, CoachProfile, SessionType},
    model::{Place, PlaceKind},
};

use crate::api::shapes::{Ulid, ZoneName};

/// A coach.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Coach)]
pub(super) struct CoachShape {
    /// The coach's id: what is meant wherever a `coach_id` is wanted.
    #[schema(value_type = Ulid)]
    user_id: String,
    /// The name in the address of the coach's page. The coach may change it; `user_id` stays.
    #[schema(example = "maya-lindqvist", min_length = 2, max_length = 60)]
    slug: String,
    /// How others see the coach.
    #[schema(example = "Maya Lindqvist")]
    name: String,
    /// One line about what the coach does; may be empty.
    #[schema(example = "Career changes without burning bridges")]
    headline: String,
    /// A few paragraphs of plain text; may be empty. Only where one coach is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, example = "I worked in hospitals for twelve years before I began to coach.")]
    bio: Option<String>,
    /// The languages the coach works in, in the coach's order.
    #[schema(example = json!(["English", "Swedish"]))]
    languages: Vec<String>,
    /// What the coach helps with, in the coach's order.
    #[schema(example = json!(["Career change", "Leadership"]))]
    topics: Vec<String>,
    /// The coach's zone: hours and caps are on this clock.
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// What can be booked now, oldest first.
    session_types: Vec<SessionTypeShape>,
}

impl CoachShape {
    /// One of many.
    pub(super) fn of_card(card: CoachCard, offer: &CoachOffer) -> Self {
        Self {
            user_id: card.id.to_string(),
            slug: card.slug,
            name: card.name,
            headline: card.headline,
            bio: None,
            languages: card.languages,
            topics: card.topics,
            time_zone: card.zone.name().to_owned(),
            session_types: offer.session_types.iter().filter(|kind| kind.active).map(SessionTypeShape::public).collect(),
        }
    }

    /// The one that was asked for.
    pub(super) fn of_profile(profile: CoachProfile) -> Self {
        Self {
            user_id: profile.id.to_string(),
            slug: profile.slug,
            name: profile.name,
            headline: profile.headline,
            bio: Some(profile.bio),
            languages: profile.languages,
            topics: profile.topics,
            time_zone: profile.zone.name().to_owned(),
            session_types: profile.session_types.iter().map(SessionTypeShape::public).collect(),
        }
    }
}

/// A session type: what can be booked. Lengths are minutes of elapsed time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionType)]
pub(super) struct SessionTypeShape {
    /// Its id.
    #[schema(value_type = Ulid)]
    pub(super) id: String,
    /// Its name in addresses, unique for the coach. It stays when the name changes.
    #[schema(example = "career-crossroads")]
    slug: String,
    /// What clients read first.
    #[schema(example = "Career crossroads")]
    name: String,
    /// A paragraph or two of plain text; may be empty.
    #[schema(example = "Where you stand, where you could go, and what to try first.")]
    description: String,
    /// How long a session takes.
    #[schema(example = 60, minimum = 5, maximum = 720)]
    duration_minutes: u32,
    /// From one start on offer to the next, counted from where a window of the coach's hours opens.
    #[schema(example = 30, minimum = 5, maximum = 720)]
    step_minutes: u32,
    /// Kept free before a session.
    #[schema(example = 0, minimum = 0, maximum = 240)]
    buffer_before_minutes: u32,
    /// Kept free after a session.
    #[schema(example = 15, minimum = 0, maximum = 240)]
    buffer_after_minutes: u32,
    /// How long ahead a session must be booked, and may be moved or cancelled by the client.
    #[schema(example = 720, minimum = 0, maximum = 86_400)]
    notice_minutes: u32,
    /// How many days ahead it may be booked, of 24 hours each.
    #[schema(example = 60, minimum = 1, maximum = 730)]
    horizon_days: u32,
    /// At most so many sessions of this type on one date of the coach's. Null: as many as fit.
    #[schema(example = 4, minimum = 1, maximum = 100, required)]
    daily_cap: Option<u32>,
    /// At most so many in one week of the coach's, Monday to Sunday. Null: as many as fit.
    #[schema(example = 12, minimum = 1, maximum = 500, required)]
    weekly_cap: Option<u32>,
    /// What it costs, in the currency's smallest unit (cents). 0 is free.
    #[schema(example = 9000, minimum = 0, maximum = 100_000_000)]
    price_minor: i64,
    /// The currency of the price: ISO 4217, three capital letters.
    #[schema(example = "EUR", min_length = 3, max_length = 3)]
    currency: String,
    /// Whether each request waits for the coach to accept it.
    #[schema(example = false)]
    approval_required: bool,
    /// Where it takes place.
    place: PlaceShape,
    /// Whether it can be booked now.
    #[schema(example = true)]
    active: bool,
}

/// Where a session takes place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
pub(super) struct PlaceShape {
    /// How.
    kind: PlaceKindShape,
    /// `link`: the coach's own link. `jitsi`: the server, or empty for the usual one. `in_person`: the address. `phone`: a number, or
    /// empty. `provider`: empty. All but the address is for the coach alone and empty for others: whoever books is told.
    #[schema(example = "https://meet.example.com/maya", max_length = 300)]
    value: String,
}

/// How a session takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlaceKind)]
pub(super) enum PlaceKindShape {
    /// By a link that the coach's calendar makes for each session.
    Provider,
    /// By the coach's own link, always the same.
    Link,
    /// In a Jitsi room made for the session.
    Jitsi,
    /// By phone.
    Phone,
    /// At an address.
    InPerson,
}

impl SessionTypeShape {
    /// As its coach sees it.
    pub(super) fn own(kind: &SessionType) -> Self {
        let rules = &kind.rules;
        Self {
            id: kind.id.to_string(),
            slug: kind.slug.clone(),
            name: kind.name.clone(),
            description: kind.description.clone(),
            duration_minutes: rules.duration_minutes,
            step_minutes: rules.step_minutes,
            buffer_before_minutes: rules.buffer_before_minutes,
            buffer_after_minutes: rules.buffer_after_minutes,
            notice_minutes: rules.notice_minutes,
            horizon_days: rules.horizon_days,
            daily_cap: rules.daily_cap,
            weekly_cap: rules.weekly_cap,
            price_minor: kind.price.minor,
            currency: kind.price.currency.as_str().to_owned(),
            approval_required: kind.approval_required,
            place: PlaceShape::of(&kind.place),
            active: kind.active,
        }
    }

    /// As everyone else does.
    fn public(kind: &SessionType) -> Self {
        let mut shape = Self::own(kind);
        if kind.place.kind != PlaceKind::InPerson {
            shape.place.value.clear();
        }
        shape
    }
}

impl PlaceShape {
    fn of(place: &Place) -> Self {
        let kind = match place.kind {
            PlaceKind::Provider => PlaceKindShape::Provider,
            PlaceKind::Link => PlaceKindShape::Link,
            PlaceKind::Jitsi => PlaceKindShape::Jitsi,
            PlaceKind::Phone => PlaceKindShape::Phone,
            PlaceKind::InPerson => PlaceKindShape::InPerson,
        };
        Self { kind, value: place.value.clone() }
    }
}
