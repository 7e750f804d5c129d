//! A booking as its parties see it.

use crate::{
    accounts::Actor,
    coaches::refund_of,
    error::Internal,
    model::{BookingId, BookingStatus, Currency, Instant, PaymentStep, Place, PlaceKind, Price, RefundPolicy, SessionTypeId, UserId},
    store::{Row, StoreError, Target, sql},
    time::{Interval, Zone},
};

use super::Bookings;

/// A booking with what its pages need of the two people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Its id, for life.
    pub id: BookingId,
    /// Who is booked.
    pub coach_id: UserId,
    /// The coach's name, as it is now.
    pub coach_name: String,
    /// The coach's path segment.
    pub coach_slug: String,
    /// The coach's zone, as it is now.
    pub coach_zone: Zone,
    /// Who booked.
    pub client_id: UserId,
    /// The mentee's name, as it is now.
    pub client_name: String,
    /// The mentee's address, for the coach.
    pub client_email: String,
    /// What was booked.
    pub session_type_id: SessionTypeId,
    /// Where it stands.
    pub status: BookingStatus,
    /// When it starts.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// Minutes kept free before and after, as agreed.
    pub buffers: (u32, u32),
    /// How often it was moved.
    pub sequence: i64,
    /// The session's name, as agreed.
    pub title: String,
    /// What the mentee wrote; plain text, may be empty.
    pub notes: String,
    /// The zone the mentee booked in.
    pub client_zone: Zone,
    /// The mentee may move or cancel until so many minutes before the start, as agreed.
    pub notice_minutes: u32,
    /// The price, as agreed.
    pub price: Price,
    /// What goes back of the price when it does not take place, as agreed.
    pub refund: RefundPolicy,
    /// Whether the price is collected here, and whether it was.
    pub payment: PaymentStep,
    /// Where it takes place, as agreed.
    pub place: Place,
    /// The link that a provider made for it, or what stands in for that; see [`Booking::meeting_link`].
    pub provider_link: Option<String>,
    /// A request is answered by then or expires.
    pub answer_by: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Booking {
    /// Until when the mentee may move or cancel it.
    pub const fn free_until(&self) -> Instant {
        self.starts_at.plus_minutes(-(self.notice_minutes as i64))
    }

    /// The session, without buffers.
    pub const fn session(&self) -> Interval {
        Interval { start: self.starts_at, end: self.ends_at }
    }

    /// Its length in minutes.
    pub fn duration_minutes(&self) -> u32 {
        u32::try_from((self.ends_at.millis() - self.starts_at.millis()) / 60_000).unwrap_or(0)
    }

    /// Whether it waits for its mentee to pay: nobody else is told of it before.
    pub fn is_unpaid(&self) -> bool {
        self.payment == PaymentStep::Awaited
    }

    /// Whether it is a request whose time to be answered is over, though nobody has come by to end it yet. One that waits for its payment
    /// is ended by whoever knows that it cannot be paid any more.
    pub(super) fn has_lapsed(&self, now: Instant) -> bool {
        self.status == BookingStatus::Pending && !self.is_unpaid() && self.answer_by.is_some_and(|by| by <= now)
    }

    /// Whether `actor` may see it: the two parties and admins.
    pub(super) fn is_open_to(&self, actor: Actor) -> bool {
        match actor {
            Actor::Mentee(mentee) => mentee.id() == self.client_id,
            Actor::Coach(coach) => coach.id() == self.coach_id,
            Actor::Admin(_) => true,
        }
    }
}

/// The columns of [`Booking`]; a condition follows.
macro_rules! select_bookings {
    ($condition:literal) => {
        concat!(
            "SELECT b.*, c.slug AS coach_slug, cu.name AS coach_name, cu.time_zone AS coach_zone, u.name AS client_name,
                    u.email AS client_email
             FROM bookings b JOIN coaches c ON c.user_id = b.coach_id JOIN users cu ON cu.id = b.coach_id
             JOIN users u ON u.id = b.client_id ",
            $condition
        )
    };
}
pub(super) use select_bookings;

impl Bookings {
    /// The booking, if it exists and `actor` is one of its parties or an admin.
    ///
    /// # Errors
    /// What the database says.
    pub async fn booking(&self, actor: impl Into<Actor>, id: BookingId) -> Result<Option<Booking>, Internal> {
        let actor = actor.into();
        Ok(find(&self.deps.store, id).await?.filter(|booking| booking.is_open_to(actor)))
    }
}

/// The booking, whoever asks.
pub(crate) async fn find(on: impl Into<Target<'_>>, id: BookingId) -> Result<Option<Booking>, StoreError> {
    let row = sql(select_bookings!("WHERE b.id = $1")).bind(id).optional(on).await?;
    row.as_ref().map(booking_of).transpose()
}

/// A booking from its row.
pub(super) fn booking_of(row: &Row) -> Result<Booking, StoreError> {
    Ok(Booking {
        id: row.get("id")?,
        coach_id: row.get("coach_id")?,
        coach_name: row.get("coach_name")?,
        coach_slug: row.get("coach_slug")?,
        coach_zone: row.parse("coach_zone", Zone::parse)?,
        client_id: row.get("client_id")?,
        client_name: row.get("client_name")?,
        client_email: row.get("client_email")?,
        session_type_id: row.get("session_type_id")?,
        status: row.parse("status", |word| word.parse::<BookingStatus>().ok())?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        buffers: (row.get("buffer_before_minutes")?, row.get("buffer_after_minutes")?),
        sequence: row.get("sequence")?,
        title: row.get("title")?,
        notes: row.get("notes")?,
        client_zone: row.parse("client_time_zone", Zone::parse)?,
        notice_minutes: row.get("notice_minutes")?,
        price: Price { minor: row.get("price_minor")?, currency: row.parse("currency", Currency::parse)? },
        refund: refund_of(row)?,
        payment: row.parse("payment", PaymentStep::parse)?,
        place: Place { kind: row.parse("place_kind", PlaceKind::parse)?, value: row.get("place_value")? },
        provider_link: row.get("meeting_link")?,
        answer_by: row.get("answer_by")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
