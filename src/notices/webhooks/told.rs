//! What a receiver is told, as it is sent.

use serde_json::json;

use crate::{
    bookings::{BookingChange, Change},
    model::Instant,
};

/// The `type` of what is told about a change: `booking.confirmed`.
pub(super) fn kind_of(change: BookingChange) -> String {
    format!("booking.{}", change.as_str())
}

/// The `type` of a test.
pub(super) const PING: &str = "ping";

/// The body about `change`. Status, times and sequence are those after the change, whatever came later; `coach_email` is the coach's address.
pub(super) fn about(change: &Change, coach_email: &str) -> String {
    let booking = &change.booking;
    json!({
        "id": change.id.as_str(),
        "type": kind_of(change.what),
        "created_at": change.at.to_rfc3339(),
        "booking": {
            "id": booking.id.as_str(),
            "ordinal": change.ordinal,
            "status": change.status.as_str(),
            "starts_at": change.starts_at.to_rfc3339(),
            "ends_at": change.ends_at().to_rfc3339(),
            "previous_starts_at": change.moved_from.map(Instant::to_rfc3339),
            "sequence": change.sequence,
            "reason": (!change.why.is_empty()).then_some(&change.why),
            "changed_by": change.by.and(change.role).map(crate::model::Role::as_str),
            "title": booking.title,
            "session_type": { "id": booking.session_type_id.as_str() },
            "coach": {
                "id": booking.coach_id.as_str(),
                "name": booking.coach_name,
                "email": coach_email,
                "time_zone": booking.coach_zone.name(),
            },
            "client": {
                "id": booking.client_id.as_str(),
                "name": booking.client_name,
                "email": booking.client_email,
                "time_zone": booking.client_zone.name(),
            },
            "place": { "kind": booking.place.kind.as_str(), "value": booking.place.value },
            "meeting_link": booking.meeting_link(),
        },
    })
    .to_string()
}

/// The body of a test.
pub(super) fn ping(id: &str, at: Instant) -> String {
    json!({ "id": id, "type": PING, "created_at": at.to_rfc3339() }).to_string()
}
