//! `POST /calendar/sync-booking`: has a session written into its coach's calendar now.
//!
//! It is the same work that follows every change, done sooner: nothing here asks a provider. The answer waits a few seconds for the worker;
//! if it is not done by then, `event_id` is null and `status` is `pending`. The coach's own stored credentials are used: an
//! `access_token` that is sent, as older programs do, is not looked at.

use std::time::Duration;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wellmet::{
    integrations::{ProviderKind, write_back::InCalendar},
    model::{BookingId, BookingStatus},
    time::Zone,
};

use crate::{
    api::{
        caller::Caller,
        codes::Code,
        problem::{Problem, ProblemBody},
        refusals::{Always, OfOne, WithBody, WithToken},
        sent::Sent,
        shapes::{Ulid, ZoneName},
    },
    server::AppState,
};

/// How long the answer waits for the worker, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(6);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Which booking, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncBooking {
    /// The booking.
    #[schema(value_type = Ulid)]
    booking_id: BookingId,
    /// The kind of calendar that the coach has bookings written into.
    #[schema(example = "google")]
    calendar_type: CalendarType,
    /// The caller's zone. Events are written as instants with the coach's zone whatever it is.
    #[schema(value_type = ZoneName)]
    timezone: String,
    /// Accepted from older programs, and not looked at: the coach's own stored credentials are used.
    #[serde(default, rename = "access_token")]
    #[schema(rename = "access_token", required = false, nullable = true)]
    _access_token: Option<String>,
}

/// A kind of calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CalendarType {
    Google,
    Outlook,
    Caldav,
    CalCom,
}

/// Where the session is by now.
#[derive(Serialize, ToSchema)]
pub(super) struct Synced {
    /// The event's id at the provider. Null while it is not written, and for all but the coach where the id is an address (Cal.com, CalDAV).
    #[schema(example = "wm01jcz8z5q3v7n2k4m6p8r0t1w3", required)]
    event_id: Option<String>,
    /// Where the session takes place online, if it does.
    #[schema(example = "https://meet.google.com/abc-defg-hij", required)]
    meeting_link: Option<String>,
    /// `confirmed` when the event is in the calendar, `pending` when it is not yet: it will be, without asking again.
    #[schema(example = "confirmed")]
    status: &'static str,
}

/// Write a confirmed booking into its coach's calendar now
///
/// It is the work that follows every change anyway, done sooner. The answer waits a few seconds for it.
#[utoipa::path(
    post,
    path = "/calendar/sync-booking",
    operation_id = "sync_booking",
    tag = "calendar",
    security(("token" = [])),
    request_body = SyncBooking,
    responses(
        (status = 200, description = "Where the session is by now.", body = Synced),
        (status = 409, description = "`not_confirmed`, `no_calendar` or `other_calendar`.", body = ProblemBody, content_type = "application/problem+json"),
        Always, WithToken, WithBody, OfOne
    )
)]
pub(super) async fn post(
    State(app): State<AppState>,
    Caller { identity: viewer, .. }: Caller,
    Sent(asked): Sent<SyncBooking>,
) -> Result<Json<Synced>, Problem> {
    if Zone::parse(&asked.timezone).is_none() {
        return Err(Problem::field("timezone", "An IANA zone such as Europe/Berlin is wanted."));
    }
    let booking = app.bookings.booking(viewer.actor(), asked.booking_id).await?;
    let booking = booking.ok_or_else(|| Problem::new(Code::NotFound, "There is no such booking."))?;
    if booking.status != BookingStatus::Confirmed {
        return Err(Problem::new(Code::NotConfirmed, "Only a confirmed booking is written into a calendar."));
    }
    let receiving = app.write_back.receiving(&booking).await?;
    let receiving = receiving.ok_or_else(|| Problem::new(Code::NoCalendar, "The coach has no calendar that receives bookings."))?;
    if !is_meant(asked.calendar_type, receiving) {
        return Err(Problem::new(Code::OtherCalendar, "The coach’s bookings go into another kind of calendar."));
    }
    let mut view = app.write_back.view(&booking).await?;
    if matches!(view.state, InCalendar::NotYet { .. }) {
        app.write_back.ask(&booking).await?;
        let mut waited = Duration::ZERO;
        while view.state != InCalendar::Written && waited < PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
            waited += LOOK_EVERY;
            view = app.write_back.view(&booking).await?;
        }
    }
    let booking = app.bookings.booking(viewer.actor(), asked.booking_id).await?.unwrap_or(booking);
    // At Cal.com and CalDAV servers the id is an address, which is the coach's alone.
    let shown = booking.coach_id == viewer.id() || matches!(receiving, ProviderKind::Google | ProviderKind::Microsoft);
    let event_id = view.event_id.filter(|_| shown);
    let status = if view.state == InCalendar::Written { "confirmed" } else { "pending" };
    Ok(Json(Synced { event_id, meeting_link: booking.meeting_link(), status }))
}

/// Whether `named` is this `kind`.
const fn is_meant(named: CalendarType, kind: ProviderKind) -> bool {
    match named {
        CalendarType::Google => matches!(kind, ProviderKind::Google),
        CalendarType::Outlook => matches!(kind, ProviderKind::Microsoft),
        CalendarType::Caldav => matches!(kind, ProviderKind::Caldav),
        CalendarType::CalCom => matches!(kind, ProviderKind::CalComManaged | ProviderKind::CalComOauth),
    }
}
