//! A booking as programs see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wellmet::{bookings::Booking, model};

use crate::api::shapes::{Time, Ulid, ZoneName};

/// Where a booking stands: `pending` waits for the coach; `confirmed` is agreed; `completed` took place; `no_show`: the client did not come; `declined` by the
/// coach; `expired`: nobody answered in time; `cancelled` by either side.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BookingStatus {
    Pending,
    Confirmed,
    Completed,
    NoShow,
    Declined,
    Expired,
    Cancelled,
}

impl From<model::BookingStatus> for BookingStatus {
    fn from(status: model::BookingStatus) -> Self {
        match status {
            model::BookingStatus::Pending => Self::Pending,
            model::BookingStatus::Confirmed => Self::Confirmed,
            model::BookingStatus::Completed => Self::Completed,
            model::BookingStatus::NoShow => Self::NoShow,
            model::BookingStatus::Declined => Self::Declined,
            model::BookingStatus::Expired => Self::Expired,
            model::BookingStatus::Cancelled => Self::Cancelled,
        }
    }
}

impl From<BookingStatus> for model::BookingStatus {
    fn from(status: BookingStatus) -> Self {
        match status {
            BookingStatus::Pending => Self::Pending,
            BookingStatus::Confirmed => Self::Confirmed,
            BookingStatus::Completed => Self::Completed,
            BookingStatus::NoShow => Self::NoShow,
            BookingStatus::Declined => Self::Declined,
            BookingStatus::Expired => Self::Expired,
            BookingStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// Where a session takes place, as agreed when it was booked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct BookingPlace {
    /// `provider` (a link that the coach's calendar makes), `link`, `jitsi`, `phone` or `in_person`.
    #[schema(example = "provider")]
    kind: &'static str,
    /// The link, number or address that the coach gave; empty for `provider` and `jitsi`, see `meeting_link`.
    #[schema(example = "")]
    value: String,
}

/// What was paid. There is nothing here yet: always null.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct BookingPayment {}

/// A booking: the agreement of a client and a coach. Its id stays for life, also when it is moved.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Booking)]
pub(super) struct BookingBody {
    /// The booking's id.
    #[schema(value_type = Ulid)]
    id: String,
    /// Who booked.
    #[schema(value_type = Ulid)]
    client_id: String,
    /// The client's name.
    #[schema(example = "Jonas Weber")]
    client_name: String,
    /// Who is booked.
    #[schema(value_type = Ulid)]
    coach_id: String,
    /// The coach's name.
    #[schema(example = "Maya Lindqvist")]
    coach_name: String,
    /// What was booked.
    #[schema(value_type = Ulid)]
    session_type_id: String,
    /// The session's name, as agreed.
    #[schema(example = "Coaching session")]
    title: String,
    /// When the session starts.
    #[schema(value_type = Time)]
    session_datetime: String,
    /// When it ends.
    #[schema(value_type = Time)]
    ends_at: String,
    /// Its length in minutes.
    #[schema(example = 60, minimum = 1)]
    duration_minutes: u32,
    /// Where it stands.
    status: BookingStatus,
    /// Until when the coach can answer; then it expires. Null for what is not `pending`.
    #[schema(value_type = Option<Time>, required)]
    answer_by: Option<String>,
    /// Until when the client may move it, or cancel it once it is confirmed.
    #[schema(value_type = Time)]
    changeable_until: String,
    /// How often it was moved.
    #[schema(example = 0, minimum = 0)]
    sequence: i64,
    /// Always null: payments are not part of this site yet.
    #[schema(required)]
    payment_id: Option<String>,
    /// Always null: payments are not part of this site yet.
    #[schema(required)]
    payment: Option<BookingPayment>,
    /// Where to meet online; null while there is no link, and for sessions by phone or in person.
    #[schema(required, example = "https://meet.google.com/abc-defg-hij")]
    meeting_link: Option<String>,
    /// Where it takes place.
    place: BookingPlace,
    /// What the client wants the coach to know; plain text.
    #[schema(required, example = "Looking forward to discussing career transition")]
    notes: Option<String>,
    /// The zone the client booked in.
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// When it was made.
    #[schema(value_type = Time)]
    created_at: String,
    /// When it last changed.
    #[schema(value_type = Time)]
    updated_at: String,
}

impl BookingBody {
    /// `booking` as its parties see it.
    pub(super) fn of(booking: &Booking) -> Self {
        Self {
            id: booking.id.to_string(),
            client_id: booking.client_id.to_string(),
            client_name: booking.client_name.clone(),
            coach_id: booking.coach_id.to_string(),
            coach_name: booking.coach_name.clone(),
            session_type_id: booking.session_type_id.to_string(),
            title: booking.title.clone(),
            session_datetime: booking.starts_at.to_rfc3339(),
            ends_at: booking.ends_at.to_rfc3339(),
            duration_minutes: booking.duration_minutes(),
            status: booking.status.into(),
            answer_by: booking.answer_by.map(model::Instant::to_rfc3339),
            changeable_until: booking.free_until().to_rfc3339(),
            sequence: booking.sequence,
            payment_id: None,
            payment: None,
            meeting_link: booking.meeting_link(),
            place: BookingPlace { kind: booking.place.kind.as_str(), value: booking.place.value.clone() },
            notes: Some(booking.notes.clone()).filter(|notes| !notes.is_empty()),
            time_zone: booking.client_zone.name().to_owned(),
            created_at: booking.created_at.to_rfc3339(),
            updated_at: booking.updated_at.to_rfc3339(),
        }
    }
}
