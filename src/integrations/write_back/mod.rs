//! A confirmed booking is one event in the calendar that the coach chose: made, moved in place, taken away.
//!
//! What is done does not follow from the change that caused the job but from where the booking stands now and what was written last
//! (its record): any attempt, at any time, after whatever broke off, brings the calendar nearer to the booking and never makes
//! a second event. An event that was deleted or moved in the calendar is a hint: the coach is asked ([`Drift`]), the booking stands.

mod again;
mod apply;
mod check;
mod drift;
mod handler;
mod record;
mod view;
mod wish;

pub use again::Asked;
pub(in crate::integrations) use again::all_again;
pub use check::CalendarChecks;
pub use drift::{Drift, DriftAnswer, Drifted};
pub use handler::CalendarEvents;
pub use view::{CalendarEventView, InCalendar};

use crate::{
    Deps,
    jobs::{self, JobKind, NewJob},
    model::{BookingId, Instant, UserId},
    store::{StoreError, Tx, sql},
};

/// What people do about bookings in their calendars: see where each stands, decide about hints, have one written at once. Cheap
/// to clone.
#[derive(Clone)]
pub struct WriteBack {
    deps: Deps,
}

impl WriteBack {
    /// On the database of `deps`.
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

/// Has the event of `booking` made what the booking is, as of its change `ordinal`; nothing when the coach has no calendar for it and nothing
/// waits for a link.
///
/// # Errors
/// What the database says.
pub async fn plan(tx: &mut Tx, deps: &Deps, booking: &crate::bookings::Booking, ordinal: i64, now: Instant) -> Result<(), StoreError> {
    let concerned = sql("SELECT 1 AS n FROM booking_calendar_events WHERE booking_id = $1
         UNION ALL SELECT 1 FROM integration_calendars WHERE coach_id = $2 AND receives_bookings = 1");
    let concerned = concerned.bind(booking.id).bind(booking.coach_id).optional(&mut *tx).await?.is_some();
    if !concerned && !booking.awaits_link() {
        return Ok(());
    }
    let key = format!("calendar_event:{}:{ordinal}", booking.id);
    jobs::enqueue(tx, &*deps.ids, now, job(booking.id, booking.coach_id, key, ordinal, false, now)).await
}

/// A job about the event of a booking. Those of one booking run one after the other.
fn job(booking: BookingId, coach: UserId, key: String, place: i64, check: bool, run_at: Instant) -> NewJob {
    NewJob {
        kind: JobKind::CalendarEvent,
        key,
        lane: Some((format!("calendar_event:{booking}"), place)),
        coach_id: Some(coach),
        booking_id: Some(booking),
        user_id: None,
        payload: serde_json::json!({ "check": check }),
        run_at,
    }
}
