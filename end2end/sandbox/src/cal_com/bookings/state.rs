//! What is remembered of schedules, event types and bookings.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::core::provider::Provider;

/// When a user can be booked.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) id: i64,
    pub(crate) owner: i64,
    pub(crate) name: String,
    pub(crate) time_zone: String,
    /// Days, begin and end, as they were sent.
    pub(crate) availability: Value,
}

/// What can be booked with a user.
#[derive(Debug, Clone)]
pub(crate) struct EventType {
    pub(crate) id: i64,
    pub(crate) owner: i64,
    pub(crate) slug: String,
    pub(crate) minutes: i64,
    pub(crate) schedule: Option<i64>,
    /// Kind and id of the calendar that its bookings are written to.
    pub(crate) destination: Option<(String, String)>,
    /// As it was sent.
    pub(crate) body: Map<String, Value>,
}

/// A booking.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Booking {
    pub(crate) id: i64,
    pub(crate) uid: String,
    pub(crate) host: i64,
    pub(crate) event_type: i64,
    pub(crate) cancelled: bool,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) location: String,
    pub(crate) attendee: Attendee,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) reason: Option<String>,
    pub(crate) moved_from: Option<String>,
    pub(crate) moved_to: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// Its event in the calendar behind.
    pub(crate) event: Option<Place>,
}

/// Who booked.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attendee {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) time_zone: String,
}

/// Where an event is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Place {
    pub(crate) provider: Provider,
    pub(crate) account: String,
    pub(crate) calendar: String,
    pub(crate) event: String,
}

/// A mail that Cal.com sends by itself.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) about: &'static str,
    pub(crate) uid: String,
}
